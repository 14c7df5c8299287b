"""A captured console by itself."""

from pathlib import Path

from diagnose.sources.log_readings import ConsoleReading
from diagnose.trainers.aitoolkit.console.transcript import join, read_transcript


def read_console(path: Path, *, run_dir: Path) -> ConsoleReading:
    return join([read_transcript(path, run_dir=run_dir)], names=[run_dir.resolve().name])
