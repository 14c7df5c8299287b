"""The names that ai-toolkit gives its files: checkpoints, metrics, scheduler states, previews, consoles."""

from __future__ import annotations

import re
from pathlib import Path

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import shown
from diagnose.sources.file_reader import FileReader, Role
from diagnose.sources.readings import SampleFile

CHECKPOINT = re.compile(r"(?P<job>.+?)(?:_(?P<step>\d{9}))?(?:_(?P<expert>high|low)_noise)?\.safetensors")
METRICS = re.compile(r"metrics_(?P<job>.+)\.jsonl")
ALPHA_STATE = re.compile(r".+?(?:_(?P<step>\d{9}))?_alpha_scheduler\.json")
SAMPLE = re.compile(
    r"(?P<epoch_ms>\d{1,16})__(?P<step>\d{9})_(?P<prompt>\d{1,6})\.(?i:webp|mp4|gif|png|jpe?g|webm|mov|mkv|avi|bmp)"
)
"""Pictures and videos; beside them may be a prompt as text, and in `.thumbs` and `.tmp` what the interface shows."""


def _preview(path: Path, *, run_dir: Path) -> SampleFile:
    name = SAMPLE.fullmatch(path.name)
    if name is None:
        raise DiagnoseError(f"{path}: is not named as a preview is")
    return SampleFile(shown(path, run_dir), int(name["step"]), int(name["prompt"]), int(name["epoch_ms"]))


READERS = (
    FileReader(Role.PREVIEW, "samples/*", re.compile(f"samples/{SAMPLE.pattern}"), _preview, folders=("samples",)),
    FileReader(Role.OPTIMIZER, "optimizer.pt", re.compile(r"optimizer\.pt"), lambda path, *, run_dir: path),  # noqa: ARG005
)
