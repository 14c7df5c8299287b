"""The index of the traps, `knowledge/traps.yaml`: the rules that see each of them, or why nothing we read shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pydantic import Field

from diagnose.rulebase.faults import Fault
from diagnose.rulebase.reading.schema import Listed, Shape
from diagnose.rulebase.reading.spelling import Prose, RuleName
from diagnose.rulebase.reading.validation import nearest, validate
from diagnose.rulebase.rule import Rule
from diagnose.rulebase.traps import Trap
from diagnose.rulebase.yaml_places import Document

TRAPS_FILE = "traps.yaml"


COUNT = 40
"""Traps of a config that the field knows, as they were gathered from code and threads."""


class _TrapShape(Shape):
    number: int
    says: Prose
    rules: Listed[RuleName] = Field(default_factory=list)
    unseen: Prose | None = None


class _TrapsShape(Shape):
    traps: list[_TrapShape]


def read_traps(document: Document) -> tuple[Mapping[int, Trap], list[Fault]]:
    """Return the traps by number, and every fault of the file: all of them, in order, each seen or excused."""
    shape, faults = validate(_TrapsShape.model_validate, document)
    if shape is None:
        return {}, faults
    if [each.number for each in shape.traps] != list(range(1, COUNT + 1)):
        faults.append(document.fault(("traps",), f"give the {COUNT} traps in order, each once"))
    traps = {}
    for index, each in enumerate(shape.traps):
        path = ("traps", index)
        if not each.rules and each.unseen is None:
            text = f"trap {each.number}: name the rules that see it, or say under unseen why none can"
            faults.append(document.fault(path, text))
        line = document.lines[path]
        traps[each.number] = Trap(each.number, each.says, tuple(each.rules), each.unseen, document.file, line)
    return traps, faults


def lint_traps(traps: Mapping[int, Trap], rules: Iterable[Rule]) -> Iterator[Fault]:
    """Yield a fault for each rule that a trap names and that does not exist."""
    names = {rule.name for rule in rules}
    for trap in traps.values():
        for name in trap.rules:
            if name not in names:
                yield Fault(trap.file, trap.line, f"trap {trap.number}: no rule is called {name}{nearest(name, names)}")
