"""The pre-flight checklist, `knowledge/checklist.yaml`: which rules decide an item, and what only the user can tell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from diagnose.rulebase.faults import Fault, error_of
from diagnose.rulebase.files import read_folder
from diagnose.rulebase.schema import Shape
from diagnose.rulebase.spelling import ClaimId, Prose, RuleName
from diagnose.rulebase.validation import validate

CHECKLIST_FILE = "checklist.yaml"


@dataclass(frozen=True, slots=True)
class ChecklistEntry:
    """One item: the claim it restates, the rules that decide it by name, and a question for the user, if any."""

    claim: str
    section: str
    rules: tuple[str, ...]
    ask: str | None


class _EntryShape(Shape):
    section: Prose
    rules: list[RuleName]
    ask: Prose | None = None


def load_checklist(knowledge_dir: Path) -> tuple[ChecklistEntry, ...]:
    """Return the items in the order of the file.

    Raises:
        DiagnoseError: the file is missing or has faults; all of them are listed.
    """
    files, faults = read_folder(knowledge_dir)
    file = next((each for each in files if each.name == CHECKLIST_FILE), None)
    if file is None:
        faults.append(Fault(str(knowledge_dir / CHECKLIST_FILE), 1, "this file of the knowledge is missing"))
        raise error_of(faults)
    document, unreadable = file.document()
    shapes, wrong = (
        validate(TypeAdapter(Annotated[dict[ClaimId, _EntryShape], Field(min_length=1)]).validate_python, document)
        if document is not None
        else (None, [])
    )
    if shapes is None or unreadable or wrong:
        raise error_of([*faults, *unreadable, *wrong])
    return tuple(ChecklistEntry(id_, each.section, tuple(each.rules), each.ask) for id_, each in shapes.items())
