"""What was written against what happens."""

from __future__ import annotations

from dataclasses import replace

from diagnose.core.model import Place
from diagnose.report.sections.effective import effective
from diagnose.verdict.report import Report
from diagnose.verdict.settings_in_effect import EffectiveSetting

LINE = Place("config.yaml", line=7)


def test_a_reason_is_given_once(healthy: Report) -> None:
    reasons = ("dropped", "dropped", "another", "dropped")
    rows = tuple(EffectiveSetting(f"train.k{n}", 1, 2, why, LINE) for n, why in enumerate(reasons))
    _, shown = effective(replace(healthy, effective=rows))
    assert [line.split("|")[4].strip() for line in shown.splitlines()[2:]] == [
        "dropped",
        "the same",
        "another",
        "dropped",
    ]
