"""The next config judged as any config before a run: what it would still be asked for, and what is still at fault.

One change can bring another rule into play. A null that is taken out gives way to the trainer's default, and the
default may be what another rule objects to. The user gets both changes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Severity
from diagnose.facts.known import Known
from diagnose.rulebase.rule import ChangeOp
from diagnose.trainers.declared import Config
from diagnose.verdict.consult import Consultation
from diagnose.verdict.judgement import Change, Finding, Supposed
from diagnose.verdict.needs import at_the_logged_pace, needs_of
from diagnose.verdict.next.expected import forecast_again
from diagnose.verdict.next.next_config import ExpertConfig, Later, NextConfig, TwoRuns, edits
from diagnose.verdict.next.prepare import changes_asked_for
from diagnose.verdict.next.write_config import difference, edits_of, revised, value_at, written
from diagnose.verdict.report import Report

Written = TypeVar("Written", NextConfig, ExpertConfig)
ROUNDS = 3
"""How often a config is asked again at most; two have been seen to be needed."""


class Ahead:
    """The configs that changes lead to, each consulted on once, as a config that is still to be run."""

    def __init__(self, first: Consultation, config: Config, strategy: str, facts_of: Callable[[Config], Known]) -> None:
        self._first = first
        self._config = config
        self._facts_of = facts_of
        self._strategy = strategy
        self._seen = {self._key(()): first} if first.before_a_run else {}

    def _key(self, changes: Sequence[Change]) -> str:
        """Name the config that changes lead to; as text, in which 1, 1.0 and true differ."""
        return repr(edits_of(changes, self._config.reading))

    def consult(self, changes: Sequence[Change]) -> Consultation:
        """Return what the rules say about the config with the changes made."""
        key = self._key(changes)
        if key not in self._seen:
            self._seen[key] = self._first.ahead(self._facts_of(revised(self._config, changes)))
        return self._seen[key]

    def of(self, plan: NextConfig | TwoRuns) -> list[Consultation]:
        """Return what the rules say about the config or the two of a plan; nothing where none could be written."""
        if plan.configs or isinstance(plan, TwoRuns):
            return [self.consult(each.changes) for each in plan.configs]
        return [self.consult(plan.changes)] if plan.config is not None else []

    def grown(self, plan: Written, later: Sequence[Later]) -> Written:
        """Return a config with all that a pre-flight of it would ask for besides, as far as it can be written.

        `later`: the changes that wait.
        """
        more, waiting = plan.changes, [each.change.path for each in later]
        for _ in range(ROUNDS):
            asked = edits(changes_asked_for(self.consult(more), self._strategy))
            asked = tuple(change for change in asked if change.path not in waiting)
            if not asked:
                break
            more = composed(more, asked, self._config)
        if more == plan.changes:
            return plan
        try:
            text = written(self._config, more, waiting)
        except DiagnoseError:
            return plan
        return replace(plan, changes=more, config=text, diff=difference(self._config, text))


def look_again(report: Report, first: Consultation, facts_of: Callable[[Config], Known]) -> Report:
    """Return the report with what a pre-flight of its next config would still find, and no advice it settles.

    Args:
        report: what `first` came to.
        first: the rules held against the run, or the config, that the report is about.
        facts_of: returns what is known of a config that is still to be run.
    """
    plan, config = report.next, first.known.config
    if config is None:
        return report
    ahead = Ahead(first, config, plan.strategy, facts_of)
    if plan.configs:
        plan = replace(plan, configs=tuple(ahead.grown(each, plan.later) for each in plan.configs))
    elif plan.config is not None and (grown := ahead.grown(plan, plan.later)) is not plan:
        plan = forecast_again(replace(grown, diff=grown.diff or None), first.known)
    if plan.advised is not None:
        two = plan.advised
        two = replace(two, configs=tuple(ahead.grown(each, two.later) for each in two.configs))
        plan = replace(plan, advised=replace(two, standing=still_at_fault(each.findings() for each in ahead.of(two))))
    if first.before_a_run and plan.diff is None and not plan.configs:
        return replace(report, next=replace(plan, standing=still_at_fault([report.findings]), needs=report.needs))
    one = ahead.of(plan)
    needed = needs_of(one[0].known, tuple(report.titles)) if len(one) == 1 else None
    needed = at_the_logged_pace(needed, first.known, one[0].known) if needed is not None else None
    plan = replace(plan, standing=still_at_fault(each.findings() for each in one), needs=needed)
    return without_settled_advice(replace(report, next=plan), one)


def composed(first: Sequence[Change], then: Sequence[Change], config: Config) -> tuple[Change, ...]:
    """Return the changes that lead from the config to where `first` and then `then` lead; the later word counts."""
    later = {change.path for change in then}
    kept = (change for change in first if change.path not in later)
    return (*kept, *(replace(change, old=value_at(config, change.path)) for change in then))


def still_at_fault(found: Iterable[Sequence[Finding]]) -> tuple[Supposed, ...]:
    """Return the faults that are found in any of the configs, each once, worst first."""
    faults = [each for findings in found for each in findings if each.severity.rank < Severity.INFO.rank]
    once = {(f.name, f.subject): Supposed(f.name, f.rule, f.severity, f.title, f.message) for f in faults}
    return tuple(sorted(once.values(), key=lambda fault: fault.severity.rank))


def without_settled_advice(report: Report, ahead: Sequence[Consultation]) -> Report:
    """Return the report without advice that its own changes have made pointless.

    That is what a rule asks of the user which is known to be silent on every next config: its fault is gone.
    """
    silent = [{each.grounds.rules[id_].name for id_, _ in each.inference.silent} for each in ahead]
    settled = set.intersection(*silent) if silent else set()

    def left(changes: Sequence[Change]) -> tuple[Change, ...]:
        return tuple(c for c in changes if c.op is not ChangeOp.ADVISE or not settled.issuperset(c.rules))

    findings = tuple(replace(finding, changes=left(finding.changes)) for finding in report.findings)
    return replace(report, findings=findings, next=replace(report.next, changes=left(report.next.changes)))
