"""What terminals, launchers and doubled streams do to a line, undone."""

from __future__ import annotations

import pytest

from diagnose.sources.console_text.forms import once, plain, undoubled, unglued
from diagnose.sources.console_text.line import Line

HEADER = "Traceback (most recent call last):"


def texts(lines: list[str]) -> list[str]:
    return [line.text for line in undoubled([Line(number, text) for number, text in enumerate(lines, start=1)])]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"2026-08-01T10:00:00.123Z Killed", [b"Killed"]),
        (b"[rank0]: ValueError: no", [b"ValueError: no"]),
        (b"[rank0]:[E801 10:00:00.1 x.cpp:5] gone", [b"gone"]),
        (b"\x1b[31mred\x1b[0m", [b"red"]),
        (b"a\x1b[Ab", [b"a", b"b"]),
        (b"[rankle] x", [b"[rankle] x"]),
    ],
)
def test_marks_of_terminals_and_launchers_are_taken_off(raw: bytes, told: list[bytes]) -> None:
    assert plain(raw) == told


def test_an_error_glued_to_a_bar_is_a_line_of_its_own() -> None:
    bar = "run:  8%|8   | 250/3000 [33:20<6:06:40,  8.00s/it, lr: 1.0e-04 loss: 1.1e-01]"
    lines = [Line(1, f"{bar}Error running job: no"), Line(2, bar), Line(3, "no bar")]
    assert list(unglued(lines)) == [Line(1, "Error running job: no"), Line(2, bar), Line(3, "no bar")]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ValueErrorValueError: : no roomno room", "ValueError: no room"),
        ("KeyboardInterruptKeyboardInterrupt", "KeyboardInterrupt"),
        ("ExceptionException: : Job stoppedJob stopped", "Exception: Job stopped"),
        ("torch.cudatorch.cuda..OutOfMemoryErrorOutOfMemoryError: : noneleft", "torch.cuda.OutOfMemoryError: noneleft"),
        ("RuntimeErrorRuntimeError: : the first line of several", "RuntimeError: the first line of several"),
        ("KeyErrorKeyError: : 'a: : b''a: : b'", "KeyError: 'a: : b'"),
        ("ValueError: no room", "ValueError: no room"),
        ("KeyboardInterrupt", "KeyboardInterrupt"),
        ("AssertionError: a: : b", "AssertionError: a: : b"),
        ("", ""),
        ("2222", "2222"),
        ("haha", "haha"),
    ],
)
def test_a_last_line_written_twice_is_read_once(written: str, meant: str) -> None:
    assert once(written) == meant


def test_a_traceback_of_the_interpreter_written_twice_is_read_once() -> None:
    frame = '  File "run.py", line 120, in main'
    written = [HEADER, HEADER, frame, frame, "        raise eraise e", "", "ValueErrorValueError: : nono", ""]
    assert texts(written) == [HEADER, frame, "    raise e", "ValueError: no"]


def test_a_traceback_whose_frames_are_written_whole_is_read_once() -> None:
    frame = ['  File "run.py", line 120, in main', "    raise e"]
    assert texts([HEADER, HEADER, *frame, *frame, "ValueError: no", "ValueError: no"]) == [
        HEADER, *frame, "ValueError: no",
    ]  # fmt: skip


def test_a_message_of_several_lines_written_twice_is_read_once() -> None:
    written = ["ErrorError: : one", "two", "threeone", "two", "three", "after"]
    assert texts(written) == ["Error: one", "two", "three", "after"]


def test_what_was_written_once_stays() -> None:
    frame = '  File "run.py", line 120, in main'
    once_written = [HEADER, frame, "    main()main()", "", "ValueError: no"]
    assert texts(once_written) == once_written
