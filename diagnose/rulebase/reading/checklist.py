"""The pre-flight checklist, `knowledge/checklist.yaml`: which rules decide an item, and what only the user can tell."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import TypeAdapter

from diagnose.core.model import Intent
from diagnose.rulebase.checklist import ChecklistEntry
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.reading.schema import Chosen, Shape
from diagnose.rulebase.reading.spelling import ClaimId, Prose, RuleName
from diagnose.rulebase.reading.validation import validate
from diagnose.rulebase.yaml_places import Document

CHECKLIST_FILE = "checklist.yaml"


class _EntryShape(Shape):
    section: Prose
    rules: list[RuleName]
    ask: Prose | None = None
    intent: Chosen[Intent] | None = None
    says: Prose | None = None


def read_checklist(document: Document) -> tuple[Mapping[str, ChecklistEntry], list[Fault]]:
    """Return the items by claim in the order of the file, and every fault of it."""
    shapes, faults = validate(TypeAdapter(dict[ClaimId, _EntryShape]).validate_python, document)
    entries = {
        claim: ChecklistEntry(claim, each.section, tuple(each.rules), each.ask, each.intent, each.says or "")
        for claim, each in (shapes or {}).items()
    }
    return entries, faults
