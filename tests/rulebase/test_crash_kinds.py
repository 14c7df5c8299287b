"""A kind of crash: whom it concerns, and what advice is for whom."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from diagnose.core.values import Confidence
from diagnose.rulebase.crash_kinds import CrashKind, KindAdvice

KIND = CrashKind("x", "X", "X.", ("x",), Confidence.HIGH)


@pytest.mark.parametrize(
    ("of", "asked", "concerned"),
    [
        (("any",), ("mine",), True),
        (("mine", "yours"), ("yours",), True),
        (("mine",), ("yours",), False),
        (("mine",), (), True),
        (("mine",), ("yours", "mine"), True),
    ],
)
def test_a_kind_is_of_its_trainers_and_of_those_that_are_unknown(
    of: tuple[str, ...], asked: tuple[str, ...], concerned: bool
) -> None:
    assert replace(KIND, trainers=of).concerns(asked) is concerned


ADVICE = replace(
    KIND,
    advice=(
        KindAdvice("swap", trainers=("mine", "yours")),
        KindAdvice("fewer frames"),
        KindAdvice("offload", trainers=("mine",)),
        KindAdvice("again", trainers=("mine", "yours")),
    ),
)


@pytest.mark.parametrize(
    ("trainers", "told"),
    [
        (("mine",), ("swap", "fewer frames", "offload", "again")),
        (("yours",), ("swap", "fewer frames", "again")),
        (("mine", "yours"), ("swap", "fewer frames", "again", "with mine: offload")),
        ((), ("swap", "fewer frames", "again", "with mine: offload")),
        (("mine", "theirs"), ("fewer frames", "with mine: swap, or offload, or again")),
        (("theirs",), ("fewer frames",)),
    ],
)
def test_what_helps_every_trainer_comes_first_and_the_rest_by_trainer(
    trainers: tuple[str, ...], told: tuple[str, ...]
) -> None:
    assert ADVICE.advice_for(trainers) == told


def test_what_is_for_others_is_told_by_name_where_nothing_else_is_known() -> None:
    others = replace(KIND, advice=(KindAdvice("swap", trainers=("mine",)), KindAdvice("wait", trainers=("yours",))))
    assert others.advice_for(("theirs",)) == ("with mine: swap", "with yours: wait")
