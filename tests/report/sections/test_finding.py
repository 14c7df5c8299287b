"""One finding in full."""

from __future__ import annotations

from dataclasses import replace

from diagnose.report.sections.finding import finding
from diagnose.verdict.judgement import ChainLink
from diagnose.verdict.report import Report


def test_blocks_come_in_order(failing: Report) -> None:
    blocks = finding(failing.findings[1], "###")
    leads = [block.split(".**")[0] for block in blocks]
    assert leads[0] == "### The low-noise expert overpowers the high-noise one"
    assert leads[1] == "**Critical** · `low-noise-overpowering`"
    assert blocks[3].startswith("- **1.19** · ")
    assert [leads[4], leads[5], leads[7]] == ["**Why it matters", "**How sure", "**What to change"]
    assert blocks[5].startswith("**How sure.** Medium confidence.")
    assert blocks[6].splitlines() == [
        "- *Known limits:* A LoRA of another rank starts from another random reading.",
        "- *Builds on:* The learning-rate ratio is too small for motion.",
        "- *Claims:* WGT-02 (single-run); MON-03.",
    ]


def test_what_a_cause_explains_is_not_said_twice(failing: Report) -> None:
    cause = replace(failing.findings[0], chain=(ChainLink("W", "high-noise-too-weak", "The expert is weak"),))
    assert "Builds on" not in "\n".join(finding(cause, "###"))


def test_many_changes_are_referred_to_the_next_config(failing: Report) -> None:
    item = replace(failing.findings[0], changes=(*failing.findings[1].changes, *failing.findings[0].changes * 6))
    change = finding(item, "###")[-1]
    assert change.startswith("**What to change.** Use the checkpoint of step 2100")
    assert change.count("high_noise_lr_bump") == 4
    assert change.endswith("and 2 more under *The next config*")


def test_a_note_shared_by_neighbours_is_given_once(failing: Report) -> None:
    item = failing.findings[0]
    noted = replace(item, evidence=tuple(replace(fact, note="read at the end") for fact in item.evidence))
    assert "\n".join(finding(noted, "###")).count("(read at the end)") == 1


def test_a_bare_finding_has_no_empty_parts(failing: Report) -> None:
    capped = "Ranked lower than the rule asks: only one checkpoint pair lies after step 2400."
    assert finding(failing.findings[2], "###") == [
        "### The high-noise expert is too weak for motion",
        "**Major** · `high-noise-too-weak` · high-noise expert",
        "Its weight magnitude is 0.005605; strong motion needs 0.008.",
        f"**How sure.** High confidence. {capped}",
    ]
