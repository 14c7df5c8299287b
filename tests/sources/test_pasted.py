"""A pasted console reads as its program wrote it, line for line."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.sources.pasted import decoded, unpasted

TEXT = """\
Running 1 job
Traceback (most recent call last):
  File "run.py", line 1, in <module>
    main(a > b & "c")
ValueError: no room for café
"""
LINES = TEXT.splitlines()


def lines(pasted: str) -> list[str]:
    return unpasted(pasted.encode()).decode().splitlines()


@pytest.mark.parametrize(
    "pasted",
    [
        TEXT,
        TEXT.replace("\n", "\r\n"),
        "".join(f"> {line}\n" for line in LINES),
        "".join(f"> > {line}\n" for line in LINES),
        "".join(f">{line}\n" for line in LINES),
        "".join(f"{at:>4}: {line}\n" for at, line in enumerate(LINES, 7)),
        "".join(f"{at}\t{line}\n" for at, line in enumerate(LINES, 1)),
        "".join(f"{at:4} | {line}\n".replace(" | ", "| ") for at, line in enumerate(LINES, 98)),
        "".join(f"    {line}\n" for line in LINES),
        html.escape(TEXT),
        "".join(f"> {html.escape(line)}\n" for line in LINES),
        "".join(f"{line}<br>\n" for line in LINES),
    ],
)
def test_what_copying_adds_is_taken_off(pasted: str) -> None:
    assert lines(pasted) == LINES


def test_a_fence_and_tags_become_empty_lines() -> None:
    assert lines(f"<details><summary>log</summary>\n\n```python\n{TEXT}```\n</details>\n") == [
        "log", "", "", *LINES, "", "",
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
def test_any_encoding_is_read(encoding: str) -> None:
    assert decoded((TEXT + "é" * 3).encode(encoding)) == TEXT + "é" * 3


def test_one_broken_character_does_not_change_the_encoding() -> None:
    assert decoded("café €".encode()[:-1]) == "café \N{REPLACEMENT CHARACTER}"


def test_lines_folded_at_the_edge_are_whole_again() -> None:
    words = [" ".join(f"{name}{at:05d}" for at in range(20)) for name in "abc"]
    folded = [each[start : start + 80] for each in words for start in range(0, len(each), 80)]
    found = lines("\n".join(["short", *folded, "end"]))
    assert [line for line in found if line] == ["short", *words, "end"]
    assert len(found) == len(folded) + 2, "every line keeps its number"


@pytest.mark.parametrize(
    "line",
    [
        "run: 10%|#         | 10/100 [00:10<01:30,  1.00s/it, lr: 1.0e-04 loss: {:07d}.2e-1]",  # a bar fills the window
        "[2026-11-30 11:54:04] [INFO] one of many whole lines that are of one length {:07d}.",
    ],
)
def test_lines_of_one_length_that_are_whole_stay_apart(line: str) -> None:
    given_lines = [line.format(at) for at in range(9)]
    assert lines("\n".join(given_lines)) == given_lines


@pytest.mark.parametrize(
    "text",
    [
        "> one quoted line\nof\nmany\nlines\n",  # not a quote of the whole
        ">>> import torch\n>>> torch.ones(1)\n>>> 1 / 0\n",  # Python's prompt
        "  step one\n    step two\n  step three\n"[2:],
        "10: a\n20: b\n30: c\n40: d\n",  # numbers that do not count lines
        "```not a fence``` in a line\n",
        "x < y and y > z\n",
    ],
)
def test_what_is_the_console_s_own_stays(text: str) -> None:
    assert unpasted(text.encode()) == text.encode()


@given(st.text(alphabet=st.sampled_from('>| `~0123456789:\t\r\n<br/&gt;ab{"'), max_size=200))
def test_no_line_is_lost_or_made(text: str) -> None:
    assert unpasted(text.encode()).count(b"\n") == text.replace("\r\n", "\n").count("\n")


@given(st.binary(max_size=300))
def test_any_bytes_are_taken(data: bytes) -> None:
    unpasted(data).decode()
