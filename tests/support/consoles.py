"""A console read as the product does: taken apart by its trainer's reader, its end by what is known of crashes."""

from __future__ import annotations

from pathlib import Path

from builders import KNOWLEDGE

from diagnose.crashes.session_end import with_ends
from diagnose.sources.log_readings import ConsoleReading
from diagnose.trainers.aitoolkit.console.transcript import join, read_transcript


def ended(console: ConsoleReading) -> ConsoleReading:
    """Return a console whose sessions ended as they show."""
    return with_ends(console, KNOWLEDGE.crashes, KNOWLEDGE.phases)[0]


def read_console(path: Path, *, run_dir: Path) -> ConsoleReading:
    return ended(join([read_transcript(path, run_dir=run_dir)], names=[run_dir.resolve().name]))
