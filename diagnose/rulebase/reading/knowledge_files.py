"""All files of `knowledge/` together: what they say, and all their faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from diagnose.rulebase.base_files import SourceFile
from diagnose.rulebase.faults import Fault, nearest
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.message import settings_named, with_shared
from diagnose.rulebase.reading.claim_files import (
    CHECKLIST_FILE,
    GRADES_FILE,
    PLAN_FILE,
    TRAPS_FILE,
    read_checklist,
    read_claims,
    read_grades,
    read_plan,
    read_traps,
)
from diagnose.rulebase.reading.fact_files import (
    DOMAINS,
    EFFECTIVE_FILE,
    MOTION_WORDS_FILE,
    SETTINGS_FILE,
    read_domain,
    read_facts,
    read_motion_words,
    read_rows,
    read_settings,
)
from diagnose.rulebase.reading.parameter_files import read_parameters, read_recipes
from diagnose.rulebase.reading.question_file import EXCLUSIVE_FILE, read_questions
from diagnose.rulebase.reading.rival_file import RIVALS_FILE, read_rivals
from diagnose.rulebase.rule import Param
from diagnose.rulebase.yaml_places import Document

K = TypeVar("K")


T = TypeVar("T")


def read_knowledge(folder: Path, files: Iterable[SourceFile]) -> tuple[Knowledge, list[Fault]]:
    """Return what the registries among the files say, and all their faults; a faulty part may be empty."""
    by_name = {file.name: file for file in files}
    faults: list[Fault] = []

    def part(name: str, read: Callable[[Document], tuple[Mapping[K, T], list[Fault]]]) -> Mapping[K, T]:
        if name not in by_name:
            faults.append(Fault(str(folder / name), 1, "this file of the knowledge is missing"))
            return {}
        document, unreadable = by_name[name].document()
        found, wrong = read(document) if document is not None else ({}, [])
        faults.extend([*unreadable, *wrong])
        return found

    def optional(name: str, read: Callable[[Document], tuple[Mapping[K, T], list[Fault]]]) -> Mapping[K, T]:
        # a rule base of one's own may do without these
        return part(name, read) if name in by_name else {}

    claims = part("claims.yaml", read_claims)
    index = None if faults else claims  # a faulty index would make every citation seem wrong
    shared = part("parameters.yaml", lambda document: read_parameters(document, index))
    parameters = {name: param for name, (param, _) in shared.items()}
    declared = part("facts.yaml", read_facts)
    settings = optional(SETTINGS_FILE, read_settings)
    described = [name for name in by_name if name.startswith(f"{DOMAINS}/")]
    knowledge = Knowledge(
        facts=declared,
        settings=settings,
        parameters=parameters,
        meanings={name: meaning for name, (_, meaning) in shared.items()},
        recipes=part("recipes.yaml", lambda document: read_recipes(document, index, parameters, settings)),
        claims=claims,
        standings=optional(GRADES_FILE, lambda document: read_grades(document, claims)),
        checklist=optional(CHECKLIST_FILE, read_checklist),
        plan=optional(PLAN_FILE, read_plan),
        # without the parameters every rival would seem to be at fault
        rivals=optional(RIVALS_FILE, lambda document: read_rivals(document, parameters)) if parameters else {},
        motion_words=optional(MOTION_WORDS_FILE, read_motion_words),
        effective=optional(EFFECTIVE_FILE, lambda document: read_rows(document, declared, settings)),
        traps=optional(TRAPS_FILE, read_traps),
        questions=optional(EXCLUSIVE_FILE, read_questions),
        domains={domain: found for name in described for domain, found in part(name, read_domain).items()},
    )
    if parameters:
        faults += [Fault(str(folder / name), 1, text) for name, text in _unnamed(knowledge)]
    faults += [Fault(str(folder / name), 1, text) for name, text in _without_setting(knowledge)]
    return knowledge, faults


def _unnamed(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    """Yield the file and what is wrong for each text of plan and checklist that names a parameter there is none of."""
    texts = [(PLAN_FILE, item.says) for items in knowledge.plan.values() for item in items]
    texts += [(CHECKLIST_FILE, text) for each in knowledge.checklist.values() for text in (each.says, each.ask or "")]
    for file, text in texts:
        wrong = _wrongly_named(text, knowledge.parameters)
        if wrong is not None:
            yield file, f"{text[:60]}: {wrong}"


def _without_setting(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    """Yield the file and what is wrong for each text of plan and table that names the key of an undeclared setting."""
    texts = [(PLAN_FILE, item.says) for items in knowledge.plan.values() for item in items]
    texts += [(EFFECTIVE_FILE, row.why or "") for rows in knowledge.effective.values() for row in rows]
    for file, text in texts:
        for name in settings_named(text):
            if name not in knowledge.settings:
                yield file, f"{name} is not declared in settings.yaml{nearest(name, knowledge.settings)}"


def _wrongly_named(text: str, params: Mapping[str, Param]) -> str | None:
    try:
        with_shared(text, params)
    except KeyError as error:
        return f"there is no parameter {error.args[0]}"
    except ValueError as error:
        return str(error)
    return None
