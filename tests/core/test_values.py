"""The values that cross borders between layers: their order, their identity, how a place reads."""

from __future__ import annotations

import pytest

from diagnose.core.values import Confidence, Fact, Place, Quality, Severity, size


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


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "1 kB"),
        (900, "1 kB"),
        (999_999, "1000 kB"),
        (1e6, "1.0 MB"),
        (1.5e6, "1.5 MB"),
        (9.9e6, "9.9 MB"),
        (10e6, "10 MB"),
        (1e9, "1.0 GB"),
        (1.2268e9, "1.2 GB"),
        (26.99e9, "27 GB"),
        (132e9, "132 GB"),
        (1e12, "1.0 TB"),
        (1.5e12, "1.5 TB"),
    ],
)
def test_a_size_reads_as_on_a_disk(count: float, words: str) -> None:
    assert size(count) == words
