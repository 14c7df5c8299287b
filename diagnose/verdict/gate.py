"""Which findings stop a launch: grave enough, sure enough, and not known from an earlier report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import CONFIDENCES, LEVELS, NEVER, Confidence, Severity
from diagnose.verdict.judgement import Finding
from diagnose.verdict.report import SCHEMA, Report

Baseline: TypeAlias = "Mapping[tuple[str, str], Severity]"
"""The findings of an earlier report: rule and subject, each with its severity."""
_MOST = 64 * 2**20
_SHOWN = 5


def reaches(severity: Severity, fail_on: str) -> bool:
    """Return whether a severity is at or above a level."""
    return fail_on != NEVER and severity.rank <= Severity(fail_on).rank


class Gate(Struct, frozen=True):
    """What stops a launch.

    Attributes:
        fail_on: the least severity that does; "never" for none.
        min_confidence: the least confidence that a finding must have; None for any.
        baseline: findings that are known, and stop nothing unless they have become graver.
    """

    fail_on: str = Severity.BLOCKER.value
    min_confidence: str | None = None
    baseline: Baseline = {}

    def __post_init__(self) -> None:
        """Take levels as they are given.

        Raises:
            DiagnoseError: there is no such severity or confidence.
        """
        for what, given, known in (
            ("fail_on", self.fail_on, LEVELS),
            ("min_confidence", self.min_confidence, (None, *CONFIDENCES)),
        ):
            if given not in known:
                raise DiagnoseError(f"{what} {given!r}: give one of {', '.join(filter(None, known))}")

    def opened(self, report: Report) -> Outcome:
        """Return which findings of a report stop the launch, and how many as grave do not."""
        grave = [each for each in report.findings if reaches(each.severity, self.fail_on)]
        least = Confidence(self.min_confidence or Confidence.LOW)
        sure = [each for each in grave if each.confidence.rank <= least.rank]
        new = tuple(each for each in sure if not self._is_known(each))
        return Outcome(new, known=len(sure) - len(new), unsure=len(grave) - len(sure))

    def _is_known(self, finding: Finding) -> bool:
        before = self.baseline.get((finding.rule, finding.subject))
        return before is not None and before.rank <= finding.severity.rank


class Outcome(Struct, frozen=True):
    """The findings that stop the launch; `known` as grave ones are in the baseline, `unsure` lack confidence."""

    stopping: tuple[Finding, ...]
    known: int = 0
    unsure: int = 0

    @property
    def words(self) -> str:
        """What stops it, in a line: "2 findings: min-snr-gamma (blocker, high confidence), ...; 1 more is known"."""
        named = [f"{each.name} ({each.severity.value}, {each.confidence.value} confidence)" for each in self.stopping]
        more = f" and {len(named) - _SHOWN} more" if named[_SHOWN:] else ""
        count = "1 finding" if len(named) == 1 else f"{len(named)} findings"
        rest = [
            *([f"{self.known} in the baseline not counted"] if self.known else []),
            *([f"{self.unsure} too unsure not counted"] if self.unsure else []),
        ]
        return "; ".join([f"{count}: {', '.join(named[:_SHOWN])}{more}", *rest])


def read_baseline(path: Path) -> Baseline:
    """Read the findings of an earlier JSON report.

    Raises:
        DiagnoseError: it cannot be read, or is none.
    """
    try:
        with path.open("rb") as stream:
            text = stream.read(_MOST)
        document = json.loads(text)
    except OSError as error:
        raise DiagnoseError(f"{path}: cannot be read ({error.strerror}); give an earlier JSON report") from error
    except (ValueError, RecursionError) as error:
        raise DiagnoseError(f"{path}: no JSON; give an earlier JSON report") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise DiagnoseError(f"{path}: no report of diagnose; write the baseline with -o x.json")
    try:
        return {(str(each["rule"]), str(each["subject"])): Severity(each["severity"]) for each in document["findings"]}
    except (KeyError, TypeError, ValueError) as error:
        raise DiagnoseError(f"{path}: its findings cannot be read; write the baseline anew with -o x.json") from error
