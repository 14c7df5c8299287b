"""`knowledge/crashes/*.yaml` and `knowledge/phases.yaml`, read and checked. Their texts are tried by `rules test`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import PurePath
from string import Formatter
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, Field, StringConstraints, TypeAdapter

from diagnose.core.errors import nearest
from diagnose.core.values import Confidence
from diagnose.rulebase.crash_kinds import CRASHES, CrashKind, KindEnd, KindText, Phase, RunsOutOf, System
from diagnose.rulebase.crash_versions import KindVersions
from diagnose.rulebase.domain import ANY
from diagnose.rulebase.environments import PartRange
from diagnose.rulebase.faults import Fault, KeyPath, quoted
from diagnose.rulebase.reading.environment_file import PartShape, VersionNumber
from diagnose.rulebase.reading.schema import Trainers
from diagnose.rulebase.reading.shapes import (
    Chosen,
    Listed,
    Pattern,
    Prose,
    RuleName,
    SettingName,
    Shape,
    Some,
    TrainerName,
    Word,
    frozen,
    validate,
)
from diagnose.rulebase.walk import reached
from diagnose.rulebase.yaml_places import Document

LONGEST_TITLE, LONGEST_MEANING, LONGEST_ADVICE = 60, 300, 160


class _NearShape(Shape):
    pattern: Pattern
    needs: bool = False
    sure: Chosen[Confidence] | None = None


class _AdviceShape(Shape):
    say: Annotated[Prose, StringConstraints(max_length=LONGEST_ADVICE)]
    trainers: Listed[TrainerName] = Field(default_factory=list)
    phases: Listed[RuleName] = Field(default_factory=list)
    systems: Listed[Chosen[System]] = Field(default_factory=list)
    sets: dict[str, bool] = Field(default_factory=dict)


class _BehindShape(Shape):
    setting: SettingName
    entry: Word | None = None


class _VersionsShape(Shape):
    of: RuleName
    say: Prose
    source: Prose
    since: VersionNumber | None = Field(None, alias="from")
    before: VersionNumber | None = None
    back_to: VersionNumber | None = None
    beside: Listed[PartShape] = Field(default_factory=list)
    where: Pattern | None = None
    needed: bool = False


class _TextShape(Shape):
    text: str
    kind_values: dict[str, str] = Field(default_factory=dict)


_Text: TypeAlias = Annotated[
    _TextShape, BeforeValidator(lambda value: {"text": value} if isinstance(value, str) else value)
]


class _TestsShape(Shape):
    match: Some[_Text]
    near_misses: Some[str] = Field(alias="not")


class _KindShape(Shape):
    id: RuleName
    title: Annotated[Prose, StringConstraints(max_length=LONGEST_TITLE)]
    means: Annotated[Prose, StringConstraints(max_length=LONGEST_MEANING)]
    runs_out_of: Chosen[RunsOutOf] | None = None
    by_others: bool = False
    ends: Chosen[KindEnd] = KindEnd.DIED
    sure: Chosen[Confidence]
    trainers: Trainers
    alone: bool = False
    signatures: Some[Pattern]
    near: Listed[_NearShape] = Field(default_factory=list)
    excluded: Listed[Pattern] = Field(default_factory=list, alias="not")
    phases: Listed[RuleName] = Field(default_factory=list)
    before: Listed[RuleName] = Field(default_factory=list)
    told_by: Listed[RuleName] = Field(default_factory=list)
    behind: Listed[_BehindShape] = Field(default_factory=list)
    advice: Listed[_AdviceShape] = Field(default_factory=list)
    shows: Listed[Prose] = Field(default_factory=list)
    versions: Listed[_VersionsShape] = Field(default_factory=list)
    sources: Some[Prose]
    tests: _TestsShape


def read_kind(document: Document) -> Mapping[str, CrashKind]:
    """Return the kind of one file by its id."""
    shape = validate(_KindShape.model_validate, document)
    if shape is None:
        return {}
    if shape.id != (stem := PurePath(document.file).stem):
        document.note(("id",), f"the file is called {stem}; call both the same")
        return {}
    document.faults.extend(_wording(shape, document))
    document.faults.extend(_limits(shape, document))
    document.faults.extend(_unnamed_values(shape, document))
    kind = frozen(
        CrashKind,
        shape,
        versions=list(map(_versions, shape.versions)),
        match=[frozen(KindText, each) for each in shape.tests.match],
        near_misses=shape.tests.near_misses,
    )
    return {kind.id: kind}


def _versions(shape: _VersionsShape) -> KindVersions:
    return frozen(KindVersions, shape, beside=[frozen(PartRange, part) for part in shape.beside])


def _limits(shape: _KindShape, document: Document) -> Iterator[Fault]:
    """Yield a fault for each entry of versions without a limit, and each version to go back to that fails, too."""
    for index, each in enumerate(map(_versions, shape.versions)):
        path: KeyPath = ("versions", index)
        if each.since is None and each.before is None:
            yield document.fault(path, "give from, before or both")
        elif each.back_to is not None and each.own.holds(each.back_to):
            yield document.fault((*path, "back_to"), "this version is one of those that fail")
        if each.say.endswith("."):
            yield document.fault((*path, "say"), "leave out the full stop; it becomes part of a sentence")


def _wording(shape: _KindShape, document: Document) -> Iterator[Fault]:
    if not shape.title[0].isupper() or shape.title.endswith("."):
        yield document.fault(("title",), "write a headline: a capital first, no full stop")
    if not shape.means[0].isupper() or not shape.means.endswith("."):
        yield document.fault(("means",), "write a sentence: a capital first, a full stop last")
    for index, each in enumerate(shape.advice):
        if each.say.endswith("."):
            yield document.fault(("advice", index, "say"), "leave out the full stop; it becomes part of a sentence")
    if shape.ends in {KindEnd.DIED, KindEnd.KILLED} and not shape.advice:
        yield document.fault((), "say under advice what to do")


def _unnamed_values(shape: _KindShape, document: Document) -> Iterator[Fault]:
    """Yield a fault for each value that is named and that no pattern gives."""
    patterns = [*shape.signatures, *(each.pattern for each in shape.near)]
    given = {name for pattern in patterns for name in re.compile(pattern).groupindex}
    asked: list[tuple[KeyPath, str]] = []
    for index, text in enumerate(shape.shows):
        try:
            named = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
        except ValueError as error:
            yield document.fault(("shows", index), f"not a text with values in braces: {error}")
            continue
        if not named:
            yield document.fault(("shows", index), "name a value in braces, like {asked}")
        asked += [(("shows", index), name) for name in named]
    for index, each in enumerate(shape.tests.match):
        asked += [(("tests", "match", index), name) for name in each.kind_values]
    asked += [(("behind", index), each.entry) for index, each in enumerate(shape.behind) if each.entry is not None]
    for path, name in asked:
        if name not in given:
            yield document.fault(path, f"no pattern has a group {quoted(name)}{nearest(name, given)}")


class _PhaseShape(Shape):
    says: Prose
    markers: dict[TrainerName, Some[Pattern]]
    frames: Listed[Pattern] = Field(default_factory=list)
    opening: bool = False


def read_phases(document: Document) -> Mapping[str, Phase]:
    """Return the phases by name, in the order of a run."""
    shapes = validate(TypeAdapter(dict[RuleName, _PhaseShape]).validate_python, document) or {}
    return {name: frozen(Phase, shape) for name, shape in shapes.items()}


def lint_kinds(
    kinds: Mapping[str, CrashKind],
    phases: Mapping[str, Phase],
    documents: Mapping[str, Document],
    settings: Collection[str],
) -> Iterator[Fault]:
    """Yield a fault for each name that leads nowhere, each circle of kinds, and each title that is taken twice.

    `documents` are the files of the knowledge by name, `settings` the names of all settings.
    """
    trainers = {ANY, *(trainer for phase in phases.values() for trainer in phase.markers)}
    known: Mapping[str, Collection[str]] = {"kind": kinds, "phase": phases, "trainer": trainers, "setting": settings}
    order = {kind.id: kind.before for kind in kinds.values()}
    titles: dict[str, str] = {}
    for kind in kinds.values():
        document = documents[f"{CRASHES}/{kind.id}.yaml"]
        for path, what, names in _named(kind):
            for index, name in enumerate(names):
                if name not in known[what]:
                    where: KeyPath = (*path, name if isinstance(names, Mapping) else index)
                    yield document.fault(where, f"there is no {what} {name}{nearest(name, known[what])}")
        if any(kind.id in reached(name, order) for name in kind.before):
            yield document.fault(("before",), "this kind would go before itself")
        if (taker := titles.setdefault(kind.title, kind.id)) != kind.id:
            yield document.fault(("title",), f"{quoted(kind.title)} is the title of {taker}")


def lint_told_by(
    kinds: Iterable[CrashKind], documents: Mapping[str, Document], rules: Collection[str]
) -> Iterator[Fault]:
    """Yield a fault for each rule that a kind names and that is none; `rules` are the names of all."""
    for kind in kinds:
        for index, name in enumerate(kind.told_by):
            if name not in rules:
                text = f"no rule is called {name}{nearest(name, rules)}"
                yield documents[f"{CRASHES}/{kind.id}.yaml"].fault(("told_by", index), text)


def _named(kind: CrashKind) -> Iterator[tuple[KeyPath, str, Collection[str]]]:
    """Yield each list of names in a kind's file: where it is, what it names, and the names."""
    yield ("before",), "kind", kind.before
    yield ("phases",), "phase", kind.phases
    yield ("trainers",), "trainer", kind.trainers
    for index, each in enumerate(kind.advice):
        yield ("advice", index, "phases"), "phase", each.phases
        yield ("advice", index, "trainers"), "trainer", each.trainers
        yield ("advice", index, "sets"), "setting", each.sets
    yield ("behind",), "setting", [each.setting for each in kind.behind]
