"""The next run as a value: what of it a file shows, and which plan is to be acted on."""

from __future__ import annotations

from msgspec.structs import replace

from diagnose.core.values import Severity
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.verdict.judgement import Change, Supposed
from diagnose.verdict.next.next_config import (
    Disk,
    ExpertConfig,
    Later,
    NextConfig,
    TwoRuns,
    edits,
    left_to_the_user,
)

EDIT = Change("train.steps", ChangeOp.SET, 1, 2, "so", (), Applicability.SAFE, ("a",))
RENAME = replace(EDIT, path="config.name", rules=())
ADVICE = replace(EDIT, path="", op=ChangeOp.ADVISE)
BY_HAND = replace(EDIT, applicability=Applicability.MANUAL)
PLAN = NextConfig("recommended", (EDIT, ADVICE, BY_HAND), (), "text", "diff", "")


def fault(severity: Severity) -> Supposed:
    return Supposed("a", "A", severity, "A", "It is.")


def test_a_file_shows_what_a_key_holds_and_is_safe_enough() -> None:
    assert edits(PLAN.changes) == (EDIT,)
    assert left_to_the_user(PLAN.changes) == (ADVICE, BY_HAND)
    assert PLAN.written == (EDIT,)
    assert replace(PLAN, diff=None).written == ()


def test_a_new_name_alone_improves_nothing() -> None:
    assert PLAN.improves
    renamed = replace(PLAN, changes=(RENAME,))
    assert not renamed.improves
    assert not replace(PLAN, diff=None).improves
    two = (ExpertConfig("high", None, (RENAME,), "", ""), ExpertConfig("low", None, (RENAME, EDIT), "", ""))
    assert replace(renamed, configs=two).improves
    assert not replace(renamed, configs=two[:1]).improves


def test_only_what_fails_stops_the_next_run() -> None:
    severities = (Severity.BLOCKER, Severity.CRITICAL, Severity.MAJOR)
    plan = replace(PLAN, standing=tuple(map(fault, severities)))
    assert [each.severity for each in plan.stopped_by] == [Severity.BLOCKER, Severity.CRITICAL]


def test_two_runs_that_are_advised_take_the_place_of_one() -> None:
    assert PLAN.shown is PLAN
    wait = (Later(EDIT, "so"),)
    own = (ExpertConfig("high", None, (EDIT,), "", ""),)
    two = TwoRuns(own, (), Disk(2, False, 10, 20), wait, (fault(Severity.MINOR),))
    shown = replace(PLAN, advised=two).shown
    assert (shown.config, shown.diff, shown.advised) == (None, None, None)
    assert (shown.configs, shown.disk, shown.later, shown.standing) == (own, two.disk, wait, two.standing)


def test_of_two_configs_those_changes_are_alike_that_both_make_to_the_same_value() -> None:
    assert PLAN.alike == (EDIT,)
    half, other = replace(EDIT, new=1), replace(EDIT, path="train.lr")
    high = ExpertConfig("high", None, (half, other, RENAME, ADVICE), "", "")
    low = ExpertConfig("low", None, (replace(other, new=3), half, ADVICE), "", "")
    assert replace(PLAN, configs=(high, low)).alike == (half,)


def test_the_sum_on_the_disk_is_told_in_words() -> None:
    assert Disk(22, True, 1_226_800_000, 26_990_000_000).words == "22 pairs at 1.2 GB = 27 GB"
    assert Disk(2, False, 371_000, 742_000).words == "2 files at 371 kB = 742 kB"
