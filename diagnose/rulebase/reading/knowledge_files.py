"""All files of `knowledge/` together: what they say, and all their faults."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TypeVar

from diagnose.core.errors import nearest
from diagnose.rulebase.base_files import SourceFile
from diagnose.rulebase.crash_kinds import CRASHES
from diagnose.rulebase.descriptions import SHARED, TRAINERS, read_descriptions
from diagnose.rulebase.environments import ENVIRONMENTS
from diagnose.rulebase.faults import Fault, KeyPath
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.message import settings_named, with_shared
from diagnose.rulebase.reading.card_file import read_cards
from diagnose.rulebase.reading.claim_files import read_checklist, read_claims, read_grades, read_plan, read_traps
from diagnose.rulebase.reading.crash_files import lint_kinds, read_kind, read_phases
from diagnose.rulebase.reading.environment_file import read_environments
from diagnose.rulebase.reading.fact_files import (
    read_domain,
    read_facts,
    read_glossary,
    read_motion_words,
    read_rows,
    read_settings,
)
from diagnose.rulebase.reading.parameter_files import read_parameters, read_recipes
from diagnose.rulebase.reading.question_file import read_questions
from diagnose.rulebase.reading.rival_file import read_rivals
from diagnose.rulebase.yaml_places import Document

K = TypeVar("K")
T = TypeVar("T")

DOMAINS = "domains"
"""The folder of the domains."""
CLAIMS, FACTS, PARAMETERS, RECIPES = "claims.yaml", "facts.yaml", "parameters.yaml", "recipes.yaml"
"""The files that every rule base has; one of the user's own may do without the others."""
CHECKLIST, EFFECTIVE, PLAN = "checklist.yaml", "effective.yaml", "plan.yaml"
RIVALS, TRAPS, QUESTIONS = "rivals.yaml", "traps.yaml", "exclusive.yaml"

Documents = Mapping[str, Document]
"""The files of the knowledge by name, with the lines of their parts."""


def read_knowledge(folder: Path, files: Iterable[SourceFile]) -> tuple[Knowledge, Documents, list[Fault]]:
    """Return what the registries among the files say, the files, and all their faults; a faulty part may be empty."""
    by_name = {file.name: file for file in files}
    documents: dict[str, Document] = {}

    def part(name: str, read: Callable[[Document], Mapping[K, T]]) -> Mapping[K, T]:
        if name not in by_name:
            return {}
        document = documents[name] = by_name[name].document()
        return read(document) if document.data is not None else {}

    claims = part(CLAIMS, read_claims)
    sound = CLAIMS in documents and not documents[CLAIMS].faults
    index = claims if sound else None  # a faulty index would make every citation seem wrong
    shared = part(PARAMETERS, lambda document: read_parameters(document, index))
    parameters = {name: param for name, (param, _) in shared.items()}
    declared = part(FACTS, read_facts)
    settings = part("settings.yaml", read_settings)
    knowledge = Knowledge(
        facts=declared,
        settings=settings,
        trainers=read_descriptions(folder),
        parameters=parameters,
        meanings={name: meaning for name, (_, meaning) in shared.items()},
        recipes=part(RECIPES, lambda document: read_recipes(document, index, parameters, settings)),
        claims=claims,
        standings=part("grades.yaml", lambda document: read_grades(document, claims)),
        checklist=part(CHECKLIST, read_checklist),
        plan=part(PLAN, read_plan),
        # without the parameters every rival would seem to be at fault
        rivals=part(RIVALS, lambda document: read_rivals(document, parameters)) if parameters else {},
        motion_words=part("motion_words.yaml", read_motion_words),
        glossary=part("glossary.yaml", read_glossary),
        cards=part("cards.yaml", read_cards),
        effective=part(EFFECTIVE, lambda document: read_rows(document, declared, settings)),
        traps=part(TRAPS, read_traps),
        questions=part(QUESTIONS, read_questions),
        domains=dict(chain.from_iterable(part(name, read_domain).items() for name in _within(DOMAINS, by_name))),
        crashes=dict(chain.from_iterable(part(name, read_kind).items() for name in _within(CRASHES, by_name))),
        phases=part("phases.yaml", read_phases),
        environments=part(ENVIRONMENTS, read_environments),
    )
    faults = list(_missing(folder, by_name))
    faults += [fault for document in documents.values() for fault in document.faults]
    faults += [*_misnamed(knowledge, documents), *_undeclared(knowledge, by_name)]
    faults += lint_kinds(knowledge.crashes, knowledge.phases, documents, knowledge.settings)
    return knowledge, documents, faults


def _missing(folder: Path, names: Container[str]) -> Iterator[Fault]:
    for name in (CLAIMS, FACTS, PARAMETERS, RECIPES):
        if name not in names:
            yield Fault(str(folder / name), 1, "this file of the knowledge is missing")


def _within(folder: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(f"{folder}/")]


def _misnamed(knowledge: Knowledge, documents: Documents) -> Iterator[Fault]:
    """Yield a fault for each text that names a parameter or a setting that is not declared."""
    texts: list[tuple[str, KeyPath, str]] = []
    for part, items in knowledge.plan.items():
        texts += [(PLAN, (part, index, "says"), item.says) for index, item in enumerate(items)]
    for claim, entry in knowledge.checklist.items():
        texts += [(CHECKLIST, (claim, "says"), entry.says), (CHECKLIST, (claim, "ask"), entry.ask or "")]
    for part, rows in knowledge.effective.items():
        texts += [(EFFECTIVE, (part, index, "why"), row.why or "") for index, row in enumerate(rows)]
    for file, path, text in texts:
        for name in settings_named(text):
            if name not in knowledge.settings:
                complaint = f"{name} is not declared in settings.yaml{nearest(name, knowledge.settings)}"
                yield documents[file].fault(path, complaint)
        if knowledge.parameters and file != EFFECTIVE:
            try:
                with_shared(text, knowledge.parameters)
            except KeyError as error:
                yield documents[file].fault(path, f"there is no parameter {error.args[0]}")
            except ValueError as error:
                yield documents[file].fault(path, str(error))


def _undeclared(knowledge: Knowledge, files: Mapping[str, SourceFile]) -> Iterator[Fault]:
    """Yield a fault for each setting that a trainer has a key for and that is not declared, where it is written."""
    settings = knowledge.settings
    for trainer, known in knowledge.keys.items() if settings else ():
        for setting in sorted(known.keys() - settings.keys()):
            room = f"{SHARED}/{knowledge.trainers[trainer]['room']}"
            names = [f"{TRAINERS}/{name}.yaml" for name in (trainer, room)]
            written = [files[name].document() for name in names if name in files]
            document = next((each for each in written if ("settings", setting) in each.lines), written[0])
            yield document.fault(("settings", setting), f"not declared in settings.yaml{nearest(setting, settings)}")
