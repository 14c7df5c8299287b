"""Real runs of the fork, reduced to what the forecast is held against: settings, rates and sign agreement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from builders import model

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.logged_rates import ratio_of
from diagnose.facts.outlook.forecast import Forecast, ForecastPoint, forecast
from diagnose.sources.log_rows import LogRow, LogRows
from diagnose.trainers.aitoolkit.config_file import read_config
from diagnose.trainers.aitoolkit.metrics_log import read_metrics
from diagnose.trainers.declared import Config

DATA = Path(__file__).parents[1] / "data" / "rates"


@dataclass(frozen=True)
class LoggedRun:
    """A run's config as the fork takes it, and its rows in which both experts have a rate."""

    name: str
    config: Config
    rows: Mapping[int, LogRow]
    agreement: float
    by_expert: Mapping[Expert, float]

    def forecast(self, agreement: Mapping[Expert, float] | float, steps: int) -> Forecast:
        rates = self.config.model.rates(self.config)
        assert rates is not None
        found = forecast(self.config, rates, self.config.model, agreement, steps)
        assert found is not None
        return found

    def at(self, row: int, agreement: Mapping[Expert, float] | float | None = None) -> ForecastPoint:
        """Return the forecast for a row of the log, which is written after `row + 1` steps."""
        return self.forecast(self.agreement if agreement is None else agreement, row + 1).points[-1]

    def ratio(self, row: int) -> float:
        """Return the logged ratio high over low."""
        rates = self.rows[row].rates
        return rates[Expert.HIGH] / rates[Expert.LOW]

    @property
    def last(self) -> int:
        return max(self.rows)


def logged_runs() -> list[LoggedRun]:
    return [read_run(folder) for folder in sorted(DATA.iterdir())]


def read_run(folder: Path) -> LoggedRun:
    (log,) = folder.glob("metrics_*.jsonl")
    rows = read_metrics(log, run_dir=folder).rows
    overall = fmean(_stability(row) for row in rows)
    both = {row.step: row for row in rows if ratio_of(row.rates)}
    config = Config(read_config(folder / "config.yaml"), model())
    return LoggedRun(folder.name, config, both, overall, _by_expert(rows, overall))


def _by_expert(rows: LogRows, overall: float) -> dict[Expert, float]:
    """Return the mean over each expert's rows, without the first of each block, which repeats the other's value."""
    own: dict[Expert, list[float]] = {expert: [] for expert in Expert}
    for before, row in pairwise(rows):
        if row.expert is not None and row.expert == before.expert:
            own[Expert(row.expert)].append(_stability(row))
    return {expert: fmean(values) if values else overall for expert, values in own.items()}


def _stability(row: LogRow) -> float:
    assert row.gradient_stability is not None
    return row.gradient_stability
