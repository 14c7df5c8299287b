"""How far a run came, and how it ended."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import CONSOLE, readings
from msgspec.structs import replace

from diagnose.core.values import Place
from diagnose.facts.log.progress import how_it_ended, steps_trained
from diagnose.facts.log.series import build_series
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, LogReading, SessionEnd
from diagnose.sources.log_rows import NO_ROWS, LogRow
from diagnose.sources.readings import CheckpointFile, SampleFile
from diagnose.sources.row_writer import rows_of


def final(step: int | None = 100) -> CheckpointFile:
    return CheckpointFile(
        "j_high_noise.safetensors", Path("j"), ("high",), step, final=True, size=1, modified=1,
        header_sha256="", tensors=(),
    )  # fmt: skip


def timed(gap_before: int, gap: float, steps: int = 100) -> list[LogRow]:
    return [LogRow(s, s + 1, time=s * 1.0 + (gap if s >= gap_before else 0), loss=0.1) for s in range(steps)]


def test_a_final_checkpoint_of_fewer_steps_is_not_the_end() -> None:
    assert how_it_ended(readings(checkpoints=[final(100)]), 100).finished is True
    assert how_it_ended(readings(checkpoints=[final(100)]), 200).finished is False
    assert how_it_ended(readings(), 200).finished is None


def test_more_steps_than_configured_are_not_all_of_this_run() -> None:
    run = readings(metrics=timed(0, 0, 60), checkpoints=[final(40)])
    end = how_it_ended(run, 40, 60)
    assert (end.finished, end.words) == (None, "log or files are not all of this config")
    assert how_it_ended(run, 60, 60).finished is False
    assert how_it_ended(readings(metrics=timed(0, 0, 40), checkpoints=[final(40)]), 40, 40).finished is True


@pytest.mark.parametrize(("trained", "told"), [(41, "finished"), (42, "log or files are not all of this config")])
def test_one_step_more_than_configured_is_the_same_run(trained: int, told: str) -> None:
    assert how_it_ended(readings(checkpoints=[final(40)]), 40, trained).words == told


def test_a_log_that_is_short_of_the_configured_steps_is_open() -> None:
    for trained, still in ((39, True), (40, False), (None, True)):
        assert how_it_ended(readings(metrics=timed(0, 0, 5)), 40, trained).open is still, trained
    assert how_it_ended(readings(metrics=timed(0, 0, 5)), None, 5).open is True


def test_the_furthest_of_log_and_files_counts() -> None:
    run = readings(metrics=timed(0, 0, 60), checkpoints=[final(61)])
    assert steps_trained(run, build_series(run)) is not None
    assert [steps_trained(each, build_series(each))[0] for each in (run, readings(metrics=timed(0, 0, 60)))] == [61, 60]  # type: ignore[index]
    assert steps_trained(readings(), None) is None


def test_a_preview_shows_how_far_a_run_came_but_for_the_one_before_it() -> None:
    previews = tuple(SampleFile(f"samples/{step}.webp", step, 0, step) for step in (0, 300))
    assert steps_trained(replace(readings(), samples=previews), None) == (300, Place("samples/300.webp", step=300))
    assert steps_trained(replace(readings(), samples=previews[:1]), None) is None


@pytest.mark.parametrize(
    ("end", "words", "finished", "still", "cut"),
    [
        (SessionEnd.FINISHED, "finished", True, False, False),
        (SessionEnd.CRASHED, "crashed at step 12", False, False, True),
        (SessionEnd.KILLED, "killed by the system at step 12", False, False, True),
        (SessionEnd.INTERRUPTED, "interrupted at step 12", False, False, False),
        (SessionEnd.CUT_OFF, "the console shows no end at step 12: still going, or cut off", False, True, True),
    ],
)
def test_the_console_tells_the_end(end: SessionEnd, words: str, finished: bool, still: bool, cut: bool) -> None:
    session = ConsoleSession("stdout.log", 1, 90, end, last_step=12)
    console = ConsoleReading(LogReading("stdout.log", CONSOLE, NO_ROWS), (session,))
    found = how_it_ended(readings(console=console), 100)
    assert (found.words, found.finished, found.open, found.cut) == (words, finished, still, cut)


def test_without_a_step_the_console_names_none() -> None:
    session = ConsoleSession("stdout.log", 1, 90, SessionEnd.CRASHED)
    console = ConsoleReading(LogReading("stdout.log", CONSOLE, NO_ROWS), (session,))
    assert how_it_ended(readings(console=console), 100).words == "crashed"
    whole = steps_trained(readings(console=console), None)
    assert whole is not None
    assert whole[0] == 0


def test_the_rows_of_the_console_count_as_well() -> None:
    console = ConsoleReading(LogReading("stdout.log", CONSOLE, rows_of("stdout.log", [LogRow(41, 7, loss=0.1)])), ())
    assert steps_trained(readings(console=console), None) == (42, Place("stdout.log", line=7, step=41))
