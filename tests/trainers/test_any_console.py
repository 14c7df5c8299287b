"""The console of a program whose reader we do not have: how far it came, and how it ended."""

from __future__ import annotations

from pathlib import Path

import pytest
from consoles import ended

from diagnose.core.errors import DiagnoseError
from diagnose.sources import row_writer
from diagnose.sources.log_readings import ConsoleReading, SessionEnd
from diagnose.sources.log_rows import NO_ROWS
from diagnose.trainers.any_console import read_any_console

BAR = "steps: {percent}%|###   | {at}/40 [{clock}<01:00, 12.00s/it, avr_loss=0.1]"
ERROR = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\nValueError: no room\n'
WORSE = ERROR.replace("no room", "worse")
LAUNCHER = """Traceback (most recent call last):
  File "b.py", line 2
subprocess.CalledProcessError: Command '[x]' returned non-zero exit status 1.
"""


def bar(at: int, seconds: int) -> str:
    return BAR.format(percent=at * 100 // 40, at=at, clock=f"{seconds // 60:02d}:{seconds % 60:02d}")


def read(folder: Path, text: str) -> ConsoleReading:
    file = folder / "train.log"
    file.write_text(text)
    return ended(read_any_console(file, run_dir=folder))


def test_the_bar_of_the_steps_counts_and_no_other(tmp_path: Path) -> None:
    loading = "Loading weights:  50%|##  | 50/100 [00:01<00:01, 9.00it/s]"
    found = read(tmp_path, "\r".join([loading, *(bar(at, at * 12) for at in (0, 1, 2))]) + "\nbye\n")
    assert [(row.step, row.elapsed) for row in found.log.rows] == [(0, 12.0), (1, 24.0)]
    assert found.sessions[-1].end is SessionEnd.CUT_OFF
    assert found.sessions[-1].total_steps == 40
    assert found.anyones


def test_hours_of_a_bar_count(tmp_path: Path) -> None:
    found = read(tmp_path, BAR.format(percent=5, at=2, clock="1:01:01") + "\n")
    assert found.log.rows[0].elapsed == 3661


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (ERROR, (SessionEnd.CRASHED, "ValueError: no room", None)),
        (
            ERROR + "\nDuring handling of the above exception, another exception occurred:\n\n" + WORSE,
            (SessionEnd.CRASHED, "ValueError: worse", "ValueError: no room"),
        ),
        (
            ERROR + LAUNCHER,
            (SessionEnd.CRASHED, "ValueError: no room", None),
        ),
        ("train.py: error: unrecognized arguments: --x\n", (SessionEnd.CRASHED, "train.py: error: unrecognized arguments: --x", None)),
        ("[rank0]: Traceback (most recent call last):\n[rank0]:   File x\n[rank0]: ValueError: no\n", (SessionEnd.CRASHED, "ValueError: no", None)),
        (ERROR.replace("ValueError: no room", "KeyboardInterrupt"), (SessionEnd.INTERRUPTED, None, None)),
        ("run.sh: line 3:  4242 Killed                  python x.py\n", (SessionEnd.KILLED, None, None)),
        ("TRAINING COMPLETE!\n", (SessionEnd.FINISHED, None, None)),
        (bar(40, 480) + "\n", (SessionEnd.FINISHED, None, None)),
    ],
)  # fmt: skip
def test_the_end_is_told(tmp_path: Path, end: str, told: tuple[SessionEnd, str | None, str | None]) -> None:
    last = read(tmp_path, f"{bar(3, 36)}\n{end}").sessions[-1]
    assert (last.end, last.error, last.cause) == told


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ("Killed\n", (SessionEnd.KILLED, None, None)),
        ("TRAINING COMPLETE!\n", (SessionEnd.FINISHED, None, None)),
        (
            ERROR + "\nDuring handling of the above exception, another exception occurred:\n\n" + WORSE,
            (SessionEnd.CRASHED, "ValueError: worse", "ValueError: no room"),
        ),
    ],
)
def test_the_end_may_begin_on_the_line_of_a_bar(
    tmp_path: Path, rest: str, told: tuple[SessionEnd, str | None, str | None]
) -> None:
    last = read(tmp_path, bar(3, 36) + rest).sessions[-1]
    assert (last.end, last.error, last.cause) == told


