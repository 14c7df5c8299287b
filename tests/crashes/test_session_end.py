"""How a start of the trainer ended, by its console: errors written twice, chains of errors, kills, stops."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from consoles import read_console

from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, SessionEnd

Read = Callable[[str], ConsoleReading]

START = "Running 1 job\n# Running job: job\n"
FRAMES = '  File "run.py", line 120, in <module>\n    main()\n'
TRACEBACK = f"Traceback (most recent call last):\n{FRAMES}"
TWICE = (
    "Traceback (most recent call last):\n" * 2
    + '  File "C:\\AITK\\run.py", line 120, in <module>\n' * 2
    + "        main()main()\n\n"
)
LOSS_DICT = "local variable 'loss_dict' referenced before assignment"
LOST = "# OOM during training step, skipping batch 1/3 #\n"


@pytest.fixture
def end(tmp_path: Path) -> Callable[[str], ConsoleSession]:
    def read(text: str) -> ConsoleSession:
        (tmp_path / "log.txt").write_text(START + text)
        return read_console(tmp_path / "log.txt", run_dir=tmp_path).sessions[-1]

    return read


End = Callable[[str], ConsoleSession]


def test_an_error_written_twice_is_read_once(end: End) -> None:
    session = end(TWICE + "RuntimeErrorRuntimeError: : two devicestwo devices\n\n")
    assert (session.end, session.error) == (SessionEnd.CRASHED, "RuntimeError: two devices")


@pytest.mark.parametrize(
    "word",
    [
        "KeyboardInterruptKeyboardInterrupt",
        "KeyboardInterrupt",
        "ExceptionException: : Job stoppedJob stopped",
        "Exception: Job stopped",
    ],
)
def test_a_stop_is_a_stop_however_it_was_written(end: End, word: str) -> None:
    session = end(TWICE + word + "\n")
    assert (session.end, session.error) == (SessionEnd.INTERRUPTED, None)


@pytest.mark.parametrize(
    "word",
    [
        "Killed",
        "run.sh: line 3:  4242 Killed                  python run.py config.yaml",
        "[1]+  Killed                  python run.py config.yaml",
        "zsh: killed     python run.py config.yaml",
        "Job process terminated with signal SIGKILL.",
        "subprocess.CalledProcessError: Command died with <Signals.SIGKILL: 9>.",
        "container exited with code 137",
        "Memory cgroup out of memory: Killed process 4242 (python)",
    ],
)
def test_the_word_of_the_system_that_it_took_the_process(end: End, word: str) -> None:
    session = end(f"Loading transformer 1\n{word}\n")
    assert (session.end, session.error, session.last_word) == (SessionEnd.KILLED, None, 4)


def test_a_clip_called_killed_killed_nothing(end: End) -> None:
    assert end("Killed frames: 3\n").end is SessionEnd.CUT_OFF


def test_the_first_error_of_a_chain_is_the_cause(end: End) -> None:
    chain = "\nDuring handling of the above exception, another exception occurred:\n\n"
    session = end(f"{TRACEBACK}OSError: no room{chain}{TRACEBACK}KeyError: 1{chain}{TRACEBACK}ValueError: torn\n")
    assert (session.error, session.cause) == ("ValueError: torn", "OSError: no room")


def test_a_step_without_memory_is_the_cause_of_what_follows(end: End) -> None:
    session = end(f"{LOST}{LOST}Error running job: {LOSS_DICT}\n{TRACEBACK}UnboundLocalError: {LOSS_DICT}\n")
    assert session.error == f"UnboundLocalError: {LOSS_DICT}"
    assert (session.cause, session.cause_line) == (LOST.strip(), 4)


def test_memory_that_is_the_error_itself_has_no_cause(end: End) -> None:
    session = end(f"Error running job: CUDA out of memory.\n{TRACEBACK}torch.OutOfMemoryError: CUDA out of memory.\n")
    assert (session.error, session.cause) == ("torch.OutOfMemoryError: CUDA out of memory.", None)


def test_a_clip_that_the_trainer_leaves_out_is_no_crash(end: End) -> None:
    clip = f"{TRACEBACK}Exception: Error: Could not open video file a.mp4\nError processing video: a.mp4\n"
    session = end(f"{clip}  -  Found 3 videos\n")
    assert (session.end, session.error, [each.files for each in session.found]) == (SessionEnd.CUT_OFF, None, [3])


def test_layers_that_could_not_be_quantised_are_no_crash(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text(START + "Failed to quantize attn1: no such operator: aten.abs\n" * 3)
    reading = read_console(tmp_path / "log.txt", run_dir=tmp_path)
    assert [mention.at.line for mention in reading.unquantised] == [3, 4, 5]
    assert reading.sessions[-1].end is SessionEnd.CUT_OFF


def test_the_end_of_a_console_is_a_session_that_is_not_whole(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text(f"Error running job: no\n{TRACEBACK}ValueError: no\n")
    (session,) = read_console(tmp_path / "log.txt", run_dir=tmp_path).sessions
    assert (session.end, session.whole) == (SessionEnd.CRASHED, False)


def test_the_printed_config_and_the_optimizer_are_of_their_session(tmp_path: Path) -> None:
    config = '{\n    "train": {\n        "lr": %s,\n        "optimizer_params": {},\n        "steps": 30\n    },\n    "a": [\n        1\n    ]\n}\n'
    loading = "Loading optimizer state from out/optimizer.pt\n"
    text = "Running 1 job\n" + config % "0.0001" + START[14:] + "Running 1 job\n" + config % "2e-05" + START[14:]
    failed = "Failed to load optimizer state from out/optimizer.pt\n"
    (tmp_path / "log.txt").write_text(text + loading + failed)
    reading = read_console(tmp_path / "log.txt", run_dir=tmp_path)
    first, last = reading.sessions
    assert {path: setting.value for path, setting in first.settings.items()} == {"train.lr": 1e-4, "train.steps": 30}
    assert last.settings["train.lr"].value == 2e-5
    assert last.settings["train.lr"].line == 16
    assert (first.optimizer_loaded, last.optimizer_loaded) == (None, False)
