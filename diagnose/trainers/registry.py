"""The trainers that are described, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from diagnose.rulebase.descriptions import read_descriptions
from diagnose.trainers.model import TrainerModel, model_of


@cache
def load_trainers(knowledge_dir: Path) -> Mapping[str, TrainerModel]:
    """Return the models of the described trainers by name. A fault in a description is a bug: they ship with us."""
    return {name: model_of(each) for name, each in read_descriptions(knowledge_dir).items()}
