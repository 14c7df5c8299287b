"""The thresholds the report used, with the runs that stand behind each."""

from __future__ import annotations

from diagnose.report.escape import code, prose
from diagnose.report.tables import table
from diagnose.report.wording import in_place_of, runs, threshold
from diagnose.rulebase.rule import Param
from diagnose.verdict.report import Report


def thresholds(report: Report) -> list[str]:
    """A table; what the user set comes first, with the value it stands in place of."""
    rows = [
        [
            code(param.name),
            threshold(param),
            _source(param),
            runs(param.runs),
        ]
        for param in report.parameters
    ]
    header = ("Parameter", "Value", "Source", "Behind it")
    how = "`--set NAME=VALUE` overrides any of them."
    return ["## Thresholds used", table(header, rows), how] if rows else []


def _source(param: Param) -> str:
    if not param.overridden:
        return prose(param.source)
    where = f" ({code(param.origin)})" if param.origin else ""
    return f"**set by you**{where}{in_place_of(param)} ({prose(param.source)})"
