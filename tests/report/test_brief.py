"""The short page: what to do and every fault before the first table, each story in one entry."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import shown

from diagnose.report.brief import brief
from diagnose.report.formats import render
from diagnose.verdict.report import Report


def test_the_page_in_order(failing: Report) -> None:
    blocks = shown(brief(failing))
    heads = [block for block in blocks if block.startswith("#")]
    assert heads == ["# run-v15", "## What to do now", "## What was found", "## Figures", "## The next config"]
    assert blocks[1] == (
        "**Failing.** The low-noise expert overpowers the high-noise one: the motion fades. How sure: high confidence; "
        "its limits are from one reference run. Another run of this config would end the same way."
    )
    assert blocks[2].endswith("interrupted at step 3069. You set `weight_ratio_min` to `1.4` instead of `1.5`.")
    assert blocks[-2].startswith("Not checked: 4 checks; add the previews (samples/) for 2 of them.")


def test_a_story_is_one_entry_with_its_evidence_and_its_members_by_title(failing: Report) -> None:
    blocks = shown(brief(failing))
    first, second, minor = blocks[blocks.index("## What was found") + 1].splitlines()
    assert first == (
        "1. **Critical: The learning-rate ratio is too small for motion.** The high-noise rate was 1.35 times the "
        "low-noise rate in the last row; motion needs at least 3. As a result: From step 2400 to 3000 the low-noise "
        "weights grew by 7.1 %, the high-noise ones by 5.4 %; the weight ratio ended at 1.19, under 1.50. How sure: high confidence; its limits are from one reference "
        "run. Where: `metrics_run-v15.jsonl:3070`, step 3069. Rule: `lr-ratio-too-small`. Same story: The low-noise expert overpowers the "
        "high-noise one (critical); The high-noise expert is too weak for motion (major)."
    )
    assert second.startswith("2. **Major: The run trained too long.**")
    assert minor.startswith("3. **Minor: Too many steps are configured.**")


def test_findings_of_one_rule_are_one_entry(healthy: Report, failing: Report) -> None:
    keys = [replace(failing.findings[4], subject=name, message=f"{name} is not read.") for name in "abcdef"]
    blocks = shown(brief(replace(healthy, findings=tuple(keys))))
    (entry,) = blocks[blocks.index("## What was found") + 1].splitlines()
    assert entry.endswith(
        "a is not read. How sure: high confidence. Rule: `steps-configured-too-many`. Also: b is not read; c is not read; d is not read; 2 more."
    )


def test_tables_come_after_the_last_fault(failing: Report) -> None:
    text = render(failing, "markdown")
    assert text.index("Too many steps are configured") < text.index("| ---")


def test_the_figures_and_the_keys_that_change(failing: Report) -> None:
    text = render(failing, "markdown")
    assert "| Learning rate, last logged   |    1.48e-4 |    1.1e-4 |" in text
    assert "LR ratio high/low: 1.35 in the log; 2.00 in the config, in effect." in text
    assert "Best checkpoints: steps 1900 to 2100." in text
    assert "| `train.optimizer_params.high_noise_lr_bump` | `1e-5`  | `2e-5` |" in text


def test_a_healthy_run_has_no_fault(healthy: Report) -> None:
    blocks = shown(brief(healthy))
    assert "No fault." in blocks
    assert "Nothing to change." in blocks
    assert "## The next config" not in blocks


def test_a_config_shows_how_it_does_in_the_checklist(ahead: Report) -> None:
    blocks = shown(brief(ahead))
    assert "Checklist: 1 passed, 1 failed, 1 unknown." in blocks
