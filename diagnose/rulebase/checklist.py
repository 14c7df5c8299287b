"""The pre-flight checklist, `knowledge/checklist.yaml`: which rules decide an item, and what only the user can tell."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.core.model import Intent


@dataclass(frozen=True, slots=True)
class ChecklistEntry:
    """One item: the claim it restates, the rules that decide it by name, and a question for the user, if any.

    `says` is the item in words that name parameters; "" where the claim's own words do.
    `intent` is what the LoRA must be meant to learn for the item to matter; None for any.
    """

    claim: str
    section: str
    rules: tuple[str, ...]
    ask: str | None
    intent: Intent | None = None
    says: str = ""
