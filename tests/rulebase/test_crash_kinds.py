"""A kind of crash: whom it concerns, and what advice is for whom."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from diagnose.core.values import Confidence
from diagnose.rulebase.crash_kinds import CrashKind, KindAdvice, KindVersions

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


def test_what_is_known_of_versions_is_worded_for_those_it_may_be() -> None:
    kind = replace(
        KIND,
        advice=(KindAdvice("swap", trainers=("mine", "yours")),),
        versions=(
            KindVersions("torchao", "go back to 0.10.0", since="0.17"),
            KindVersions("yours", "update", before="2025-07-29"),
        ),
    )
    torchao, yours = "torchao from 0.17: go back to 0.10.0", "yours before 2025-07-29: update"
    assert kind.versions_for([]) == (torchao, yours)
    assert kind.versions_for(["mine"]) == (torchao,)
    assert kind.versions_for(["mine", "yours"]) == (torchao, yours)
