"""The config as a trainer would read it after changes, without writing it."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import replace

from diagnose.facts.config.declared import Config
from diagnose.rulebase.rule import ChangeOp
from diagnose.sources.config.dotted import below, split
from diagnose.verdict.edit.apply import Edit
from diagnose.verdict.edit.data import remove_key, set_value
from diagnose.verdict.outcome import Change
from diagnose.verdict.planned import edits


def edits_of(changes: Iterable[Change], root: str) -> list[Edit]:
    """Return the edits that make the changes. What is advice or to be done by hand is left out.

    A key that is to go makes room for what is to stand below it: a null gives way to a mapping.
    """
    made = [Edit(below(root, each.path), each.new, remove=each.op is ChangeOp.REMOVE) for each in edits(changes)]
    return [edit for edit in made if not edit.remove or not any(o.path.startswith(f"{edit.path}.") for o in made)]


def revised(config: Config, changes: Iterable[Change]) -> Config:
    """Return the config with the changes made to its data. Places still are those of the file as it was read."""
    reading = config.reading
    data = copy.deepcopy(reading.data)
    for edit in edits_of(changes, reading.root):
        if edit.remove:
            remove_key(data, split(edit.path))
        else:
            set_value(data, split(edit.path), edit.value)
    return Config(replace(reading, data=data), config.model)
