"""Read what the names of the trainer's previews say; the pictures themselves are not opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diagnose.sources.filenames import SAMPLE, shown


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A preview: `{epoch_ms}__{step:09d}_{prompt}.ext`."""

    file: str
    step: int
    prompt: int
    epoch_ms: int


def sample_file(path: Path, *, run_dir: Path) -> SampleFile | None:
    """Return what the name says, or None when it is not one of the trainer's."""
    name = SAMPLE.fullmatch(path.name)
    if name is None:
        return None
    return SampleFile(shown(path, run_dir), int(name["step"]), int(name["prompt"]), int(name["epoch_ms"]))


def sample_files(paths: Sequence[Path], *, run_dir: Path) -> tuple[SampleFile, ...]:
    """Return the previews among the files, by step, prompt and time."""
    found = [sample for path in paths if (sample := sample_file(path, run_dir=run_dir)) is not None]
    return tuple(sorted(found, key=lambda sample: (sample.step, sample.prompt, sample.epoch_ms)))
