"""The names that ai-toolkit gives its files: checkpoints, metrics, scheduler states, previews, consoles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from diagnose.core.paths import shown
from diagnose.sources.readings import SampleFile

CHECKPOINT = re.compile(r"(?P<job>.+?)(?:_(?P<step>\d{9}))?(?:_(?P<expert>high|low)_noise)?\.safetensors")
METRICS = re.compile(r"metrics_(?P<job>.+)\.jsonl")
ALPHA_STATE = re.compile(r".+?(?:_(?P<step>\d{9}))?_alpha_scheduler\.json")
SAMPLE = re.compile(r"(?P<epoch_ms>\d{1,16})__(?P<step>\d{9})_(?P<prompt>\d{1,6})\.[A-Za-z0-9]+")

MOVED_CONSOLE = re.compile(r"(?P<number>\d{1,9})_log\.txt")
"""In `logs/`: the web interface of both trainers moves `log.txt` there at the next start."""


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
