"""Whether a report answers a question in two ways, as `knowledge/exclusive.yaml` lists them."""

from __future__ import annotations

from functools import cache

from diagnose import Report, Settings
from diagnose.rulebase.base import RuleBase
from diagnose.settings import rule_base


@cache
def _base() -> RuleBase:
    return rule_base(Settings())


def answered_twice(report: Report) -> list[str]:
    """Return the questions to which findings and advice of the report give more than one answer."""
    base = _base()
    states = {rule.name: rule.states for rule in base.rules}
    changes = [*report.next.changes, *(change for finding in report.findings for change in finding.changes)]
    given = {states[finding.name] for finding in report.findings} | {change.states for change in changes}
    return [
        name
        for name, question in base.knowledge.questions.items()
        if len(given.intersection(answer.name for answer in question.answers)) > 1
    ]
