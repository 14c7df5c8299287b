"""What to watch while a run trains, `knowledge/plan.yaml`: when to look, what to expect, when to stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from diagnose.core.model import Intent
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.plan import PlanItem
from diagnose.rulebase.reading.schema import Chosen, Shape
from diagnose.rulebase.reading.spelling import ClaimId, Prose
from diagnose.rulebase.reading.validation import validate
from diagnose.rulebase.yaml_places import Document

PLAN_FILE = "plan.yaml"


class _ItemShape(Shape):
    claims: Annotated[list[ClaimId], Field(min_length=1)]
    says: Prose
    intent: list[Chosen[Intent]] = Field(default_factory=lambda: [Intent.MOTION], min_length=1)


def read_plan(document: Document) -> tuple[Mapping[str, tuple[PlanItem, ...]], list[Fault]]:
    """Return the items by part in the order of the file, and every fault of it."""
    adapter = TypeAdapter(dict[Literal["keep", "look", "expect", "stop", "good", "why", "split"], list[_ItemShape]])
    shapes, faults = validate(adapter.validate_python, document)
    parts = {
        str(part): tuple(PlanItem(part, item.says, tuple(item.claims), tuple(item.intent)) for item in items)
        for part, items in (shapes or {}).items()
    }
    return parts, faults
