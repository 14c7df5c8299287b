"""The one place where facts come into being: declared, typed, finite, once."""

from __future__ import annotations

import math

import pytest
from builders import facts_of, recorder

from diagnose.core.errors import EngineError
from diagnose.core.values import Notation, Quality, Scalar


def test_a_fact_carries_what_is_declared_of_it() -> None:
    record = recorder()
    record.known("lr.ratio", 4.0, samples=3)
    fact = facts_of(record)["lr.ratio", "run"]
    assert (fact.value, fact.quality, fact.samples, fact.notation) == (4.0, Quality.ESTIMATED, 3, Notation.RATIO)


@pytest.mark.parametrize(
    ("name", "value"),
    [("lr.ratio", "four"), ("lr.ratio", True), ("run.crashed", 1), ("run.crash_kind", 1), ("run.no_such", 1)],
)
def test_a_fact_of_another_type_or_name_is_an_error(name: str, value: Scalar) -> None:
    with pytest.raises(EngineError):
        recorder().known(name, value)


def test_nothing_is_recorded_twice() -> None:
    record = recorder()
    record.known("lr.ratio", 4)
    with pytest.raises(EngineError, match="recorded twice"):
        record.unknown("lr.ratio")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_finite_is_unknown_and_says_so(value: float) -> None:
    record = recorder()
    record.known("lr.ratio", value)
    fact = facts_of(record)["lr.ratio", "run"]
    assert not fact.known
    assert str(value) in fact.note


def test_what_nobody_records_is_known_to_be_unknown() -> None:
    facts = facts_of(recorder())
    assert facts["lr.ratio", "run"].quality is Quality.UNKNOWN
    assert {("log.lr_last", "high"), ("log.lr_last", "low")} <= facts.keys()
    assert facts["lr.ratio", "run"].note.startswith("provide ")


def test_a_fact_of_another_recorder_takes_the_place_of_an_unknown_one_only() -> None:
    record, other = recorder(), recorder()
    record.known("lr.ratio", 4)
    record.unknown("log.rows")
    for name, value in (("lr.ratio", 5), ("log.rows", 6)):
        other.known(name, value)
    for fact in other.recorded.values():
        record.adopt(fact)
    assert (record.number("lr.ratio"), record.number("log.rows")) == (4, 6)


def test_what_was_recorded_is_read_by_its_type() -> None:
    record = recorder()
    record.known("run.crashed", value=True)
    record.known("log.rows", 6)
    record.unknown("lr.ratio")
    assert (record.truth("run.crashed"), record.truth("log.rows"), record.truth("run.killed")) == (True, None, None)
    assert (record.number("log.rows"), record.number("run.crashed"), record.number("lr.ratio")) == (6, None, None)
    assert (record.places("log.rows"), record.places("lr.ratio"), record.places("run.killed")) == ((), None, None)
