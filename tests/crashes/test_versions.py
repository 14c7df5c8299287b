"""The versions of a kind of crash against those that were read: which agree, which speak against it, what gives way."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from diagnose.core.values import Confidence, Place
from diagnose.crashes.reading import HowItEnded, read_end
from diagnose.crashes.versions import NOTHING_READ, Fit, ReadVersions, held_versions, speak_against
from diagnose.rulebase.crash_kinds import CrashKind
from diagnose.rulebase.crash_versions import KindVersions
from diagnose.rulebase.environments import PartRange
from diagnose.sources.console_text.end_region import EndRegion
from diagnose.sources.environment.component import Component

AT = Place("log.txt", line=7)
QUANTO = KindVersions("optimum-quanto", "changed", "x", since="0.2.5", back_to="0.2.4", needed=True)
KIND = CrashKind("quanto", "Q", "Q.", ("no qweight",), Confidence.HIGH, versions=(QUANTO,), before=("other",))
OTHER = CrashKind("other", "O", "O.", ("qweight",), Confidence.MEDIUM)
ERROR = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nAttributeError: no qweight'


def read(**versions: str) -> ReadVersions:
    names = {name.replace("_", "-"): version for name, version in versions.items()}
    return ReadVersions({name: Component(name, version, AT) for name, version in names.items()})


def ended(versions: ReadVersions, *kinds: CrashKind) -> HowItEnded:
    region = EndRegion()
    for number, line in enumerate(ERROR.splitlines(), start=1):
        region.add(number, line.encode())
    return read_end(region.text(), {kind.id: kind for kind in kinds}, {}, versions=versions)


def fit(known: KindVersions, versions: ReadVersions, text: str = "") -> Fit | None:
    held = held_versions(replace(KIND, versions=(known,)), text, versions)
    return held[0].fit if held else None


def test_a_version_is_one_of_those_that_fail_or_none_or_unknown() -> None:
    assert fit(QUANTO, read(optimum_quanto="0.2.7")) is Fit.ONE_OF_THEM
    assert fit(QUANTO, read(optimum_quanto="0.2.5")) is Fit.ONE_OF_THEM
    assert fit(QUANTO, read(optimum_quanto="0.2.4")) is Fit.NONE_OF_THEM
    assert fit(QUANTO, read(torch="2.7.0")) is Fit.UNKNOWN


def test_what_must_be_beside_it_counts_too() -> None:
    triton = KindVersions("triton", "s", "x", since="3.3", beside=(PartRange("torch", before="2.7"),))
    assert fit(triton, read(triton="3.3.1", torch="2.6.0")) is Fit.ONE_OF_THEM
    assert fit(triton, read(triton="3.3.1", torch="2.7.0")) is Fit.NONE_OF_THEM
    assert fit(triton, read(triton="3.3.1")) is Fit.UNKNOWN
    assert fit(triton, read(torch="2.7.0")) is Fit.NONE_OF_THEM


@pytest.mark.parametrize(
    ("since", "before", "day", "expected"),
    [
        (None, "2026-07-11", date(2026, 7, 10), Fit.ONE_OF_THEM),
        (None, "2026-07-11", date(2026, 7, 11), Fit.UNKNOWN),
        ("2025-10-01", "2026-07-11", date(2025, 9, 30), Fit.NONE_OF_THEM),
        ("2025-10-01", "2026-07-11", date(2026, 1, 1), Fit.UNKNOWN),
        ("2025-10-01", "2026-07-11", None, Fit.UNKNOWN),
    ],
)
def test_a_day_decides_one_way_only(since: str | None, before: str, day: date | None, expected: Fit) -> None:
    known = KindVersions("trainer", "s", "x", since=since, before=before)
    held = held_versions(replace(KIND, versions=(known,)), "", ReadVersions(day=day, day_place=AT), ["trainer"])
    assert [each.fit for each in held] == [expected]


def test_what_is_read_is_told_with_its_place() -> None:
    (held,) = held_versions(KIND, "", read(optimum_quanto="0.2.7"))
    assert (held.read, held.places) == ("optimum-quanto 0.2.7 (log.txt:7)", (AT,))


def test_versions_of_another_trainer_or_of_another_message_are_left_out() -> None:
    trainers = replace(KIND, versions=(KindVersions("yours", "s", "x", before="0.10.0"),))
    assert not held_versions(trainers, "", NOTHING_READ)
    assert not held_versions(trainers, "", NOTHING_READ, ["mine"])
    assert not held_versions(trainers, "", NOTHING_READ, ["mine", "yours"])
    assert held_versions(trainers, "", NOTHING_READ, ["yours"])
    assert held_versions(replace(trainers, trainers=("yours",)), "", NOTHING_READ)
    assert fit(replace(QUANTO, where="layer"), NOTHING_READ, "a view") is None
    assert fit(replace(QUANTO, where="layer"), NOTHING_READ, "a layer") is Fit.UNKNOWN


def test_only_needed_versions_speak_against_a_kind() -> None:
    strange = read(optimum_quanto="0.2.4")
    assert speak_against(held_versions(KIND, "", strange))
    assert not speak_against(held_versions(KIND, "", NOTHING_READ))
    assert not speak_against(held_versions(replace(KIND, versions=(replace(QUANTO, needed=False),)), "", strange))
    either = replace(KIND, versions=(QUANTO, KindVersions("torch", "s", "x", since="2.6", needed=True)))
    assert not speak_against(held_versions(either, "", strange))


def test_a_kind_that_the_versions_speak_against_is_less_sure() -> None:
    for versions, sure in ((NOTHING_READ, "high"), (read(optimum_quanto="0.2.4"), "medium")):
        match = ended(versions, KIND).match
        assert match is not None
        assert match.sure.value == sure


def test_it_gives_way_to_another_kind_of_the_same_words() -> None:
    for versions, kind in ((read(optimum_quanto="0.2.7"), "quanto"), (read(optimum_quanto="0.2.4"), "other")):
        match = ended(versions, KIND, OTHER).match
        assert match is not None
        assert match.kind.id == kind


def test_versions_that_are_none_of_a_run_are_told_only_where_the_kind_needs_them() -> None:
    strange = read(optimum_quanto="0.2.4")
    assert ended(strange, KIND).versions
    assert not ended(strange, replace(KIND, versions=(replace(QUANTO, needed=False),))).versions
