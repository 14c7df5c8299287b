from pathlib import Path

import pytest
from builders import CONSOLE, alternating, config_of, facts_of, readings, recorder, value
from msgspec.structs import replace
from run_evidence import evidence

from diagnose.core.values import Place, Quality
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.nan import extract
from diagnose.facts.log.series import build_series
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, LogReading, Mention, SessionEnd
from diagnose.sources.log_rows import NO_ROWS, LogRow
from diagnose.sources.readings import RunReadings
from diagnose.sources.row_writer import rows_of
from diagnose.trainers.declared import Config


def of(run: RunReadings, config: Config | None = None) -> Recorder:
    record = recorder()
    extract(evidence(config, run), record)
    return record


def recorded(rows: list[LogRow], console: ConsoleReading | None = None, config: Config | None = None) -> Recorder:
    return of(readings(metrics=rows, console=console), config)


def losses(*values: float) -> list[LogRow]:
    return [LogRow(step, step + 1, loss=loss, expert=Expert.HIGH) for step, loss in enumerate(values)]


def broken(steps: int, block: int, first: int, expert: Expert | None = None) -> list[LogRow]:
    """A run whose losses are NaN from a step on, of one expert or of both."""
    return alternating(
        steps,
        block,
        lambda step, e: LogRow(step, step + 1, loss=0.0 if step >= first and expert in {None, e} else 0.3, expert=e),
    )


def test_a_run_of_zeros_is_nan_and_a_single_zero_is_not() -> None:
    record = recorded(losses(0.5, 0.0, 0.4, 0.0, 0.0, 0.0, 0.3))
    fact = facts_of(record)["log.nan_steps", "run"]
    assert fact.value == 3
    assert fact.quality is Quality.ESTIMATED, "without a console, zeros are only read as NaN"


def test_the_console_decides_what_a_zero_means() -> None:
    rows = losses(0.5, 0.0, 0.0, 0.0, 0.3)
    console = ConsoleReading(
        LogReading("stdout.log", CONSOLE, rows_of("stdout.log", rows)),
        (ConsoleSession("stdout.log", 1, 9, SessionEnd.FINISHED),),
        nan_losses=(Mention(Place("stdout.log", line=7, step=2), "loss is nan"),),
    )
    fact = facts_of(recorded(rows, console))["log.nan_steps", "run"]
    assert fact.value == 1
    assert fact.quality is Quality.EXACT
    assert fact.places[0] == Place("stdout.log", line=7, step=2)


def test_a_step_that_was_trained_again_or_not_logged_is_not_lost() -> None:
    rows = losses(0.5, 0.3, 0.0, 0.4)
    told = LogReading("stdout.log", CONSOLE, rows_of("stdout.log", rows))
    mentions = tuple(Mention(Place("stdout.log", step, step=step), "loss is nan") for step in (1, 2, 9, 10))
    session = ConsoleSession("stdout.log", 1, 9, SessionEnd.FINISHED)
    record = recorded(rows, ConsoleReading(told, (session,), nan_losses=mentions))
    assert facts_of(record)["log.nan_steps", "run"].places[0].step == 2
    assert value(record, "log.nan_steps") == 1
    assert value(record, "log.nan_share") == 0.25


def test_without_a_weight_on_the_loss_each_zero_is_a_nan(tmp_path: Path) -> None:
    rows = losses(0.5, 0.0, 0.4, 0.3, 0.0, 0.3)
    for train, count in (
        ({"timestep_type": "linear"}, 2),
        ({"timestep_type": "sigmoid"}, 2),
        ({}, 2),
        ({"timestep_type": "weighted"}, 0),
        ({"timestep_type": "linear", "linear_timesteps": True}, 0),
    ):
        fact = facts_of(recorded(rows, config=config_of(tmp_path, train=train)))["log.nan_steps", "run"]
        assert fact.value == count, train
        assert fact.quality is (Quality.EXACT if count else Quality.ESTIMATED)


def test_a_console_of_a_part_of_the_run_speaks_for_that_part_alone() -> None:
    rows = losses(*[0.5] * 5, 0.0, *[0.5] * 4, *[0.0] * 4, 0.2)
    console = ConsoleReading(
        LogReading("stdout.log", CONSOLE, rows_of("stdout.log", rows[:8])),
        (ConsoleSession("stdout.log", 1, 9, SessionEnd.CUT_OFF),),
        nan_losses=(Mention(Place("stdout.log", line=7, step=5), "loss is nan"),),
    )
    record = recorded(rows, console)
    assert value(record, "log.nan_steps") == 5
    assert value(record, "log.first_nan") == 5


def test_nan_to_the_end_is_told_from_scattered_ones() -> None:
    dead = recorded(broken(2000, 100, 1600))
    assert (value(dead, "log.nan_tail"), value(dead, "log.nan_run")) == (200, 200)
    assert (value(dead, "log.first_nan"), value(dead, "log.dead_from")) == (1600, 1600)
    assert value(dead, "log.nan_from_start") == "none"
    scattered = recorded(losses(*([0.3] * 9 + [0.0]) * 20, 0.3), config=None)
    assert value(scattered, "log.nan_steps") == 0, "without a config single zeros tell nothing"


def test_scattered_ones_before_the_end_broke_nothing(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"timestep_type": "linear"})
    rows = losses(*([0.3] * 9 + [0.0]) * 20, *[0.0] * 30)
    record = recorded(rows, config=config)
    assert value(record, "log.first_nan") == 9
    assert value(record, "log.dead_from") == 199
    assert value(record, "log.nan_run") == 31
    scattered = recorded(rows[:190], config=config)
    assert (value(scattered, "log.nan_run"), value(scattered, "log.nan_tail")) == (1, 1)


