"""The general list of words for motion, `knowledge/motion_words.yaml`: a heuristic for captions, as the file says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from diagnose.rulebase.faults import Fault
from diagnose.rulebase.reading.spelling import Prose
from diagnose.rulebase.reading.validation import validate
from diagnose.rulebase.yaml_places import Document

MOTION_WORDS_FILE = "motion_words.yaml"


def read_motion_words(document: Document) -> tuple[Mapping[str, tuple[str, ...]], list[Fault]]:
    """Return the words by kind in the order of the file, and every fault of it."""
    adapter = TypeAdapter(dict[Literal["verbs", "nouns", "manner"], Annotated[list[Prose], Field(min_length=1)]])
    shapes, faults = validate(adapter.validate_python, document)
    return {str(kind): tuple(words) for kind, words in (shapes or {}).items()}, faults
