"""A captured console by itself."""

from pathlib import Path

from diagnose.sources.console.read import join
from diagnose.sources.console.transcript import read_transcript
from diagnose.sources.readings import ConsoleReading


def read_console(path: Path, *, run_dir: Path) -> ConsoleReading:
    return join([read_transcript(path, run_dir=run_dir)], names=[run_dir.resolve().name])
