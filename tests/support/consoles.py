"""A console read as the product does: taken apart by its trainer's reader, its end by what is known of crashes."""

from __future__ import annotations

from pathlib import Path

from builders import KNOWLEDGE

from diagnose.crashes.reading import HowItEnded
from diagnose.crashes.session_end import with_ends
from diagnose.sources.log_readings import ConsoleReading
from diagnose.trainers.aitoolkit.console.transcript import join, read_transcript
from diagnose.trainers.any_console import read_any_console


def ended(console: ConsoleReading) -> ConsoleReading:
    """Return a console whose sessions ended as they show."""
    return with_ends(console, KNOWLEDGE.crashes, KNOWLEDGE.phases)[0]


def how_it_ended(path: Path, trainer: str | None) -> HowItEnded:
    """Return how a console ended, read as the trainer's console, or as anybody's where it is not ai-toolkit's."""
    ours = trainer is not None and trainer.startswith("ai-toolkit")
    read = join([read_transcript(path, run_dir=path.parent)], names=[path.parent.name]) if ours else None
    console = read if read is not None else read_any_console(path, run_dir=path.parent)
    found = with_ends(console, KNOWLEDGE.crashes, KNOWLEDGE.phases, [] if trainer is None else [trainer])[1]
    assert found is not None
    return found


def read_console(path: Path, *, run_dir: Path) -> ConsoleReading:
    return ended(join([read_transcript(path, run_dir=run_dir)], names=[run_dir.resolve().name]))
