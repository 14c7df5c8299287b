"""Versions that are known to crash: how they are named, and which to take instead."""

from __future__ import annotations

import pytest

from diagnose.rulebase.crash_versions import KindVersions
from diagnose.rulebase.environments import PartRange


@pytest.mark.parametrize(
    ("known", "way", "words"),
    [
        (
            KindVersions("quanto", "changed", "x", since="0.2.5", back_to="0.2.4"),
            "go back to quanto 0.2.4",
            "quanto from 0.2.5: changed; go back to quanto 0.2.4",
        ),
        (
            KindVersions("deepspeed", "fails", "x", since="0.17.1", before="0.18.2", back_to="0.17.0"),
            "go back to deepspeed 0.17.0, or take 0.18.2 or later",
            "deepspeed from 0.17.1 before 0.18.2: fails; go back to deepspeed 0.17.0, or take 0.18.2 or later",
        ),
        (
            KindVersions("torch", "has no code", "x", before="2.7", beside=(PartRange("gpu", like="RTX 50"),)),
            "take torch 2.7 or later",
            "torch before 2.7: has no code; take torch 2.7 or later",
        ),
        (
            KindVersions("trainer", "pins too much", "x", before="2026-07-11"),
            "take trainer of 2026-07-11 or later",
            "trainer before 2026-07-11: pins too much; take trainer of 2026-07-11 or later",
        ),
        (
            KindVersions("triton", "lacks a part", "x", since="3.3", beside=(PartRange("torch", before="2.7"),)),
            None,
            "triton from 3.3 with torch before 2.7: lacks a part",
        ),
    ],
)
def test_versions_are_worded_with_the_one_to_take(known: KindVersions, way: str | None, words: str) -> None:
    assert known.way == way
    assert known.words == words


def test_a_day_is_no_version_number() -> None:
    assert KindVersions("trainer", "s", "x", since="2025-10-01").dated
    assert not KindVersions("torch", "s", "x", before="2.7").dated


def test_an_advice_that_names_the_version_has_told_it() -> None:
    known = KindVersions("quanto", "changed", "x", since="0.2.5", back_to="0.2.4")
    assert known.told_in("install quanto 0.2.4")
    assert not known.told_in("install the pins")
