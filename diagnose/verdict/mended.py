"""The next config asked again, until it asks for nothing more: one change can bring another rule into play.

A null that is taken out gives way to the trainer's default, and the default may be what another rule objects to. The
user gets both changes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from diagnose.core.errors import DiagnoseError
from diagnose.core.model import Scalar
from diagnose.facts.config.declared import Config
from diagnose.sources.config.dotted import get
from diagnose.verdict.held import Held
from diagnose.verdict.next_config import difference, written
from diagnose.verdict.outcome import Change
from diagnose.verdict.planned import ExpertConfig, NextConfig, edits
from diagnose.verdict.revised import revised

Ask = Callable[[Held], Sequence[Change]]
"""What a pre-flight of a config would change in it."""
ROUNDS = 3
"""How often a config is asked again at most; two have been seen to be needed."""


def mended(plan: NextConfig, config: Config, look: Callable[[Config], Held], ask: Ask) -> NextConfig:
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
    each: ExpertConfig, config: Config, look: Callable[[Config], Held], ask: Ask, plan: NextConfig
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
    changes: tuple[Change, ...], config: Config, look: Callable[[Config], Held], ask: Ask
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
