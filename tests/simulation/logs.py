"""The logs of a run: the fork's metrics rows and scheduler states, upstream's database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from diagnose.demo.metrics import AlphaScheduler
from diagnose.demo.signals import single
from diagnose.domains.wan22.experts import Expert
from simulation.setup import Setup
from simulation.training import Course, Row

STARTED = datetime(2026, 3, 2, 20, 15, 7, 401293)  # noqa: DTZ001 - the fork writes naive local times
PACE = 11.4
"""Seconds per step."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """The text of the fork's metrics file, and the scheduler's state after each step in which it was asked for."""

    text: str
    states: Mapping[int, Mapping[str, Any]]


def metrics(setup: Setup, course: Course) -> Metrics:
    """Return what the fork logs: one row per step.

    A run of one expert under automagic leaves the file empty: the row holds a tensor, which is no JSON.
    """
    scheduler = AlphaScheduler(setup.phases, setup.linear_alpha) if setup.phases else None
    wanted = {min(save.step, len(course.rows) - 1) for save in course.saves}
    lines, states = [], {}
    for row in course.rows:
        loss = single(row.loss or 0.0)
        if scheduler is not None:
            scheduler.update(row.step, loss, row.stability)
        rest = {"alpha_enabled": False} if scheduler is None else scheduler.row()
        lines.append(json.dumps({**_entry(setup, row, loss), **rest}) + "\n")
        if scheduler is not None and row.step in wanted:
            states[row.step] = scheduler.state()
    silent = setup.adapts and len(setup.experts) == 1
    return Metrics("" if silent else "".join(lines), states)


def _entry(setup: Setup, row: Row, loss: float) -> dict[str, Any]:
    """One key for the rate of all groups where the optimizer does not adapt it."""
    rates = (
        {f"lr_{index}": single(row.rates[expert]) for index, expert in enumerate(Expert)}
        if setup.adapts
        else {"learning_rate": max(row.rates.values())}
    )
    return {
        "step": row.step,
        "timestamp": (STARTED + timedelta(seconds=PACE * row.step)).isoformat(),
        "loss": loss,
        "gradient_stability": row.stability if setup.adapts else None,
        "expert": f"{row.expert.value}_noise",
        **rates,
    }


def write_loss_db(path: Path, setup: Setup, course: Course, log_every: int) -> None:
    """Write upstream's log: step 0 is never in it, and one rate stands for all tensors."""
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(
            "CREATE TABLE steps (step INTEGER PRIMARY KEY, wall_time REAL NOT NULL);"
            "CREATE TABLE metric_keys (key TEXT PRIMARY KEY, first_seen_step INTEGER, last_seen_step INTEGER);"
            "CREATE TABLE metrics (step INTEGER NOT NULL, key TEXT NOT NULL, value_real REAL, value_text TEXT,"
            " PRIMARY KEY (step, key), FOREIGN KEY (step) REFERENCES steps(step) ON DELETE CASCADE);"
            "CREATE INDEX idx_metrics_key_step ON metrics (key, step);"
        )
        rows = [row for row in course.rows if row.step and row.step % log_every == 0]
        database.executemany("INSERT INTO steps VALUES (?, ?)", [(r.step, _wall_time(r.step)) for r in rows])
        for key, values in _values(setup, rows):
            database.executemany("INSERT INTO metrics VALUES (?, ?, ?, NULL)", [(s, key, v) for s, v in values])
            if values:
                database.execute("INSERT INTO metric_keys VALUES (?, ?, ?)", (key, values[0][0], values[-1][0]))


def _values(setup: Setup, rows: Iterable[Row]) -> list[tuple[str, list[tuple[int, float]]]]:
    rows = list(rows)
    rates = [(row.step, shared_rate(setup, row)) for row in rows]
    return [("learning_rate", rates), ("loss/loss", [(row.step, single(row.loss or 0.0)) for row in rows])]


def shared_rate(setup: Setup, row: Row) -> float:
    """Return the mean over all tensors; an expert that has not begun counts as 0."""
    own = [row.rates[side] for side in setup.experts]
    return single(sum(own) / len(own)) if setup.adapts else max(own)


def _wall_time(step: int) -> float:
    return STARTED.timestamp() + PACE * step