def test_one_expert_alone_can_be_dead() -> None:
    record = recorded(broken(400, 50, 200, Expert.HIGH))
    assert value(record, "log.nan_tail") == 100
    assert value(record, "log.dead_from") == 200


@pytest.mark.parametrize(
    ("first", "expert", "start"),
    [(0, None, "all"), (0, Expert.LOW, "low"), (0, Expert.HIGH, "high"), (1, None, "none"), (11, None, "none")],
)
def test_nan_before_the_first_update_is_told_from_a_divergence(first: int, expert: Expert | None, start: str) -> None:
    assert value(recorded(broken(60, 10, first, expert)), "log.nan_from_start") == start


def test_a_few_steps_may_all_be_of_one_broken_clip() -> None:
    assert value(recorded(losses(*[0.0] * 4)), "log.nan_from_start") == "none"
    assert value(recorded(losses(*[0.0] * 5)), "log.nan_from_start") == "all"


def test_a_database_without_its_first_step_asks_whether_one_update_can_have_broken_it(tmp_path: Path) -> None:
    rows = [LogRow(step, None, loss=0.0) for step in range(1, 40)]
    for rate, start in ((1e-4, "all"), (1e20, "none")):
        config = config_of(tmp_path, train={"lr": rate, "timestep_type": "linear"})
        assert value(of(readings(loss_db=rows), config), "log.nan_from_start") == start


def test_nan_from_a_resume_on_is_no_divergence_either() -> None:
    rows = [LogRow(s, s + 1, time=s + (900.0 if s >= 30 else 0), loss=0.0 if s >= 30 else 0.4) for s in range(60)]
    record = recorded(rows)
    assert value(record, "log.nan_from_start") == "resumed"
    assert value(record, "log.dead_from") == 30
    broken_before = [replace(row, loss=0.0 if row.step >= 20 else 0.4) for row in rows]
    assert value(recorded(broken_before), "log.nan_from_start") == "none"


def test_steps_with_a_nan_loss_do_not_count_as_sound() -> None:
    record = recorder()
    record.known("run.steps_trained", 2000)
    run = readings(metrics=broken(2000, 100, 1600))
    extract(evidence(read=run, latest=None), record)
    assert value(record, "run.steps_sound") == 1600


def upstream(first: int, steps: int = 30) -> RunReadings:
    return readings(loss_db=[LogRow(s, s + 1, loss=0.0, expert=Expert.HIGH) for s in range(first, steps)])


@pytest.mark.parametrize(("rate", "start"), [(0.01, "all"), (0.0101, "none"), (0.0, "all")])
def test_one_update_breaks_the_weights_only_at_a_large_rate(tmp_path: Path, rate: float, start: str) -> None:
    config = config_of(tmp_path, train={"lr": rate})
    assert value(of(upstream(1), config), "log.nan_from_start") == start
    assert value(of(upstream(2), config), "log.nan_from_start") == "none", "updates came before"


def test_five_nan_batches_in_a_row_are_more_than_a_broken_clip() -> None:
    for lost, dead in ((5, 10), (4, 1)):
        rows = losses(0.3, *[0.0] * 3, *[0.3] * 6, *[0.0] * lost, *[0.3] * 3)
        assert value(recorded(rows), "log.dead_from") == dead, lost
    assert value(recorded(losses(0.3, *[0.0] * 3, *[0.3] * 6)), "log.dead_from") == 1


def test_the_longest_run_of_nan_and_that_at_the_end_are_counted() -> None:
    record = recorded(losses(*[0.0] * 6, 0.3, *[0.0] * 4))
    assert (value(record, "log.nan_run"), value(record, "log.nan_tail")) == (6, 4)
    sound = recorded(losses(0.3, 0.4))
    assert (value(sound, "log.nan_run"), value(sound, "log.nan_tail")) == (0, 0)
    two = recorded(
        alternating(
            40, 5, lambda s, e: LogRow(s, s + 1, loss=0.0 if s >= (30 if e is Expert.LOW else 20) else 0.3, expert=e)
        )
    )
    assert value(two, "log.nan_tail") == 10


def test_the_first_step_of_either_expert_is_where_it_was_lost_from_the_start() -> None:
    fact = facts_of(recorded(broken(40, 10, 0)))["log.nan_from_start", "run"]
    assert (fact.value, fact.places[0].step) == ("all", 0)


def test_after_a_restart_five_rows_all_of_them_lost_tell() -> None:
    for lost, good, start in ((5, 0, "resumed"), (4, 0, "none"), (6, 1, "none")):
        rows = losses(*[0.3] * 10, *[0.0] * lost, *[0.3] * good)
        series = build_series(readings(metrics=rows))
        assert series is not None
        latest = replace(series, rows=series.rows[10:])
        record = recorder()
        extract(evidence(read=readings(metrics=rows), series=series, latest=latest), record)
        assert value(record, "log.nan_from_start") == start, (lost, good)


def test_no_step_is_sound_where_all_are_lost() -> None:
    for trained, sound in ((5, 0), (6, 0), (7, 1)):
        record = recorder()
        record.known("run.steps_trained", trained)
        extract(evidence(read=readings(metrics=losses(*[0.0] * 6))), record)
        assert value(record, "run.steps_sound") == sound


def test_a_row_is_told_by_its_own_line_of_the_console_or_by_itself() -> None:
    rows = losses(0.3, 0.0, 0.0, 0.0)
    mention = Mention(Place("stdout.log", line=9, step=2), "loss is nan")
    seen = ConsoleReading(LogReading("stdout.log", CONSOLE, NO_ROWS), (), nan_losses=(mention,))
    assert facts_of(recorded(rows, seen))["log.first_nan", "run"].places[0].file == "metrics_job.jsonl"
