"""What is still at fault in the next config: the same rules, held against it as against any config before a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from diagnose.facts.config.declared import Config
from diagnose.facts.known import Known
from diagnose.model import Severity
from diagnose.rulebase.base import RuleBase
from diagnose.verdict.held import hold
from diagnose.verdict.outcome import Finding, Supposed
from diagnose.verdict.planned import NextConfig
from diagnose.verdict.revised import revised


def next_configs(plan: NextConfig, config: Config) -> tuple[Config, ...]:
    """Return the config or the two of the next run, as a trainer would read them; none where none could be written."""
    if plan.configs:
        return tuple(revised(config, each.changes) for each in plan.configs)
    return (revised(config, plan.changes),) if plan.config is not None else ()


def faults_of(base: RuleBase, known: Known) -> tuple[Finding, ...]:
    """Return what a pre-flight finds in a config. The reference matcher answers: it needs no process of its own."""
    return hold(base, known, before_a_run=True, engine="matcher").findings()


def standing(found: Iterable[Sequence[Finding]]) -> tuple[Supposed, ...]:
    """Return the faults that stand in any of the configs, each once, worst first."""
    faults = [each for findings in found for each in findings if each.severity.rank < Severity.INFO.rank]
    once = {(f.name, f.subject): Supposed(f.name, f.rule, f.severity, f.title, f.message) for f in faults}
    return tuple(sorted(once.values(), key=lambda fault: fault.severity.rank))
