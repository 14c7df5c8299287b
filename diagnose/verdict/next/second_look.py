"""The next config judged as any config before a run: what it would still be asked for, and what is still at fault.

One change can bring another rule into play. A null that is taken out gives way to the trainer's default, and the
default may be what another rule objects to. The user gets both changes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from diagnose.core.errors import DiagnoseError
from diagnose.core.model import Scalar, Severity
from diagnose.facts.config.declared import Config
from diagnose.facts.known import Known
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.rule import ChangeOp
from diagnose.sources.config.dotted import get
from diagnose.verdict.consult import Consultation, consult
from diagnose.verdict.judgement import Change, Finding, Supposed
from diagnose.verdict.next.next_config import ExpertConfig, NextConfig, edits
from diagnose.verdict.next.write_config import difference, revised, written
from diagnose.verdict.report import Report

Ask = Callable[[Consultation], Sequence[Change]]
"""What a pre-flight of a config would change in it."""
ROUNDS = 3
"""How often a config is asked again at most; two have been seen to be needed."""


def next_configs(plan: NextConfig, config: Config) -> tuple[Config, ...]:
    """Return the config or the two of the next run, as a trainer would read them; none where none could be written."""
    if plan.configs:
        return tuple(revised(config, each.changes) for each in plan.configs)
    return (revised(config, plan.changes),) if plan.config is not None else ()


def consult_ahead(base: RuleBase, known: Known) -> Consultation:
    """Hold the rules against a next config. The reference matcher answers: it needs no process of its own."""
    return consult(base, known, before_a_run=True, engine="matcher")


def standing(found: Iterable[Sequence[Finding]]) -> tuple[Supposed, ...]:
    """Return the faults that stand in any of the configs, each once, worst first."""
    faults = [each for findings in found for each in findings if each.severity.rank < Severity.INFO.rank]
    once = {(f.name, f.subject): Supposed(f.name, f.rule, f.severity, f.title, f.message) for f in faults}
    return tuple(sorted(once.values(), key=lambda fault: fault.severity.rank))


def without_settled_advice(report: Report, ahead: Sequence[Consultation]) -> Report:
    """Return the report without advice that its own changes have made pointless.

    That is what a rule asks of the user which is known to be silent on every next config: its fault is gone.
    """
    silent = [{held.grounds.rules[id_].name for id_, _ in held.inference.silent} for held in ahead]
    settled = set.intersection(*silent) if silent else set()

    def left(changes: Sequence[Change]) -> tuple[Change, ...]:
        return tuple(c for c in changes if c.op is not ChangeOp.ADVISE or not settled.issuperset(c.rules))

    findings = tuple(replace(finding, changes=left(finding.changes)) for finding in report.findings)
    return replace(report, findings=findings, next=replace(report.next, changes=left(report.next.changes)))


def mended(plan: NextConfig, config: Config, look: Callable[[Config], Consultation], ask: Ask) -> NextConfig:
    """Return the plan with what its own config or configs would be asked for besides."""
    if plan.configs:
        return replace(plan, configs=tuple(_expert(each, config, look, ask, plan) for each in plan.configs))
    if plan.config is None:
        return plan
    changes = _settled(plan.changes, config, look, ask)
    if changes == plan.changes:
        return plan
    try:
        text = written(config, changes, [each.change.path for each in plan.later])
    except DiagnoseError:
        return plan
    return replace(plan, changes=changes, config=text, diff=difference(config, text) or None)


def _expert(
    each: ExpertConfig, config: Config, look: Callable[[Config], Consultation], ask: Ask, plan: NextConfig
) -> ExpertConfig:
    changes = _settled(each.changes, config, look, ask)
    if changes == each.changes:
        return each
    try:
        text = written(config, changes, [later.change.path for later in plan.later])
    except DiagnoseError:
        return each
    return replace(each, changes=changes, config=text, diff=difference(config, text))


def _settled(
    changes: tuple[Change, ...], config: Config, look: Callable[[Config], Consultation], ask: Ask
) -> tuple[Change, ...]:
    for _ in range(ROUNDS):
        more = edits(ask(look(revised(config, changes))))
        if not more:
            return changes
        changes = composed(changes, more, config)
    return changes


def composed(first: Sequence[Change], then: Sequence[Change], config: Config) -> tuple[Change, ...]:
    """Return the changes that lead from the config to where `first` and then `then` lead; the later word counts."""
    later = {change.path: change for change in then}
    kept = [change for change in first if change.path not in later]
    new = [replace(change, old=_scalar(get(config.reading, change.path))) for change in then]
    return (*kept, *new)


def _scalar(value: object) -> Scalar | None:
    return value if isinstance(value, bool | int | float | str) else None
