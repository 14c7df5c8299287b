"""The last part of a console: bounded, begun anew by a step, blind to what was outlived."""

from __future__ import annotations

from diagnose.sources.console_text.end_region import LONGEST, MOST_FIRST, MOST_LAST, EndRegion

ERROR = [b"Traceback (most recent call last):", b'  File "a.py", line 1', b"ValueError: no"]


def region(*lines: bytes) -> EndRegion:
    made = EndRegion()
    for number, line in enumerate(lines, start=1):
        made.add(number, line)
    return made


def test_the_first_and_the_last_lines_are_kept() -> None:
    more = MOST_FIRST + MOST_LAST + 10
    numbers = [line.number for line in region(*[b"x"] * more).text().lines]
    assert len(numbers) == MOST_FIRST + MOST_LAST
    assert (numbers[0], numbers[MOST_FIRST - 1], numbers[-1]) == (1, MOST_FIRST, more)


def test_a_line_is_cut() -> None:
    assert len(region(b"x" * LONGEST * 2).text().lines[0].text) == LONGEST


def test_the_drawings_of_one_bar_count_once() -> None:
    bars = [b"Loading checkpoint shards:  %d%%|##  | %d/9 [00:01<00:02]" % (at, at) for at in range(9)]
    assert [line.number for line in region(*bars, b"Caching: 10%|#  | 1/9 [00:01<00:02]").text().lines] == [9, 10]


def test_a_step_begins_it_anew() -> None:
    made = region(*ERROR)
    made.clear()
    assert made.text().lines == ()
    assert made.text().failure() is None


def test_what_was_outlived_is_no_failure_but_can_be_looked_at() -> None:
    made = region(*ERROR)
    assert made.text().failure() is not None
    made.went_on(4)
    made.add(5, b"after")
    text = made.text()
    assert text.failure() is None
    assert [line.number for line in text.deadly] == [5]
    assert len(text.lines) == 4


def test_a_torn_text_may_begin_after_the_traceback() -> None:
    assert region(b"ValueError: no").text().failure() is None
    assert region(b"ValueError: no").text(torn=True).failure() is not None
