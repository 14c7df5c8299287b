"""How sure: what is ruled out, supported and left, the cheapest test, and every claim under its grade."""

from __future__ import annotations

from dataclasses import replace

from diagnose.core.model import Confidence, Place
from diagnose.report.sections.certainty import certainty
from diagnose.report.sections.findings import good
from diagnose.verdict.judgement import Citation, Evidence, RivalState, RivalTest, WeighedRival
from diagnose.verdict.report import Report

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
        lowered="one step lower, because this run supports another explanation",
        capped=None,
        rivals=(AVERAGED, ASKED, OVERTRAINED, replace(AVERAGED, id="b", title="another")),
        cheapest_test=SWEEP,
    )
    lead, lines = certainty(item)
    facts = "(`config.ema` = `no` in `c.yaml:7`)"
    assert lead == "**How sure.** Low confidence; one step lower, because this run supports another explanation."
    assert lines.splitlines() == [
        "- *Supported by this run:* It was overtrained. (`run.steps_trained` = `3070 steps` in `log.jsonl:9`)",
        "- *Not ruled out:* It was asked. Provide the config. Was it?",
        f"- *Ruled out by this run:* a case of averaged {facts}; another {facts}.",
        "- *Cheapest test* (minutes): Render one checkpoint at two strengths.",
    ]


def test_what_waits_for_the_same_file_shares_a_line(failing: Report) -> None:
    waiting = rival("waiting", RivalState.OPEN, needs=("the config",))
    more = rival("more", RivalState.OPEN, needs=("the config", "the log"))
    undecided = rival("undecided", RivalState.OPEN, STEPS)
    lines = certainty(replace(failing.findings[2], rivals=(waiting, undecided, more, ASKED)))[1]
    assert lines.splitlines() == [
        "- *Not ruled out:* It was undecided. (`run.steps_trained` = `3070 steps` in `log.jsonl:9`)",
        "- *Not ruled out:* It was asked. Provide the config. Was it?",
        "- *Not ruled out; provide the config:* a case of waiting; a case of more (also the log).",
    ]


def test_that_nothing_else_is_left_is_said(failing: Report) -> None:
    lead = certainty(replace(failing.findings[2], rivals=(AVERAGED,), unrivalled=True))[0]
    assert lead.endswith("Every other explanation we know of is ruled out.")
    assert "ruled out" not in certainty(replace(failing.findings[2], rivals=(AVERAGED,)))[0]


def test_every_claim_stands_under_its_grade_the_surest_first(failing: Report) -> None:
    claims = (Citation("A-01", "", "contested"), Citation("B-02", ""), Citation("C-03", "", "corroborated"),
              Citation("D-04", "", "contested"))  # fmt: skip
    lines = certainty(replace(failing.findings[2], claims=claims))[1]
    assert lines == "- *Claims:* C-03 (corroborated); A-01, D-04 (contested); B-02."


def test_what_went_well_is_doubted_as_well(failing: Report) -> None:
    praised = replace(failing.findings[-1], rivals=(AVERAGED, OVERTRAINED))
    shown = "\n".join(good(replace(failing, findings=(praised,))))
    assert shown.endswith("But this run supports another explanation: It was overtrained.")


def test_what_is_no_claim_of_the_document_stands_where_the_claims_do(failing: Report) -> None:
    sources = ("toolkit/optimizers.py:12", "two runs of one's own")
    lines = certainty(replace(failing.findings[2], claims=(), sources=sources))[1]
    assert lines == "- *Sources:* toolkit/optimizers.py:12; two runs of one's own."
