"""The values that cross borders between layers: their order, their identity, how a place reads."""

from __future__ import annotations

import pytest

from diagnose.core.values import Confidence, Fact, Place, Quality, Severity


def test_the_worst_severity_and_the_surest_confidence_come_first() -> None:
    assert sorted(Severity, key=lambda each: each.rank) == [
        Severity.BLOCKER, Severity.CRITICAL, Severity.MAJOR, Severity.MINOR, Severity.INFO, Severity.GOOD
    ]  # fmt: skip
    assert [each.rank for each in (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("place", "text"), [(Place("a.yaml", 3), "a.yaml:3"), (Place("a.safetensors"), "a.safetensors")]
)
def test_a_place_reads_as_editors_understand_it(place: Place, text: str) -> None:
    assert str(place) == text


def test_a_fact_is_known_by_name_and_subject_and_only_an_unknown_one_has_no_value() -> None:
    known = Fact("log.lr_last", "high", 1e-4)
    unknown = Fact("log.lr_last", "high", None, quality=Quality.UNKNOWN)
    assert known.key == unknown.key == ("log.lr_last", "high")
    assert (known.known, unknown.known) == (True, False)
