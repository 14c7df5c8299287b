from pathlib import Path
from typing import Any

import pytest
from builders import CONSOLE, config_of, readings, recorder, value
from physical_logs import Machine, bar_log, physical_log
from run_evidence import evidence

from diagnose.core.values import Place
from diagnose.facts.log.lost_time import extract
from diagnose.facts.log.starts import Restarts
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_readings import ConsoleReading, LogReading, PreviewRound
from diagnose.sources.log_rows import NO_ROWS
from diagnose.sources.readings import RunReadings
from diagnose.sources.row_writer import rows_of

BUSY = Machine(switch_every=10, switch=4, save_every=100, save=20, sample_every=250, preview=600)


def config(folder: Path, machine: Machine) -> Any:
    return config_of(
        folder,
        save={"save_every": machine.save_every},
        sample={"sample_every": machine.sample_every, "prompts": ["a dog"]},
        train={"switch_boundary_every": machine.switch_every},
        model={"arch": "wan22_14b_i2v"},
    )


def recorded(read: RunReadings, settings: Any = None, **given: Any) -> Recorder:
    record = recorder()
    extract(evidence(settings, read, **given), record)
    return record


@pytest.mark.parametrize("after_saves", [False, True])
def test_every_kind_of_pause_is_told_from_training(tmp_path: Path, after_saves: bool) -> None:
    rows = physical_log(BUSY, 1, after_saves=after_saves)
    read = readings(loss_db=rows) if after_saves else readings(metrics=rows)
    record = recorded(read, config(tmp_path, BUSY), restarts=Restarts((), ()))
    assert value(record, "log.save_seconds") == pytest.approx(20, abs=2)
    assert value(record, "log.preview_seconds") == pytest.approx(600, rel=0.1)
    assert value(record, "log.switch_seconds") == pytest.approx(4, abs=0.5)
    total = rows[-1].time or 0
    assert value(record, "log.preview_share") == pytest.approx(5 * 600 / total, rel=0.15)
    assert value(record, "log.save_share") == pytest.approx(14 * 20 / total, rel=0.25)
    assert value(record, "log.other_hours") == 0
    assert value(record, "log.pauses_apart") is True


def test_a_log_of_every_tenth_step_tells_the_same(tmp_path: Path) -> None:
    rows = physical_log(BUSY, 2, after_saves=True, every=10)
    record = recorded(readings(loss_db=rows), config(tmp_path, BUSY), restarts=Restarts((), ()))
    assert value(record, "log.preview_seconds") == pytest.approx(600, rel=0.1)
    assert value(record, "log.save_seconds") == pytest.approx(20, abs=8)
    assert value(record, "log.switch_seconds") is None


def test_saves_that_always_have_previews_beside_them_are_known_together(tmp_path: Path) -> None:
    machine = Machine(save_every=250, save=20, sample_every=250, preview=600)
    rows, settings = physical_log(machine, 3), config(tmp_path, machine)
    record = recorded(readings(metrics=rows), settings, restarts=Restarts((), ()))
    assert value(record, "log.pauses_apart") is False
    assert value(record, "log.preview_share") is None
    assert value(record, "log.pause_hours") == pytest.approx(5 * 620 / 3600, rel=0.1)
    assert value(record, "log.pause_pace") == pytest.approx(5 * 620 / len(rows), rel=0.1)
    shown = tuple(PreviewRound(Place("log.txt", line=step, step=step), 590.0) for step in range(250, 1500, 250))
    console = ConsoleReading(LogReading("log.txt", CONSOLE, NO_ROWS), (), preview_rounds=shown)
    timed = recorded(readings(metrics=rows, console=console), settings, restarts=Restarts((), ()))
    assert value(timed, "log.preview_seconds") == 590
    assert value(timed, "log.save_seconds") == pytest.approx(30, abs=60)


def test_the_console_alone_tells_of_the_previews_that_it_times() -> None:
    rows = tuple(bar_log(Machine(steps=600), 4))
    shown = tuple(PreviewRound(Place("log.txt", line=step, step=step), 590.0) for step in (250, 500, 599))
    console = ConsoleReading(LogReading("log.txt", CONSOLE, rows_of("log.txt", rows)), (), preview_rounds=shown)
    record = recorded(readings(console=console), restarts=Restarts((), ()))
    assert value(record, "log.preview_hours") == pytest.approx(2 * 590 / 3600), "the last is after the training"
    assert value(record, "log.pause_pace") == pytest.approx(2 * 590 / 599, rel=0.05)
    assert value(record, "log.save_share") is None
    assert value(record, "log.other_share") is None


def test_a_machine_that_sleeps_stands_still_and_a_restart_does_not(tmp_path: Path) -> None:
    rows = physical_log(Machine(stops={700: 3600, 900: 500}), 5)
    record = recorded(readings(metrics=rows), config(tmp_path, BUSY), restarts=Restarts((900,), ()))
    assert value(record, "log.other_hours") == pytest.approx(1, abs=0.02)


def test_clips_of_two_sizes_are_no_pauses(tmp_path: Path) -> None:
    for share in (0.03, 0.1, 0.5, 0.9):
        machine = Machine(sizes=((1 - share, 1), (share, 12)), save_every=100, save=20, sample_every=250, preview=600)
        record = recorded(
            readings(metrics=physical_log(machine, 6)), config(tmp_path, machine), restarts=Restarts((), ())
        )
        assert (value(record, "log.other_share") or 0) < 0.3, share


def test_nothing_is_told_without_cadences_or_times() -> None:
    record = recorded(readings(metrics=physical_log(Machine(steps=200), 7)), restarts=Restarts((), ()))
    assert value(record, "log.pause_share") is None
    assert value(record, "log.preview_share") is None
    assert value(recorded(readings()), "log.other_share") is None
    every = Machine(steps=400, save_every=100, sample_every=100)
    few = physical_log(every, 8, after_saves=True, every=100)
    assert value(recorded(readings(loss_db=few), restarts=Restarts((), ())), "log.other_share") is None
