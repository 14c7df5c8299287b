"""The words that every explanation shares."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from diagnose.cli.explain_rule import at, come_by, distance, threshold, whom
from diagnose.core.values import Fact, Place, Quality
from diagnose.rulebase.rule import Param
from diagnose.verdict.examine import Distance


@pytest.mark.parametrize(
    ("gap", "share", "words"),
    [
        (0, 0.0, "exactly at the limit"),
        (1.5, 0.5, "1.5 above the limit (50 % of it)"),
        (-2, None, "2 below the limit"),
    ],
)
def test_how_far_a_value_is_from_its_limit(gap: float, share: float | None, words: str) -> None:
    assert distance(Distance(gap, share)) == words


def test_the_first_few_places_are_named() -> None:
    places = tuple(Place("log", line=line) for line in range(1, 6))
    assert at(places) == "log:1, log:2, log:3 and 2 more"
    assert (
        at((Place("a.yaml", key="train.lr"), Place("b.safetensors", step=100)))
        == "a.yaml, train.lr, b.safetensors, step 100"
    )
    assert at(()) == ""


def test_how_a_value_was_come_by() -> None:
    fact = Fact("lr.ratio", "run", 1.4, quality=Quality.ESTIMATED, samples=7, note="the median")
    assert come_by(fact) == "estimated from 7 observations; the median"
    assert come_by(replace(fact, quality=Quality.EXACT, note="")) == "exact"


def test_whom_it_is_about() -> None:
    assert [whom(name) for name in ("run", "high")] == ["", " of high"]


def test_a_threshold_says_where_it_comes_from_and_what_it_replaces() -> None:
    param = Param("lr_ratio_min", 3, "", "CFG-05", 1)
    assert threshold(param) == "lr_ratio_min = 3 (CFG-05; runs behind it: 1)"
    own = replace(param, value=2, overridden=True, replaced=3)
    assert threshold(own) == "lr_ratio_min = 2, set by you in place of 3 (CFG-05; runs behind it: 1)"
