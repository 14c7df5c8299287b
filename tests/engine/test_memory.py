from __future__ import annotations

import pytest

from diagnose.core.errors import EngineError
from diagnose.core.values import Fact, Quality
from diagnose.engine.memory import Memory
from diagnose.rulebase.rule import EACH

RATE = Fact("rate", "high", 0.0)
LOST = Fact("rate", "low", None, quality=Quality.UNKNOWN)


def conclusion(*, value: bool | None) -> Fact:
    return Fact("weak", "high", value, quality=Quality.UNKNOWN if value is None else Quality.EXACT)


def test_unknown_and_never_produced_read_alike() -> None:
    memory = Memory([RATE, LOST], frozenset())
    assert memory.read(("rate", "high")) == RATE
    assert memory.read(("rate", "low")) is None
    assert memory.read(("rate", "run")) is None


def test_an_unknown_fact_still_has_its_subject() -> None:
    memory = Memory([RATE, LOST], frozenset())
    assert memory.subjects("rate") == {"high", "low"}
    assert memory.subjects("loss") == frozenset()


def test_what_was_not_concluded_is_false_once_settled_and_unknown_before() -> None:
    memory = Memory([RATE], frozenset({"weak"}))
    assert memory.read(("weak", "high")) is None
    memory.settle(["weak"], [])
    assert memory.read(("weak", "high")) == Fact("weak", "high", value=False)


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [(False, True, True), (True, False, True), (False, None, None), (None, False, None), (None, True, True)],
)
def test_a_conclusion_of_two_stages_keeps_the_stronger_answer(
    *, first: bool | None, second: bool | None, kept: bool | None
) -> None:
    memory = Memory([], frozenset({"weak"}))
    memory.settle(["weak"], [conclusion(value=first)])
    memory.settle(["weak"], [conclusion(value=second)])
    assert memory.read(("weak", "high")) == (None if kept is None else conclusion(value=kept))


def test_two_facts_of_one_name_and_subject_are_an_error() -> None:
    with pytest.raises(EngineError, match="rate of high is given twice"):
        Memory([RATE, Fact("rate", "high", 1.0)], frozenset())


def test_a_given_fact_must_not_be_derived() -> None:
    with pytest.raises(EngineError, match="rate of high is given, and a rule derives it"):
        Memory([RATE], frozenset({"rate"}))


def test_what_is_open_for_every_subject_is_unknown_of_any_but_those_it_was_concluded_of() -> None:
    memory = Memory([], frozenset({"weak"}))
    assert not memory.is_open("weak")
    unsure = Fact("weak", EACH, None, quality=Quality.UNKNOWN)
    memory.settle(["weak"], [conclusion(value=True), Fact("weak", "low", value=False), unsure])
    assert memory.is_open("weak")
    assert memory.read(("weak", "high")) == conclusion(value=True)
    assert [memory.read(("weak", subject)) for subject in ("low", "run", "datasets[0]", EACH)] == [None] * 4
    assert memory.subjects("weak") == {"high", "low"}
    assert memory.left_open() == (unsure,)
