"""One finding in full."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import TITLES, shown

from diagnose.core.values import Confidence, Place
from diagnose.report.sections.finding_lists import good
from diagnose.report.sections.one_finding import certainty, finding
from diagnose.verdict.judgement import ChainLink, Citation, Evidence, RivalState, RivalTest, WeighedRival
from diagnose.verdict.report import Report


def test_blocks_come_in_order(failing: Report) -> None:
    blocks = shown(finding(failing.findings[1], TITLES))
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
    assert "Builds on" not in "\n".join(shown(finding(cause, TITLES)))


def test_many_changes_are_referred_to_the_next_config(failing: Report) -> None:
    item = replace(failing.findings[0], changes=(*failing.findings[1].changes, *failing.findings[0].changes * 6))
    change = shown(finding(item, TITLES))[-1]
    assert change.startswith("**What to change.** Use the checkpoint of step 2100")
    assert change.count("high_noise_lr_bump") == 4
    assert change.endswith("and 2 more, see *The next config*")


def test_a_note_shared_by_neighbours_is_given_once(failing: Report) -> None:
    item = failing.findings[0]
    noted = replace(item, evidence=tuple(replace(fact, note="read at the end") for fact in item.evidence))
    assert "\n".join(shown(finding(noted, TITLES))).count("(read at the end)") == 1


def test_a_bare_finding_has_no_empty_parts(failing: Report) -> None:
    capped = "Severity lowered: only one checkpoint pair lies after step 2400."
    assert shown(finding(failing.findings[2], TITLES)) == [
        "### The high-noise expert is too weak for motion",
        "**Major** · `high-noise-too-weak` · high-noise expert",
        "Its weight magnitude is 0.005605; strong motion needs 0.008.",
        f"**How sure.** High confidence. {capped}",
    ]


EMA = Evidence("config.ema", "weights are averages", value=False, unit="", subject="run", source=Place("c.yaml", 7))
STEPS = Evidence("run.steps_trained", "steps", 3070, "steps", "run", Place("log.jsonl", 9))
SWEEP = RivalTest("Render one checkpoint at two strengths.", "minutes", ("overtrained", "asked"))


def rival(id_: str, state: RivalState, *evidence: Evidence, needs: tuple[str, ...] = ()) -> WeighedRival:
    says = f"It was {id_}."
    return WeighedRival(id_, f"a case of {id_}", says, state, evidence, needs, "reported", ("x/y #1",), SWEEP)


AVERAGED = rival("averaged", RivalState.RULED_OUT, EMA)
OVERTRAINED = rival("overtrained", RivalState.SUPPORTED, STEPS)
ASKED = rival("asked", RivalState.OPEN, needs=("the config", "Was it?"))


def test_each_rival_left_has_a_line_and_those_ruled_out_share_one(failing: Report) -> None:
    item = replace(
        failing.findings[2],
        confidence=Confidence.LOW,
        lowered="lowered: another cause fits this run too",
        capped=None,
        rivals=(AVERAGED, ASKED, OVERTRAINED, replace(AVERAGED, id="b", title="another")),
        cheapest_test=SWEEP,
    )
    lead, lines = shown(certainty(item, TITLES))
    facts = "(`config.ema` = `no` in `c.yaml:7`)"
    assert lead == "**How sure.** Low confidence (lowered: another cause fits this run too)."
    assert lines.splitlines() == [
        "- *Fits this run too:* It was overtrained. (`run.steps_trained` = `3070 steps` in `log.jsonl:9`)",
        "- *Not ruled out:* It was asked. To check, add the config. Was it?",
        f"- *Ruled out:* a case of averaged {facts}; another {facts}.",
        "- *Quickest check* (minutes): Render one checkpoint at two strengths.",
    ]


def test_what_waits_for_the_same_file_shares_a_line(failing: Report) -> None:
    waiting = rival("waiting", RivalState.OPEN, needs=("the config",))
    more = rival("more", RivalState.OPEN, needs=("the config", "the log"))
    undecided = rival("undecided", RivalState.OPEN, STEPS)
    lines = shown(certainty(replace(failing.findings[2], rivals=(waiting, undecided, more, ASKED)), TITLES))[1]
    assert lines.splitlines() == [
        "- *Not ruled out:* It was undecided. (`run.steps_trained` = `3070 steps` in `log.jsonl:9`)",
        "- *Not ruled out:* It was asked. To check, add the config. Was it?",
        "- *Not ruled out; to check, add the config:* a case of waiting; a case of more (also the log).",
    ]


def test_that_nothing_else_is_left_is_said(failing: Report) -> None:
    lead = shown(certainty(replace(failing.findings[2], rivals=(AVERAGED,), unrivalled=True), TITLES))[0]
    assert lead.endswith("Every other known cause is ruled out.")
    assert "ruled out" not in shown(certainty(replace(failing.findings[2], rivals=(AVERAGED,)), TITLES))[0]


def test_every_claim_stands_under_its_grade_the_surest_first(failing: Report) -> None:
    claims = (Citation("A-01", "", "contested"), Citation("B-02", ""), Citation("C-03", "", "corroborated"),
              Citation("D-04", "", "contested"))  # fmt: skip
    lines = shown(certainty(replace(failing.findings[2], claims=claims), TITLES))[1]
    assert lines == "- *Claims:* C-03 (corroborated); A-01, D-04 (contested); B-02."


def test_what_went_well_is_doubted_as_well(failing: Report) -> None:
    praised = replace(failing.findings[-1], rivals=(AVERAGED, OVERTRAINED))
    text = "\n".join(shown(good(replace(failing, findings=(praised,)))))
    assert text.endswith("But another cause fits too: It was overtrained.")


def test_what_is_no_claim_of_the_document_stands_where_the_claims_do(failing: Report) -> None:
    sources = ("toolkit/optimizers.py:12", "two runs of one's own")
    lines = shown(certainty(replace(failing.findings[2], claims=(), sources=sources), TITLES))[1]
    assert lines == "- *Sources:* toolkit/optimizers.py:12; two runs of one's own."
