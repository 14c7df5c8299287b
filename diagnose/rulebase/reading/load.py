"""Loading a rule base: files to checked, frozen rules and knowledge, with every fault at once or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.errors import DiagnoseError
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.base_files import SourceFile, digest, read_folder
from diagnose.rulebase.crash_kinds import CRASHES
from diagnose.rulebase.faults import Fault, error_of
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.lints.logic import lint_references, lint_stages, lint_uses, lint_windows
from diagnose.rulebase.lints.own_cases import lint_cases
from diagnose.rulebase.lints.texts import lint_literals, lint_show, lint_sources, lint_wording
from diagnose.rulebase.lints.vocabulary import Vocabulary, lint_facts, lint_settings, vocabulary
from diagnose.rulebase.lints.whole import (
    lint_answers,
    lint_conclusions,
    lint_stories,
    lint_whole,
    names_read,
    too_long,
)
from diagnose.rulebase.parameters import override, settled
from diagnose.rulebase.reading.build import RuleFile, build
from diagnose.rulebase.reading.claim_files import lint_traps
from diagnose.rulebase.reading.crash_files import lint_told_by
from diagnose.rulebase.reading.knowledge_files import QUESTIONS, RIVALS, TRAPS, read_knowledge
from diagnose.rulebase.reading.parameter_files import param_of
from diagnose.rulebase.reading.question_file import lint_exclusive, lint_questions
from diagnose.rulebase.reading.rival_file import lint_rival
from diagnose.rulebase.reading.schema import RuleShape
from diagnose.rulebase.reading.shapes import validate
from diagnose.rulebase.rivals import resettled
from diagnose.rulebase.yaml_places import Document

Lint: TypeAlias = "Callable[[RuleFile, Vocabulary], Iterator[Fault]]"

LINTS: tuple[Lint, ...] = (
    lint_stages,
    lint_facts,
    lint_references,
    lint_uses,
    lint_windows,
    lint_show,
    lint_wording,
    lint_literals,
    lint_settings,
    lint_sources,
    lint_exclusive,
    lint_cases,
)


def check(
    files: Sequence[RuleFile], knowledge: Knowledge, documents: Mapping[str, Document], *, complete: bool
) -> Iterator[Fault]:
    """Yield every fault of the rules, and those of the knowledge's files that only show beside the rules.

    Unless they are `complete`, so that every rule file could be read, a missing conclusion or remedy is no fault.
    """
    words = vocabulary((file.rule for file in files), knowledge, complete=complete)
    names = {file.rule.name for file in files} if complete else None
    for rival in knowledge.rivals.values():
        yield from lint_rival(rival, documents[RIVALS], words, names)
    if complete:
        if knowledge.traps:
            yield from lint_traps(knowledge.traps.values(), documents[TRAPS], (file.rule for file in files))
        if knowledge.questions:
            yield from lint_questions(knowledge.questions, documents[QUESTIONS], files)
        yield from lint_told_by(knowledge.crashes.values(), documents, {file.rule.name for file in files})
        yield from lint_answers(files)
        yield from lint_stories(files)
        yield from lint_conclusions(files, names_read(files, knowledge))
    yield from lint_whole(files)
    for file in files:
        if not too_long(file.rule):
            for lint in LINTS:
                yield from lint(file, words)


RULE_SUFFIX = ".yaml"


class Reading(Struct, frozen=True):
    """A rule base as its files are, with whatever is wrong with it."""

    parsed: tuple[tuple[RuleShape, Document], ...]
    """The rule files whose shape is right, before their parameters are resolved."""
    files: tuple[RuleFile, ...]
    knowledge: Knowledge
    documents: Mapping[str, Document]
    """The files of the knowledge by name."""
    digest: str
    faults: tuple[Fault, ...]


def load_rulebase(
    rules_dirs: Sequence[Path],
    knowledge_dir: Path,
    overrides: Mapping[str, str] | None = None,
    origins: Mapping[str, str] | None = None,
) -> RuleBase:
    """Return the rule base of some folders, fit to be used.

    Args:
        rules_dirs: folders of rule files, ours first; the others are strangers' data and judged alike.
        knowledge_dir: the folder of what they rest on.
        overrides: values for parameters, by name or, for a rule's own, by "rule-name.name".
        origins: where each was set, for the report and for errors; "--set" where nothing is said.

    Raises:
        DiagnoseError: a folder is missing, a file has faults (all of them are listed, one a line), or an override
            names no parameter or has the wrong type.
    """
    reading = read_rulebase(rules_dirs, knowledge_dir)
    if reading.faults:
        raise error_of(reading.faults)
    knowledge, files = reading.knowledge, reading.files
    if overrides:
        knowledge, files = _overridden(reading, overrides, origins)
    rules = sorted((file.rule for file in files), key=lambda rule: (rule.stage.rank, rule.id))
    return RuleBase(tuple(rules), knowledge, reading.digest)


def read_rulebase(rules_dirs: Sequence[Path], knowledge_dir: Path) -> Reading:
    """Read and check a rule base, and keep what could be read beside its faults.

    Raises:
        DiagnoseError: a folder is missing, unreadable or too large, or holds no rule.
    """
    shelf, unread = read_folder(knowledge_dir)
    sources, unusable = _sources(rules_dirs)
    kinds = [source for source in sources if source.name.startswith(f"{CRASHES}/")]
    taken = {file.name for file in shelf} & {file.name for file in kinds}
    unusable += [Fault(str(file.path), 1, "a kind of ours has this name") for file in kinds if file.name in taken]
    knowledge, documents, wrong = read_knowledge(knowledge_dir, [*kinds, *shelf])
    rules = [source.document() for source in sources if source not in kinds]
    shapes = [(each, validate(RuleShape.model_validate, each)) for each in rules if each.data is not None]
    parsed = tuple((shape, document) for document, shape in shapes if shape is not None)
    malformed = [fault for document in rules for fault in document.faults]
    faults = {*unread, *wrong, *unusable, *malformed}
    files: tuple[RuleFile, ...] = ()
    if not unread and not wrong:  # without the registries every rule would seem to be at fault
        files = tuple(build(shape, document, knowledge.parameters, {}) for shape, document in parsed)
        faults |= {fault for document in rules for fault in document.faults}
        faults.update(check(files, knowledge, documents, complete=not unusable and not malformed))
    fingerprint = digest([("knowledge", shelf), ("rules", sources)])
    return Reading(parsed, files, knowledge, documents, fingerprint, tuple(sorted(faults)))


def _sources(folders: Sequence[Path]) -> tuple[list[SourceFile], list[Fault]]:
    """The rule files of some folders, of which one may be named twice or lie in another."""
    sources: dict[Path, SourceFile] = {}
    faults: list[Fault] = []
    for folder in folders:
        found, unread = read_folder(folder, frozenset({RULE_SUFFIX, ".yml"}))
        if not found and not unread:
            raise DiagnoseError(f"{folder}: no rule file (*{RULE_SUFFIX}) in this folder")
        faults += unread
        faults += [Fault(str(each.path), 1, f"call it *{RULE_SUFFIX}") for each in found if each.path.suffix == ".yml"]
        for each in found:
            sources.setdefault(each.path.resolve(), each)
    return list(sources.values()), faults


def _overridden(
    reading: Reading, overrides: Mapping[str, str], origins: Mapping[str, str] | None
) -> tuple[Knowledge, tuple[RuleFile, ...]]:
    """The knowledge and the rules with the user's values in place of ours."""
    shared = reading.knowledge.parameters
    local = {
        f"{shape.name}.{name}": param_of(name, param)
        for shape, _ in reading.parsed
        for name, param in shape.params.items()
    }
    values = override({**shared, **local}, overrides, origins)
    shared = settled({name: values[name] for name in shared})
    own = {name: values[name] for name in local}
    files = tuple(build(shape, document, shared, own) for shape, document in reading.parsed)
    rivals = resettled(reading.knowledge.rivals, shared)
    recipes = {name: recipe.under(shared) for name, recipe in reading.knowledge.recipes.items()}
    return replace(reading.knowledge, parameters=shared, rivals=rivals, recipes=recipes), files
