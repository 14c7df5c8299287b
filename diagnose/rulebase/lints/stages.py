"""What a rule's stage demands of it, and which conclusions it may read."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.core.model import Severity, Stage
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.lints.vocabulary import Vocabulary
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.registry import is_conclusion
from diagnose.rulebase.walk import conditions

_ORDER = list(Stage)


def lint_stages(file: RuleFile, _words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault where a rule has what its stage has not, or reads a conclusion that is not there yet."""
    rule, stage = file.rule, file.rule.stage.value
    yield from _remedy(file) if rule.stage is Stage.REMEDY else _finding(file)
    for index, name in enumerate(rule.derives):
        if rule.stage is not Stage.REMEDY and not name.startswith(f"{stage}."):
            yield file.fault(("derives", index), f"a {stage} derives {stage}.NAME, not {name}")
    for placed in conditions(rule):
        fact = placed.condition.fact
        if is_conclusion(fact) and _ORDER.index(Stage(fact.partition(".")[0])) >= _ORDER.index(rule.stage):
            yield file.fault((*placed.path, "fact"), f"a {stage} reads conclusions of earlier stages only, not {fact}")


def _finding(file: RuleFile) -> Iterator[Fault]:
    rule = file.rule
    if rule.severity is None:
        yield file.fault(("stage",), f"a {rule.stage.value} needs a severity")
    if not rule.message:
        yield file.fault(("stage",), f"a {rule.stage.value} needs a message")
    if rule.severity is Severity.GOOD and rule.changes:
        yield file.fault(("changes",), "what is good needs no change")


def _remedy(file: RuleFile) -> Iterator[Fault]:
    rule = file.rule
    if rule.severity is not None:
        yield file.fault(("severity",), "a remedy words no finding, so it has no severity")
    if rule.grades:
        yield file.fault(("grades",), "a remedy words no finding, so it has no grades")
    if rule.derives:
        yield file.fault(("derives",), "a remedy is the last stage; nobody could read what it derives")
    if not rule.changes:
        yield file.fault(("stage",), "a remedy needs changes")
