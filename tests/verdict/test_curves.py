"""The curves: stretches of the log, sessions, and the last save by module."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from pathlib import Path
from statistics import fmean

import pytest
from msgspec.structs import replace

from diagnose import Settings
from diagnose.api import understand
from diagnose.core.values import Intent
from diagnose.facts.known import Known
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, LogReading, SessionEnd
from diagnose.sources.log_rows import NO_ROWS
from diagnose.sources.row_writer import rows_of
from diagnose.verdict.curves import MOST_STRETCHES, Session, curves_of

EXPERTS = ("high", "low")


@pytest.fixture(scope="module")
def known(v17_dir: Path) -> Known:
    return understand(v17_dir, Settings(intent=Intent.MOTION)).known


def rows_kept(known: Known, count: int) -> Known:
    series = known.evidence.series
    assert series is not None
    evidence = replace(known.evidence)
    evidence.__dict__["series"] = replace(series, rows=series.rows[:count])
    return replace(known, evidence=evidence)


def test_stretches_cover_the_log_and_no_row_twice(known: Known) -> None:
    series = known.evidence.series
    assert series is not None
    found = curves_of(known, EXPERTS).stretches
    assert len(found) == MOST_STRETCHES
    assert found[0].first == series.rows[0].step
    assert found[-1].last == series.rows[-1].step
    assert all(before.last < after.first for before, after in pairwise(found))
    batches = sum(spread.batches for each in found for spread in each.loss.values())
    assert batches == len(series.finite(series.rows))


def test_a_stretch_has_the_rates_of_its_end_and_the_mean_loss_of_each_expert(known: Known) -> None:
    series = known.evidence.series
    assert series is not None
    last = curves_of(known, EXPERTS).stretches[-1]
    assert last.lr == series.rows[-1].rates
    own = [r.loss for r in series.rows if r.expert == "low" and r.step >= last.first and r.loss is not None]
    assert last.loss["low"].mean == pytest.approx(fmean(own))
    low, high = last.loss["low"].low, last.loss["low"].high
    assert low is not None
    assert high is not None
    assert low < last.loss["low"].mean < high


def test_a_short_log_has_few_stretches_and_few_losses_no_band(known: Known) -> None:
    assert len(curves_of(rows_kept(known, 3), EXPERTS).stretches) == 1
    (only,) = curves_of(rows_kept(known, 3), EXPERTS).stretches
    assert [(spread.low, spread.batches) for spread in only.loss.values()] == [(None, 3)]
    assert len(curves_of(rows_kept(known, 16), EXPERTS).stretches) == 2


def test_a_loss_that_is_no_number_is_in_no_mean(known: Known) -> None:
    series = known.evidence.series
    assert series is not None
    evidence = replace(known.evidence)
    steps = frozenset(row.step for row in series.rows[-100:])
    evidence.__dict__["series"] = replace(series, nan_steps=steps)
    found = curves_of(replace(known, evidence=evidence), EXPERTS)
    assert found.nan_steps == (min(steps), 100)
    assert found.stretches[-1].loss == {}
    assert max(last for _, last in found.loss_windows.values()) < min(steps)


def test_the_windows_are_the_later_half_of_each_experts_rows(known: Known) -> None:
    series = known.evidence.series
    assert series is not None
    own = [row.step for row in series.rows if row.expert == "high"]
    assert curves_of(known, EXPERTS).loss_windows["high"] == (own[len(own) // 2], own[-1])


def test_the_last_save_of_each_expert_is_mapped(known: Known) -> None:
    maps = curves_of(known, EXPERTS).maps
    pair = known.evidence.pairs[-1]
    for expert, measured in pair.experts.items():
        one = maps[expert.value]
        assert one.step == pair.step
        first, module = one.modules[0], measured.modules[0]
        assert module.update_norm is not None
        assert first.change == pytest.approx(module.update_norm / sqrt(module.fan_in * module.fan_out))
        assert (first.kind, first.block) == (module.kind, module.block)


def test_sessions_are_those_of_the_console(known: Known) -> None:
    starts = (
        ConsoleSession("stdout.log", 1, 9, SessionEnd.CRASHED, first_step=0, last_step=50),
        ConsoleSession("stdout.log", 10, 19, SessionEnd.FINISHED, resumed_from=40, first_step=40, last_step=90),
    )
    log = next(iter(known.evidence.readings.logs))
    console = ConsoleReading(LogReading(log.file, log.abilities, NO_ROWS), starts)
    evidence = replace(known.evidence, everything=replace(known.evidence.everything, console=console))
    assert curves_of(replace(known, evidence=evidence), EXPERTS).sessions == (
        Session(0, 50, "crashed"),
        Session(40, 90, "finished", resumed_from=40),
    )


def test_without_a_console_pauses_begin_sessions(known: Known) -> None:
    series = known.evidence.series
    assert series is not None
    evidence = replace(known.evidence, everything=replace(known.evidence.everything, console=None))
    assert len(curves_of(replace(known, evidence=evidence), EXPERTS).sessions) == 1
    evidence = replace(evidence)
    late = (replace(row, time=row.step + 1e5 * (row.step >= 1003)) for row in series.rows)
    rows = rows_of(series.log.file, late)
    evidence.__dict__["series"] = replace(series, rows=rows)
    found = curves_of(replace(known, evidence=evidence), EXPERTS).sessions
    assert [(each.first, each.last) for each in found] == [(rows[0].step, 1002), (1003, rows[-1].step)]
