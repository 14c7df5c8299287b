"""Tracebacks, their chains and wrappers, and what a program says itself."""

from __future__ import annotations

import pytest

from diagnose.sources.console_text.failure import failure
from diagnose.sources.console_text.line import Line

FRAME = '  File "a.py", line 1, in f\n    g()\n'
HEADER = "Traceback (most recent call last):\n"
HANDLING = "\nDuring handling of the above exception, another exception occurred:\n\n"
CAUSED = "\nThe above exception was the direct cause of the following exception:\n\n"


def found(text: str, *, lone: bool = False) -> list[str] | None:
    lines = [Line(number, each) for number, each in enumerate(text.splitlines(), start=1)]
    told = failure(lines, lone=lone)
    return None if told is None else [error.message[0].text for error in told.chain]


def test_a_chain_is_told_from_its_cause() -> None:
    chain = f"{HEADER}{FRAME}OSError: a{HANDLING}{HEADER}{FRAME}KeyError: b{CAUSED}{HEADER}{FRAME}ValueError: c\n"
    assert found(chain) == ["OSError: a", "KeyError: b", "ValueError: c"]


@pytest.mark.parametrize(
    "wrapper",
    [
        "subprocess.CalledProcessError: Command '['python']' returned non-zero exit status 1.",
        "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: ",
    ],
)
def test_a_launcher_is_the_cause_only_where_it_alone_is_left(wrapper: str) -> None:
    assert found(f"{HEADER}{FRAME}ValueError: a\n{HEADER}{FRAME}{wrapper}\n") == ["ValueError: a"]
    assert found(f"{HEADER}{FRAME}{wrapper}\n") == [wrapper]


def test_the_error_of_a_loaders_process_is_the_cause() -> None:
    text = (
        f"{HEADER}{FRAME}RuntimeError: Caught OSError in DataLoader worker process 0.\n"
        f"Original {HEADER}{FRAME}\nOSError: truncated\n"
    )
    assert found(text) == ["OSError: truncated"]


def test_the_last_traceback_counts_unless_the_program_names_another() -> None:
    first, last = f"{HEADER}{FRAME}OSError: a\n", f"{HEADER}{FRAME}ValueError: b\n"
    assert found(first + last) == ["ValueError: b"]
    assert found(f"Error running job: a\n{first}{last}") == ["OSError: a"]
    assert found(f"{first}Error running job: no config\n") == ["no config"]
    assert found(f"{first}Error running job: other words\n{last}") == ["ValueError: b", "other words"]
    assert found(f"Error running job: \n{last}") == ["ValueError: b"]


def test_what_a_program_says_is_read_to_its_end() -> None:
    said = "Error running job: 401 Client Error. (Request ID: 1)\n\nCannot access gated repo for url x.\n"
    failed = failure([Line(number, text) for number, text in enumerate(said.splitlines(), start=1)])
    assert failed is not None
    assert failed.error.text == "401 Client Error. (Request ID: 1)\n\nCannot access gated repo for url x."


def test_a_box_around_a_traceback_is_one() -> None:
    box = "╭──── Traceback (most recent call last) ────╮\n│ a.py:1 in f │\n╰─────────────╯\nValueError: a\n"
    assert found(box) == ["ValueError: a"]


def test_a_line_that_reads_like_an_error_counts_only_where_it_is_lone() -> None:
    assert found("torch.OutOfMemoryError: CUDA out of memory\n") is None
    assert found("hello\ntorch.OutOfMemoryError: CUDA out of memory\n", lone=True) == [
        "torch.OutOfMemoryError: CUDA out of memory"
    ]
    assert found("    ValueError: in a quoted prompt\n", lone=True) is None


def test_a_message_is_read_whole_and_no_further() -> None:
    text = f"{HEADER}{FRAME}RuntimeError: Error(s) in loading:\n\tMissing key(s)\n\n\nafter\n"
    told = failure([Line(number, each) for number, each in enumerate(text.splitlines(), start=1)])
    assert told is not None
    assert told.error.text == "RuntimeError: Error(s) in loading:\n\tMissing key(s)\n"
    assert (told.error.header, told.error.line) == (1, 4)


def test_a_traceback_that_is_cut_off_is_left_out() -> None:
    assert found(HEADER + FRAME) is None
    assert found(HEADER * 3) is None
