"""What the run needs, in a line and with its parts."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import shown

from diagnose import Report
from diagnose.report.sections.needs import needs, needs_in_words
from diagnose.verdict.needs import Needs

NOTHING = Needs(None, {"high": None, "low": None}, None, None, ())
ALL = Needs(27_000_000_000, {"high": 50.0, "low": 50.0}, (20.4, 24.9), "cannot tell", ("Disk: 22 saves 27 GB",))


def test_what_is_needed_in_a_line() -> None:
    passes = "passes over the data: 50 high, 50 low"
    assert needs_in_words(ALL) == f"27 GB of disk, 20 to 25 GB of GPU (cannot tell), {passes}"
    assert needs_in_words(replace(ALL, fits=None, disk_bytes=None)) == f"20 to 25 GB of GPU, {passes}"
    assert needs_in_words(replace(NOTHING, disk_bytes=5_000_000)) == "5.0 MB of disk"
    assert needs_in_words(NOTHING) == ""


def test_before_a_run_it_is_told_with_its_parts(ahead: Report) -> None:
    text = "\n".join(shown(needs(replace(ahead, needs=ALL))))
    assert "What the run needs" in text
    assert "Disk: 22 saves 27 GB." in text


def test_nothing_is_told_after_a_run_or_without_a_figure(failing: Report, ahead: Report) -> None:
    assert needs(failing) == []
    assert needs(replace(ahead, needs=NOTHING)) == []
