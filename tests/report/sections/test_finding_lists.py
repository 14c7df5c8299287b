"""The findings off the first page: one rule's together, and what is only worth knowing in a line."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import lines, read, shown

import diagnose.api  # noqa: F401 - has the views shown
from diagnose.core.values import Confidence, Place, Severity
from diagnose.report.sections.finding_lists import (
    behind,
    highlights,
    how_sure,
    in_a_line,
    not_checked,
    other,
    others,
    story,
    worth_knowing,
)
from diagnose.verdict.ignored import Ignored
from diagnose.verdict.judgement import Citation, Evidence, Finding, RivalState, RivalTest, WeighedRival
from diagnose.verdict.report import Report
from diagnose.verdict.stories import Story

SWEEP = RivalTest("Render.", "minutes", ())
OVERTRAINED = WeighedRival("o", "overtraining", "Both are.", RivalState.SUPPORTED, (), (), "reported", (), SWEEP)


def test_the_story_says_what_why_and_how_sure(failing: Report) -> None:
    title, why, sure = lines(story(failing))
    assert title.startswith("**The learning-rate ratio is too small for motion.** The high-noise rate was 1.35")
    assert why.startswith("As a result: From step 2400 to 3000 the low-noise weights grew")
    assert sure.startswith("How sure: high confidence; ")


def test_a_likely_cause_and_a_result_as_grave_come_before_the_reason(failing: Report) -> None:
    ratio, heavy, weak, *_ = failing.findings
    assert lines(behind(Story(heavy, (ratio,), ()))) == [f"Likely cause: {ratio.message}"]
    assert lines(behind(Story(heavy, (), (weak, heavy)))) == [f"As a result: {heavy.message}"]
    assert lines(behind(Story(heavy, (), (weak,)))) == [heavy.why]


def test_only_so_much_of_the_reason_as_is_short(failing: Report) -> None:
    item = failing.findings[0]
    short = replace(item, why="One e.g. this.  Two.\nThree.")
    assert lines(behind(Story(short, (), ()))) == ["One e.g. this. Two."]
    assert lines(behind(Story(replace(item, why=f"One. L{'long ' * 40}."), (), ()))) == ["One."]
    assert behind(Story(replace(item, why=""), (), ())) == []


def test_doubt_names_the_other_cause_or_else_why(failing: Report) -> None:
    low = replace(failing.findings[0], confidence=Confidence.LOW, lowered="one run only", limits=())
    assert read(how_sure(low)) == "low confidence; one run only"
    doubted = replace(low, rivals=(OVERTRAINED,))
    assert read(how_sure(doubted)) == "low confidence; this run also fits another cause: overtraining"


def test_findings_by_title_the_surest_first(failing: Report) -> None:
    item = replace(failing.findings[0], severity=Severity.INFO)
    found = (
        replace(item, rule="A", title="first", confidence=Confidence.LOW),
        replace(item, rule="B", title="second"),
        replace(item, rule="B", title="second", subject="x"),
        replace(item, rule="C", title="third"),
    )
    report = replace(failing, findings=found)
    assert read(in_a_line(report, Severity.INFO)) == "second (2 times); third (high); first (low)"
    assert read(in_a_line(report, Severity.INFO, 1)) == "first (low); 2 more"
    assert read(in_a_line(report, Severity.INFO, 0)) == "3 findings"
    assert in_a_line(report, Severity.GOOD) == ()


def test_what_was_not_checked_is_one_line(failing: Report, healthy: Report) -> None:
    assert read(not_checked(failing)) == (
        "Not checked: 4 checks; add the previews (samples/) for 2 of them. Not read, or repaired: `loss_log.db`."
    )
    assert not_checked(healthy) == ()
    alone = replace(failing, not_evaluated=failing.not_evaluated[-1:], unread=())
    assert read(not_checked(alone)) == "Not checked: 1 check."


def test_what_is_ignored_is_named_with_the_reason_in_every_view(failing: Report) -> None:
    first = Ignored("no-previews", "TRP043", "run", Severity.MINOR, "No preview", "None.", "we *render* them", None)
    second = Ignored("other-rule", "TRP044", "run", Severity.MINOR, "Other", "None.", "", None)
    report = replace(failing, ignored=(first, second))
    assert "Ignored, as you say: `no-previews` (we \\*render\\* them), `other-rule`." in read(not_checked(report))
    for form in ("markdown", "terminal", "html"):
        assert "Ignored, as you say: " in " ".join(report.to(form, width=300).split()), form
    assert "Ignored" not in read(not_checked(failing))


def found(subject: str, severity: Severity, message: str, rule: str = "TRP001") -> Finding:
    seen = (Evidence("config.unknown_key", "a key", subject, "", subject, Place("config.yaml", line=7)),)
    claims = (Citation("CFG-01", "A claim."),)
    return Finding("config-key-unknown", rule, subject, severity, Confidence.HIGH, "A key is not read", message, "So.",
                   claims, (), seen, (), (), (), ())  # fmt: skip


def test_one_rules_findings_stand_together(healthy: Report) -> None:
    keys = tuple(found(f"train.{name}", Severity.MINOR, f"train.{name} is not read") for name in ("a", "b", "c"))
    worse = tuple(found(f"x{n}", Severity.MAJOR, "worse", rule=f"ABC{n}") for n in range(3))
    page = shown(other(replace(healthy, findings=(*worse, *keys))))
    assert [block for block in page if block.startswith("###")] == ["### A key is not read"]
    assert page[-2] == "**The same for 2 others.**"
    assert page[-1] == (
        "- train.b is not read. · `config-key-unknown` · `config.yaml:7` · CFG-01\n"
        "- train.c is not read. · `config-key-unknown` · `config.yaml:7` · CFG-01"
    )


def test_what_is_worth_knowing_takes_a_line(healthy: Report) -> None:
    report = replace(healthy, findings=(found("train.a", Severity.INFO, "train.a has no effect"),))
    assert shown(other(report)) == []
    assert shown(worth_knowing(report)) == [
        "## Worth knowing",
        "- train.a has no effect. · `config-key-unknown` · `config.yaml:7` · CFG-01",
    ]
    assert shown(worth_knowing(healthy)) == []


def of(report: Report, *findings: tuple[str, Severity, tuple[str, ...]]) -> Report:
    """The report with findings of these names, severities and explained names instead of its own."""
    pattern = report.findings[0]
    made = (replace(pattern, name=name, severity=severity, explains=explains) for name, severity, explains in findings)
    return replace(report, findings=tuple(made))


def test_the_failing_run_leads_with_its_worst_story(failing: Report) -> None:
    shown = [[member.name for member in story.members] for story in highlights(failing)]
    assert shown == [["lr-ratio-too-small", "low-noise-overpowering", "high-noise-too-weak"], ["trained-too-long"]]


def test_minor_findings_lead_only_alone(failing: Report) -> None:
    report = of(failing, ("minor", Severity.MINOR, ()), ("info", Severity.INFO, ()), ("good", Severity.GOOD, ()))
    assert [story.head.name for story in highlights(report)] == ["minor"]
    assert highlights(of(failing, ("info", Severity.INFO, ()))) == ()
    assert "steps-configured-too-many" not in {story.head.name for story in highlights(failing)}


def test_the_rest_keeps_explained_findings_and_leaves_out_praise(failing: Report) -> None:
    left = [finding.name for finding in others(failing)]
    assert left == ["low-noise-overpowering", "high-noise-too-weak", "steps-configured-too-many"]
