"""The pre-flight checklist, `knowledge/checklist.yaml`: which rules decide an item, and what only the user can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from diagnose.model import Intent
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.schema import Chosen, Shape
from diagnose.rulebase.spelling import ClaimId, Prose, RuleName
from diagnose.rulebase.validation import validate
from diagnose.rulebase.yaml_places import Document

CHECKLIST_FILE = "checklist.yaml"


@dataclass(frozen=True, slots=True)
class ChecklistEntry:
    """One item: the claim it restates, the rules that decide it by name, and a question for the user, if any.

    `intent` is what the LoRA must be meant to learn for the item to matter; None for any.
    """

    claim: str
    section: str
    rules: tuple[str, ...]
    ask: str | None
    intent: Intent | None = None


class _EntryShape(Shape):
    section: Prose
    rules: list[RuleName]
    ask: Prose | None = None
    intent: Chosen[Intent] | None = None


def read_checklist(document: Document) -> tuple[Mapping[str, ChecklistEntry], list[Fault]]:
    """Return the items by claim in the order of the file, and every fault of it."""
    shapes, faults = validate(TypeAdapter(dict[ClaimId, _EntryShape]).validate_python, document)
    entries = {
        claim: ChecklistEntry(claim, each.section, tuple(each.rules), each.ask, each.intent)
        for claim, each in (shapes or {}).items()
    }
    return entries, faults
