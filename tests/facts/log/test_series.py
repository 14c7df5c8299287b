"""Which log counts, which of its losses are NaN, and the rows of each expert."""

from pathlib import Path

import pytest
from builders import CONSOLE, config_of, readings
from msgspec.structs import replace

from diagnose.core.values import Place, Remark
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.series import (
    Series,
    build_series,
    mean_agreement,
    second_half,
    without_strange_log,
)
from diagnose.sources.log_readings import ConsoleReading, LogReading, Mention
from diagnose.sources.log_rows import LogRow
from diagnose.sources.readings import CheckpointFile
from diagnose.sources.row_writer import rows_of
from diagnose.trainers.declared import Config


def config(folder: Path, job: str) -> Config:
    made = config_of(folder, train={"steps": 10})
    data = {**made.reading.data, "config": {**made.reading.data["config"], "name": job}}
    return Config(replace(made.reading, data=data), made.model)


def save(job: str | None) -> CheckpointFile:
    metadata = {} if job is None else {"ss_output_name": job}
    return CheckpointFile(
        "x.safetensors", Path("x"), ("high",), 10, final=False, size=1, modified=1, header_sha256="", tensors=(),
        metadata=metadata,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("own", "saved", "kept"),
    [
        ("mine", ("mine", "mine"), False),
        ("mine", ("mine", None), False),
        ("mine", ("mine", "job"), True),  # the log's job has saved here as well
        ("mine", ("job",), True),  # the config is the strange one
        ("mine", (None,), True),  # renamed, perhaps
        ("job", ("mine",), True),
    ],
)
def test_a_log_that_config_and_checkpoints_gainsay(
    tmp_path: Path, own: str, saved: tuple[str | None, ...], kept: bool
) -> None:
    run = readings(metrics=[LogRow(0, 1, loss=0.1)], checkpoints=[save(job) for job in saved])
    trusted, remarks = without_strange_log(run, config(tmp_path, own))
    assert bool(trusted.logs) is kept
    assert [remark.place.file for remark in remarks] == ([] if kept else ["metrics_job.jsonl"])
    assert without_strange_log(run, None) == (run, ())


def high(*losses: float | None) -> list[LogRow]:
    return [LogRow(step, step + 1, loss=loss, expert=Expert.HIGH) for step, loss in enumerate(losses)]


def nan_of(
    rows: list[LogRow], *, told: int = 0, named: tuple[int, ...] = (), config: Config | None = None
) -> tuple[frozenset[int], bool]:
    """The NaN steps of a log, whose first `told` rows a console shows, with NaN losses at the steps that it names."""
    console = None
    if told or named:
        mentions = tuple(Mention(Place("stdout.log", 9, step=step), "loss is nan") for step in named)
        console = ConsoleReading(
            LogReading("stdout.log", CONSOLE, rows_of("stdout.log", rows[:told])), (), nan_losses=mentions
        )
    series = build_series(readings(metrics=rows, console=console), config)
    assert series is not None
    return series.nan_steps, series.nan_exact


def test_three_zeros_in_a_row_of_one_expert_are_nan() -> None:
    assert nan_of(high(0.1, 0.0, 0.0, 0.3)) == (frozenset(), False)
    assert nan_of(high(0.1, 0.0, 0.0, 0.0, 0.3)) == (frozenset({1, 2, 3}), False)
    turns = [LogRow(s, s + 1, loss=0.0, expert=Expert.LOW if s % 2 else Expert.HIGH) for s in range(4)]
    assert nan_of(turns)[0] == frozenset(), "two of each"
    ones = nan_of(high(*[1.0] * 6))
    assert ones[0] == frozenset()


def test_the_console_tells_of_the_steps_that_it_shows() -> None:
    rows = high(0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert nan_of(rows, told=4, named=(2,)) == (frozenset({2, 4, 5, 6}), False)
    assert nan_of(rows[:4], told=4, named=(2,)) == (frozenset({2}), True)
    assert nan_of(rows, told=4, named=(2, 0))[0] == frozenset({2, 4, 5, 6}), "step 0 has a loss"


def test_a_zero_is_nan_where_no_weight_can_make_one(tmp_path: Path) -> None:
    plain = config_of(tmp_path, train={"timestep_type": "linear"})
    assert nan_of(high(0.1, 0.0, 1.0, 0.3), config=plain) == (frozenset({1}), True)
    weighted = config_of(tmp_path, train={"timestep_type": "weighted"})
    assert nan_of(high(0.1, 0.0, 1.0, 0.3), config=weighted) == (frozenset(), False)


def test_nan_that_the_log_spells_is_nan() -> None:
    rows = high(0.1, None, 0.0, 0.0, 0.0)
    run = readings(metrics=rows)
    remark = Remark(Place(run.logs[0].file, 2, "loss"), "NaN")
    spelled = replace(run, logs=(replace(run.logs[0], remarks=(remark,)),))
    series = build_series(spelled)
    assert series is not None
    assert (series.nan_steps, series.nan_exact) == (frozenset({1}), True)
    other = replace(run, logs=(replace(run.logs[0], remarks=(Remark(Place("x", 2, "step"), "no"),)),))
    counted = build_series(other)
    assert counted is not None
    assert counted.nan_steps == frozenset({2, 3, 4})


def test_a_series_hands_out_an_experts_rows_and_those_with_a_loss() -> None:
    rows = [*high(0.1, None, 0.0, 0.0, 0.0, 0.3), LogRow(6, 7, loss=0.2, expert=Expert.LOW)]
    series = build_series(readings(metrics=rows))
    assert series is not None
    assert [row.step for row in series.own(Expert.LOW)] == [6]
    assert [row.step for row in series.finite(series.own(Expert.HIGH))] == [0, 5]
    assert [row.step for row in second_half(series.rows)] == [3, 4, 5, 6]
    assert build_series(readings()) is None


HIGH, LOW = Expert.HIGH, Expert.LOW


def logged(*values: tuple[Expert, float | None]) -> Series:
    rows = [LogRow(s, s + 1, loss=0.1, expert=e, gradient_stability=each) for s, (e, each) in enumerate(values)]
    series = build_series(readings(metrics=rows))
    assert series is not None
    return series


def test_a_value_that_only_repeats_the_other_experts_does_not_count() -> None:
    series = logged((HIGH, 0.4), (HIGH, 0.6), (LOW, 0.6), (LOW, 0.8), (HIGH, 0.5), (HIGH, 0.5), (LOW, None))
    assert [row.step for row in series.stability_rows] == [0, 1, 3, 4, 5]
    assert mean_agreement(series, HIGH) == pytest.approx(0.5)
    assert mean_agreement(series, LOW) == pytest.approx(0.8)
    assert mean_agreement(series) == pytest.approx(0.56)


def test_without_a_logged_value_there_is_no_mean() -> None:
    series = logged((HIGH, None), (LOW, None))
    assert mean_agreement(series) is None
    assert mean_agreement(series, HIGH) is None
