"""The next config: from, to, why, on whose word."""

from __future__ import annotations

from dataclasses import replace

from diagnose.core.model import Severity
from diagnose.report.sections.next_run import next_config
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.verdict.judgement import Conflict, Supposed, Supposition
from diagnose.verdict.report import Report


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_changes_as_a_table_and_a_diff(failing: Report) -> None:
    heading, summary, rows, lead, origins, diff, where = next_config(failing)
    assert (heading, summary) == (
        "## The next config",
        "Strategy: **recommended**. 3 keys change. 1 thing more for you to do, under *What to do now*.",
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
    assert failing.next.config not in "\n".join(next_config(failing))


def test_removed_and_doubtful_keys_are_marked(failing: Report) -> None:
    key = replace(failing.next.changes[0], op=ChangeOp.REMOVE, new=None, applicability=Applicability.REVIEW)
    rows = next_config(replace(failing, next=replace(failing.next, changes=(key,))))[2].splitlines()
    assert cells(rows[0])[-1] == "Safe to apply"
    assert cells(rows[2])[1:3] == ["`1e-5`", "removed"]
    assert cells(rows[2])[-1] == "look at it first"


def test_conflicts_show_both_wishes(failing: Report) -> None:
    conflict = Conflict("train.lr", (("one-rule", "set it to 1e-4"), ("another-rule", "remove the key")))
    blocks = next_config(replace(failing, next=replace(failing.next, conflicts=(conflict,))))
    assert "- `train.lr`: `one-rule` wants set it to 1e-4; `another-rule` wants remove the key" in blocks


def test_no_change_is_said_with_its_reason(unknown: Report) -> None:
    assert next_config(unknown) == [
        "## The next config",
        "Strategy: **recommended**. No key changes. There is no config to start from.",
    ]


def test_a_config_that_stays_as_it_is_is_not_called_right_where_findings_stand(failing: Report) -> None:
    plan = replace(failing.next, changes=(), diff=None, note="no key of the config changes")
    assert next_config(replace(failing, next=plan))[1] == (
        "Strategy: **recommended**. No key changes. What is wrong is not a key that can be set for you; "
        "*What to do now* lists what is left to you."
    )
    sound = replace(failing, next=plan, findings=())
    assert next_config(sound)[1].endswith("No key changes. Nothing in the config needs to change.")
    more = Supposition(("motion",), (Supposed("few-clips", "DST011", Severity.MINOR, "Few clips", "Few."),))
    answers = (more, Supposition(("character", "style"), ()))
    assert next_config(replace(sound, suppositions=answers))[1].endswith(
        "Nothing in the config needs to change as far as was judged, and the intent was not. "
        "`--intent motion` adds 1 finding, the worst of them minor; `--intent character or style` adds nothing."
    )


def test_a_next_config_that_would_still_be_stopped_is_called_so(failing: Report) -> None:
    fault = Supposed("arch-unknown", "TRP022", Severity.BLOCKER, "The trainer does not know it", "No.")
    minor = replace(fault, name="few-clips", severity=Severity.MINOR)
    blocks = next_config(replace(failing, next=replace(failing.next, standing=(fault, minor))))
    assert blocks[2] == "**The next config would still be blocked (arch-unknown).**"
    failed = replace(fault, severity=Severity.CRITICAL)
    blocks = next_config(replace(failing, next=replace(failing.next, standing=(failed,), diff=None)))
    assert blocks[2] == "**This config would still fail (arch-unknown).**"
    assert next_config(replace(failing, next=replace(failing.next, standing=(minor,)))) == next_config(failing)
