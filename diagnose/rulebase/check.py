"""The whole base judged: every lint over every rule, then the rules together. Nothing is repaired here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from diagnose.rulebase.faults import Fault
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
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.reading.claim_files import lint_traps
from diagnose.rulebase.reading.knowledge_files import QUESTIONS, RIVALS, TRAPS
from diagnose.rulebase.reading.question_file import lint_exclusive, lint_questions
from diagnose.rulebase.reading.rival_file import lint_rival
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
        yield from lint_answers(files)
        yield from lint_stories(files)
        yield from lint_conclusions(files, names_read(files, knowledge))
    yield from lint_whole(files)
    for file in files:
        if not too_long(file.rule):
            for lint in LINTS:
                yield from lint(file, words)
