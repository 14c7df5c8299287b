"""What is still at fault in the next config: the same rules, held against it as against any config before a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from diagnose.core.model import Severity
from diagnose.facts.config.declared import Config
from diagnose.facts.known import Known
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.rule import ChangeOp
from diagnose.verdict.held import Held, hold
from diagnose.verdict.outcome import Change, Finding, Supposed
from diagnose.verdict.planned import NextConfig
from diagnose.verdict.report import Report
from diagnose.verdict.revised import revised


def next_configs(plan: NextConfig, config: Config) -> tuple[Config, ...]:
    """Return the config or the two of the next run, as a trainer would read them; none where none could be written."""
    if plan.configs:
        return tuple(revised(config, each.changes) for each in plan.configs)
    return (revised(config, plan.changes),) if plan.config is not None else ()


def hold_ahead(base: RuleBase, known: Known) -> Held:
    """Hold the rules against a next config. The reference matcher answers: it needs no process of its own."""
    return hold(base, known, before_a_run=True, engine="matcher")


def standing(found: Iterable[Sequence[Finding]]) -> tuple[Supposed, ...]:
    """Return the faults that stand in any of the configs, each once, worst first."""
    faults = [each for findings in found for each in findings if each.severity.rank < Severity.INFO.rank]
    once = {(f.name, f.subject): Supposed(f.name, f.rule, f.severity, f.title, f.message) for f in faults}
    return tuple(sorted(once.values(), key=lambda fault: fault.severity.rank))


def without_settled_advice(report: Report, ahead: Sequence[Held]) -> Report:
    """Return the report without advice that its own changes have made pointless.

    That is what a rule asks of the user which is known to be silent on every next config: its fault is gone.
    """
    silent = [{held.grounds.rules[id_].name for id_, _ in held.inference.silent} for held in ahead]
    settled = set.intersection(*silent) if silent else set()

    def left(changes: Sequence[Change]) -> tuple[Change, ...]:
        return tuple(c for c in changes if c.op is not ChangeOp.ADVISE or not settled.issuperset(c.rules))

    findings = tuple(replace(finding, changes=left(finding.changes)) for finding in report.findings)
    return replace(report, findings=findings, next=replace(report.next, changes=left(report.next.changes)))
