"""A kind of crash: whom it concerns, and what advice is for whom."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from diagnose.core.values import Confidence
from diagnose.rulebase.crash_kinds import CrashKind

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