def test_an_error_that_training_went_on_after_is_no_end(tmp_path: Path) -> None:
    found = read(tmp_path, f"{bar(3, 36)}\n{ERROR}{bar(4, 48)}\n")
    assert (found.sessions[-1].end, found.sessions[-1].error) == (SessionEnd.CUT_OFF, None)


def test_the_last_line_of_a_traceback_will_do(tmp_path: Path) -> None:
    last = read(tmp_path, "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.\n").sessions[-1]
    assert (last.end, last.error_line) == (SessionEnd.CRASHED, 1)


def test_a_bar_that_goes_back_is_another_start(tmp_path: Path) -> None:
    found = read(tmp_path, "\n".join([bar(9, 90), bar(10, 100), bar(6, 10), bar(7, 20)]))
    assert [(each.first_step, each.last_step) for each in found.sessions] == [(8, 9), (5, 6)]
    assert [row.step for row in found.log.rows] == [5, 6]


def test_deepspeed_counts_steps_in_lines(tmp_path: Path) -> None:
    lines = [f"steps: {at} loss: 0.{at} iter time (s): 2.5 samples/sec: 0.4" for at in (1, 2, 3)]
    found = read(tmp_path, "\n".join(lines))
    assert [(row.step, row.elapsed) for row in found.log.rows] == [(0, 2.5), (1, 5.0), (2, 7.5)]


def test_a_program_is_named_by_what_it_prints_alone(tmp_path: Path) -> None:
    found = read(tmp_path, f"INFO:musubi_tuner.training.trainer_base:x\n{ERROR}")
    assert [(sign.trainer, str(sign.place)) for sign in found.signs] == [("musubi-tuner", "train.log:1")]
    assert not read(tmp_path, ERROR).signs


@pytest.mark.parametrize("text", ["", "hello\n", "a: 10%|# | 1/10 [00:01<00:09, 1.0it/s]\n"])
def test_a_text_of_something_else_shows_no_step_and_no_end(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert (found.log.rows, found.sessions[-1].end, found.sessions[-1].total_steps) == (
        NO_ROWS,
        SessionEnd.CUT_OFF,
        None,
    )


def test_a_loss_that_is_no_number_is_told_with_its_step(tmp_path: Path) -> None:
    bars = "\n".join(bar(at, at * 12).replace("0.1]", loss) for at, loss in ((1, "0.1]"), (2, "nan]"), (3, "nan]")))
    assert [each.at.step for each in read(tmp_path, bars).nan_losses] == [1, 2]
    counted = "".join(f"steps: {at} loss: {loss} iter time (s): 2.5\n" for at, loss in ((1, "0.1"), (2, "nan")))
    assert [(each.at.step, each.at.line) for each in read(tmp_path, counted).nan_losses] == [(1, 2)]
    assert not read(tmp_path, bar(1, 12).replace("0.1]", "nano]")).nan_losses


def test_all_starts_together_have_room_for_no_more_steps_than_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_writer, "MOST_ROWS", 3)
    starts = [(1, 12), (2, 24), (1, 12)]
    assert len(read(tmp_path, "\n".join(bar(*each) for each in starts)).sessions) == 2
    with pytest.raises(DiagnoseError, match="more than 3 steps"):
        read(tmp_path, "\n".join(bar(*each) for each in [*starts, (2, 24)]))


def test_weights_that_a_file_lacks_are_read_of_any_console(tmp_path: Path) -> None:
    said = "INFO:load network weights from /l: _IncompatibleKeys(missing_keys=[], unexpected_keys=['a.b'])"
    assert [(each.part, each.unexpected) for each in read(tmp_path, f"{said}\n{bar(1, 12)}\n").loaded] == [
        ("network", 1)
    ]
