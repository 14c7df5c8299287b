"""The next config: from, to, why, on whose word."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import TITLES, shown

from diagnose.core.values import Severity
from diagnose.domains.wan22.experts import Expert
from diagnose.report.sections.next_config_page import next_config, two_runs, watching
from diagnose.rulebase.knowledge import PlanItem
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.verdict.judgement import Change, Conflict, Supposed, Supposition
from diagnose.verdict.next.next_config import ExpertConfig
from diagnose.verdict.report import Report


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_changes_as_a_table_and_a_diff(failing: Report) -> None:
    heading, summary, rows, lead, origins, diff, where = shown(next_config(failing))
    assert (heading, summary) == (
        "## The next config",
        "Strategy: **recommended**. 3 keys change. Also do by hand: 1 thing, see *What to do now*.",
    )
    lines = rows.splitlines()
    assert cells(lines[0]) == ["Key", "From", "To", "Why"]
    assert cells(lines[3]) == [
        "`train.optimizer_params.low_noise_max_lr`",
        "absent",
        "`1e-4`",
        "it must not outgrow",
    ]
    assert len(lines) == 5
    assert lead == "**Which rules ask for it.**"
    assert "- `lr-ratio-too-small` (CFG-01): `train.optimizer_params.high_noise_lr_bump`" in origins
    assert diff.startswith("```diff\n--- config.yaml\n")
    assert "-      steps: 10000\n" in diff
    assert "JSON report" in where
    assert failing.next.config is not None
    assert failing.next.config not in "\n".join(shown(next_config(failing)))


def test_removed_and_doubtful_keys_are_marked(failing: Report) -> None:
    key = replace(failing.next.changes[0], op=ChangeOp.REMOVE, new=None, applicability=Applicability.REVIEW)
    rows = shown(next_config(replace(failing, next=replace(failing.next, changes=(key,)))))[2].splitlines()
    assert cells(rows[0])[-1] == "Safe to apply"
    assert cells(rows[2])[1:3] == ["`1e-5`", "removed"]
    assert cells(rows[2])[-1] == "check it first"


def test_conflicts_show_both_wishes(failing: Report) -> None:
    conflict = Conflict("train.lr", (("one-rule", "set it to 1e-4"), ("another-rule", "remove the key")))
    blocks = shown(next_config(replace(failing, next=replace(failing.next, conflicts=(conflict,)))))
    assert "- `train.lr`: set it to 1e-4 (`one-rule`); remove the key (`another-rule`)" in blocks


def test_no_change_is_said_with_its_reason(unknown: Report) -> None:
    assert shown(next_config(unknown)) == [
        "## The next config",
        "Strategy: **recommended**. No key changes. There is no config to start from.",
    ]


def test_a_config_that_stays_as_it_is_is_not_called_right_where_findings_stand(failing: Report) -> None:
    plan = replace(failing.next, changes=(), diff=None, note="no key of the config changes")
    assert shown(next_config(replace(failing, next=plan)))[1] == (
        "Strategy: **recommended**. No key changes. No key can fix this for you; *What to do now* says what you can do."
    )
    sound = replace(failing, next=plan, findings=())
    assert shown(next_config(sound))[1].endswith("No key changes. Nothing in the config needs to change.")
    more = Supposition(("motion",), (Supposed("few-clips", "DST011", Severity.MINOR, "Few clips", "Few."),))
    answers = (more, Supposition(("character", "style"), ()))
    assert shown(next_config(replace(sound, suppositions=answers)))[1].endswith(
        "Nothing in the config needs to change, as far as it can be checked without the intent. "
        "`--intent motion` adds 1 finding (worst: minor); `--intent character or style` adds nothing."
    )


def test_a_next_config_that_would_still_be_stopped_is_called_so(failing: Report) -> None:
    fault = Supposed("arch-unknown", "TRP022", Severity.BLOCKER, "The trainer does not know it", "No.")
    minor = replace(fault, name="few-clips", severity=Severity.MINOR)
    blocks = shown(next_config(replace(failing, next=replace(failing.next, standing=(fault, minor)))))
    assert blocks[2] == "**The next config would still be blocked (arch-unknown).**"
    failed = replace(fault, severity=Severity.CRITICAL)
    blocks = shown(next_config(replace(failing, next=replace(failing.next, standing=(failed,), diff=None))))
    assert blocks[2] == "**This config would still fail (arch-unknown).**"
    assert shown(next_config(replace(failing, next=replace(failing.next, standing=(minor,))))) == shown(
        next_config(failing)
    )


def change(path: str, old: float | bool | None, new: float | bool | None, op: ChangeOp = ChangeOp.SET) -> Change:
    return Change(path, op, old, new, "so it is", (), Applicability.REVIEW, ())


def pair(name: str | None = "wave") -> list[ExpertConfig]:
    snr = change("train.min_snr_gamma", 5, None, ChangeOp.REMOVE)
    rate = change("train.lr", 1e-4, 2.5e-5)
    both = {expert: name and f"{name}_{expert.value}" for expert in Expert}
    return [
        ExpertConfig(Expert.HIGH, both[Expert.HIGH], (snr,), "text", "diff"),
        ExpertConfig(Expert.LOW, both[Expert.LOW], (snr, rate), "text", "diff"),
    ]


def test_each_run_has_a_column() -> None:
    (table,) = shown([two_runs(pair(), TITLES, reasons=True)])
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert head[2:4] == ["To, for the high-noise expert", "To, for the low-noise expert"]
    assert [row[:4] for row in rows] == [
        ["`train.min_snr_gamma`", "`5`", "removed", "removed"],
        ["`train.lr`", "`1e-4`", "unchanged", "`2.5e-5`"],
    ]


def test_without_reasons_there_is_no_such_column() -> None:
    (table,) = shown([two_runs(pair(), TITLES, reasons=False)])
    assert "so it is" not in table
    assert "Why" not in table


def test_a_missing_name_is_asked_for(failing: Report) -> None:
    for name, asked in (("wave", 0), (None, 1)):
        plan = replace(failing.next, configs=tuple(pair(name)))
        told = "\n".join(shown(next_config(replace(failing, next=plan))))
        assert told.count("give each run its own") == asked


def test_what_to_know_is_of_pairs_alone(failing: Report) -> None:
    items = (PlanItem("stop", "Stop.", ("STOP-01",)), PlanItem("split", "Untested.", ("SEQ-01",)))
    told = shown(next_config(replace(failing, plan=items)))
    assert told[-3:-1] == ["**One expert at a time: what to know.**", "- Untested. (SEQ-01)"]
    assert not any("One expert" in block for block in shown(next_config(replace(failing, plan=items[:1]))))


def test_the_plan_around_the_config_stands_part_by_part(failing: Report, unknown: Report) -> None:
    items = (PlanItem("stop", "Stop.", ("STOP-01",)), PlanItem("look", "Look.", ("MON-01", "MON-02")))
    assert shown(watching(replace(failing, plan=items))) == [
        "## While the next run trains",
        "**When to look.**",
        "- Look. (MON-01, MON-02)",
        "**When to stop.**",
        "- Stop. (STOP-01)",
    ]
    assert watching(unknown) == []
