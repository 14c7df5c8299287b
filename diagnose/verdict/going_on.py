"""Whether the next config goes on with the run behind it, under its name, or begins a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from diagnose.core.model import Severity
from diagnose.engine.inference import Firing
from diagnose.facts.known import Known
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.rule import Rule
from diagnose.verdict.naming import RESUMES, WRITES_OVER
from diagnose.verdict.outcome import Change
from diagnose.verdict.planned import edits
from diagnose.verdict.resuming import resumable_from
from diagnose.verdict.severity import grade

STEPS = "train.steps"
_TAKEN_UP = ("save.", "sample.", "logging.", "performance_log_every")
"""Keys that a run takes from its config whenever it is started, and that change nothing of what it has learned."""


@dataclass(frozen=True, slots=True)
class Behind:
    """The run behind a config. `taken` are the names of files and folders where the next run would be written."""

    taken: frozenset[str]
    saved: bool
    resumes_from: int | None
    """The save from which it can go on; None where it is finished, crashed, diverged or has gone wrong."""

    @property
    def why_renamed(self) -> str:
        """Why the next run needs a name of its own."""
        return RESUMES if self.saved else WRITES_OVER

    def goes_on(self, changes: Iterable[Change]) -> int | None:
        """Return the save from which the run goes on under its own name with these changes made; None: it is to begin.

        It goes on where no change would have to undo what it has learned.
        """
        step = self.resumes_from
        kept = step is not None and all(_is_taken_up(change, step) for change in edits(changes))
        return step if kept else None


def behind(
    known: Known,
    rules: Mapping[str, Rule],
    firings: Iterable[Firing],
    base: RuleBase,
    beside: Iterable[str] | None,
) -> Behind | None:
    """Return the run behind the config; None for a config that was never run."""
    if beside is None:
        return None
    grades = {
        rules[f.rule].name: grade(rules[f.rule], f, base.knowledge.facts).severity for f in firings if _tells(rules, f)
    }
    grave = any(severity.rank <= Severity.MAJOR.rank for severity in grades.values())
    step = None if grave else resumable_from(known, grades)
    return Behind(frozenset(beside), bool(known.pairs), step)


def _tells(rules: Mapping[str, Rule], firing: Firing) -> bool:
    return rules[firing.rule].severity is not None


def _is_taken_up(change: Change, step: int) -> bool:
    if change.path == STEPS:
        return isinstance(change.new, int | float) and change.new > step
    return change.path.startswith(_TAKEN_UP)
