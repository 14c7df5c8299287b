"""What to watch while a motion run trains, `knowledge/plan.yaml`: when to look, what to expect, when to stop."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from diagnose.rulebase.faults import Fault, error_of
from diagnose.rulebase.files import read_folder
from diagnose.rulebase.schema import Shape
from diagnose.rulebase.spelling import ClaimId, Prose
from diagnose.rulebase.validation import validate

PLAN_FILE = "plan.yaml"


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One piece of advice. `part` is look, expect, stop, good or why."""

    part: str
    says: str
    claims: tuple[str, ...]


class _ItemShape(Shape):
    claims: Annotated[list[ClaimId], Field(min_length=1)]
    says: Prose


def load_plan(knowledge_dir: Path) -> tuple[PlanItem, ...]:
    """Return the items in the order of the file.

    Raises:
        DiagnoseError: the file is missing or has faults; all of them are listed.
    """
    files, faults = read_folder(knowledge_dir, frozenset({".yaml"}))
    file = next((each for each in files if each.name == PLAN_FILE), None)
    if file is None:
        raise error_of([*faults, Fault(str(knowledge_dir / PLAN_FILE), 1, "this file of the knowledge is missing")])
    document, unreadable = file.document()
    shapes, wrong = validate(_SHAPE.validate_python, document) if document is not None else (None, [])
    if shapes is None or unreadable or wrong:
        raise error_of([*faults, *unreadable, *wrong])
    return tuple(PlanItem(part, item.says, tuple(item.claims)) for part, items in shapes.items() for item in items)


_SHAPE = TypeAdapter(dict[Literal["look", "expect", "stop", "good", "why"], list[_ItemShape]])
