"""The graphics cards, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from diagnose.rulebase.graphics_cards import GraphicsCard, card_named
from diagnose.rulebase.reading.shapes import Prose, Shape, frozen, validate
from diagnose.rulebase.yaml_places import Document

Positive = Annotated[float, Field(gt=0)]


class _CardShape(Shape):
    words: Annotated[list[Prose], Field(min_length=1)]
    memory: Positive | None = None
    bf16: Positive
    measured: Positive | None = None
    source: Literal["A", "B", "C"]


def read_cards(document: Document) -> Mapping[str, GraphicsCard]:
    """Return the cards by name; each has to be found by its own name."""
    shapes = validate(TypeAdapter(dict[Prose, _CardShape]).validate_python, document) or {}
    cards = {name: frozen(GraphicsCard, shape, name=name) for name, shape in shapes.items()}
    for name, card in cards.items():
        if card_named(name, cards.values()) != card:
            document.note((name, "words"), f"{name} is not found by these words, or is taken for another card")
    return cards
