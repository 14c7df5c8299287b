"""Loading a rule base: files to checked, frozen rules and knowledge, with every fault at once or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Stage
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.base_files import SourceFile, digest, read_folder
from diagnose.rulebase.check import check
from diagnose.rulebase.descriptions import TRAINERS, read_descriptions
from diagnose.rulebase.faults import Fault, error_of, nearest
from diagnose.rulebase.knowledge import Keys, Knowledge
from diagnose.rulebase.parameters import override, settled
from diagnose.rulebase.reading.build import RuleFile, build
from diagnose.rulebase.reading.knowledge_files import read_knowledge
from diagnose.rulebase.reading.parameter_files import param_of
from diagnose.rulebase.reading.schema import RuleShape
from diagnose.rulebase.reading.shapes import validate
from diagnose.rulebase.rivals import resettled
from diagnose.rulebase.rule import Param
from diagnose.rulebase.yaml_places import Document

RULE_SUFFIX = ".yaml"


class ParsedRule(Struct, frozen=True):
    """A rule file whose shape is right, before its parameters are resolved."""

    shape: RuleShape
    document: Document


class Reading(Struct, frozen=True):
    """A rule base as its files are, with whatever is wrong with it."""

    parsed: tuple[ParsedRule, ...]
    files: tuple[RuleFile, ...]
    knowledge: Knowledge
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
    order = list(Stage)
    rules = sorted((file.rule for file in files), key=lambda rule: (order.index(rule.stage), rule.id))
    return RuleBase(tuple(rules), knowledge, reading.digest)


def read_rulebase(rules_dirs: Sequence[Path], knowledge_dir: Path) -> Reading:
    """Read and check a rule base, and keep what could be read beside its faults.

    Raises:
        DiagnoseError: a folder is missing, unreadable or too large, or holds no rule.
    """
    shelf, unread = read_folder(knowledge_dir)
    knowledge, wrong = read_knowledge(knowledge_dir, shelf)
    described = read_descriptions(knowledge_dir)
    knowledge = replace(knowledge, keys=_keys(described), trainers=described)
    wrong = [*wrong, *_undeclared(knowledge_dir, knowledge)]
    sources, unusable = _sources(rules_dirs)
    parsed, malformed = _parse_all(sources)
    faults = {*unread, *wrong, *unusable, *malformed}
    files: tuple[RuleFile, ...] = ()
    if not unread and not wrong:  # without the registries every rule would seem to be at fault
        files, unresolved = _build_all(parsed, knowledge.parameters, {})
        faults |= {*unresolved, *check(files, knowledge, complete=not unusable and not malformed)}
    fingerprint = digest([("knowledge", shelf), ("rules", sources)])
    return Reading(parsed, files, knowledge, fingerprint, tuple(sorted(faults)))


def _keys(described: Mapping[str, Mapping[str, Any]]) -> Keys:
    """Under which keys the trainers have the settings; nothing where a knowledge of one's own describes none."""
    return {
        name: {
            setting: tuple([keys] if isinstance(keys, str) else keys)
            for setting, keys in each.get("settings", {}).items()
            if keys
        }
        for name, each in described.items()
    }


def _undeclared(knowledge_dir: Path, knowledge: Knowledge) -> Iterator[Fault]:
    """Yield a fault for each setting that a trainer has a key for and that is not declared."""
    settings = knowledge.settings
    for name, known in knowledge.keys.items() if settings else ():
        file = str(knowledge_dir / TRAINERS / f"{name}.yaml")
        for setting in sorted(known.keys() - settings.keys()):
            yield Fault(file, 1, f"settings: {setting} is not declared in settings.yaml{nearest(setting, settings)}")


def _sources(folders: Sequence[Path]) -> tuple[list[SourceFile], list[Fault]]:
    sources: list[SourceFile] = []
    faults: list[Fault] = []
    read: set[Path] = set()
    for folder in folders:
        found, unread = read_folder(folder, frozenset({RULE_SUFFIX, ".yml"}))
        if not found and not unread:
            raise DiagnoseError(f"{folder}: no rule file (*{RULE_SUFFIX}) in this folder")
        # a folder may be named twice, or lie in another
        found = [each for each in found if each.path.resolve() not in read]
        read.update(each.path.resolve() for each in found)
        faults += unread
        faults += [Fault(str(each.path), 1, f"call it *{RULE_SUFFIX}") for each in found if each.path.suffix == ".yml"]
        sources += found
    return sources, faults


def _parse_all(sources: Sequence[SourceFile]) -> tuple[tuple[ParsedRule, ...], list[Fault]]:
    parsed: list[ParsedRule] = []
    faults: list[Fault] = []
    for source in sources:
        document, wrong = source.document()
        faults += wrong
        if document is None:
            continue
        shape, wrong = validate(RuleShape.model_validate, document)
        faults += wrong
        if shape is not None:
            parsed.append(ParsedRule(shape, document))
    return tuple(parsed), faults


def _build_all(
    parsed: Sequence[ParsedRule], shared: Mapping[str, Param], local: Mapping[str, Param]
) -> tuple[tuple[RuleFile, ...], list[Fault]]:
    built = [build(each.shape, each.document, shared, local) for each in parsed]
    return tuple(file for file, _ in built), [fault for _, faults in built for fault in faults]


def _overridden(
    reading: Reading, overrides: Mapping[str, str], origins: Mapping[str, str] | None
) -> tuple[Knowledge, tuple[RuleFile, ...]]:
    """The knowledge and the rules with the user's values in place of ours."""
    shared = reading.knowledge.parameters
    local = {
        f"{each.shape.name}.{name}": param_of(name, param)
        for each in reading.parsed
        for name, param in each.shape.params.items()
    }
    values = override({**shared, **local}, overrides, origins)
    shared = settled({name: values[name] for name in shared})
    files, _ = _build_all(reading.parsed, shared, {name: values[name] for name in local})
    rivals = resettled(reading.knowledge.rivals, shared)
    recipes = {name: recipe.under(shared) for name, recipe in reading.knowledge.recipes.items()}
    return replace(reading.knowledge, parameters=shared, rivals=rivals, recipes=recipes), files
