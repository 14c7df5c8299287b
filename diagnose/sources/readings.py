"""What the readers hand over: values with their places, and no judgement.

Every path is relative to the run folder, in POSIX form. Steps are the trainer's own numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from diagnose.core.values import Place, Remark
from diagnose.sources.dataset.listing import DatasetReading
from diagnose.sources.environment.component import Component
from diagnose.sources.log_readings import ConsoleReading, LogReading, Sign

PASTED = Path("standard input")
"""What a text is called that is in no file."""


class ConfigFrame(Struct, frozen=True):
    """What stands around the settings in a trainer's config.

    Attributes:
        outside: the settings outside the process entry, by their full path; all others are relative to it.
        job: the keys that lead to the job's name, outermost first.
        saves_under: the setting that names the folder in which runs are written.
    """

    outside: frozenset[str] = frozenset()
    job: tuple[str, ...] = ()
    saves_under: str = ""


class ConfigReading(Struct, frozen=True):
    """A training config as the trainer parses it, with the line of every key.

    Attributes:
        file: name to show; the file's path relative to the run, or as the user gave it.
        text: the file's text, byte for byte as decoded.
        data: the parsed document (dict, list, str, int, float, bool, None; do not mutate).
        root: path of the process entry that trains, e.g. "config.process[0]"; "" if the file is that entry.
        lines: full dotted path ("config.process[0].train.steps") -> 1-based line of the key, or of the list item.
        remarks: duplicate keys, unresolved ${ENV}, tags that were ignored, ...
    """

    file: str
    text: str
    data: Any
    root: str
    lines: Mapping[str, int]
    remarks: tuple[Remark, ...] = ()
    named: Mapping[str, str] = {}
    """Full dotted path -> the text as written, where the trainer put the job's name into it."""
    room: str = ""
    """The room of the trainers whose config it is: that of its reader."""
    frame: ConfigFrame = ConfigFrame()

    @property
    def job(self) -> str | None:
        """The job's name, after which the trainer names folder and files; None where it has none."""
        found = self.data if self.frame.job else None
        for key in self.frame.job:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found if isinstance(found, str) and found else None


class TensorEntry(Struct, frozen=True):
    """A tensor in a safetensors header. `begin` and `end` are absolute byte offsets in the file.

    `expert` is the one it trains, as far as its name or its file's tells; the trainer's reader says it.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int
    expert: str | None = None


class CheckpointFile(Struct, frozen=True):
    """A LoRA checkpoint as its header describes it; no tensor data was read.

    `experts` names those that the file holds; empty where neither its name nor its tensors tell.
    `step` comes from the name; the final file has none there, and takes training_info.step of the metadata.
    `final` says that the name carries no step. `modified` is the file's mtime in nanoseconds.
    """

    file: str
    path: Path
    experts: tuple[str, ...]
    step: int | None
    final: bool
    size: int
    modified: int
    header_sha256: str
    tensors: tuple[TensorEntry, ...]
    metadata: Mapping[str, str] = {}
    software_version: str | None = None
    signs: tuple[Sign, ...] = ()
    remarks: tuple[Remark, ...] = ()


class SampleFile(Struct, frozen=True):
    """A preview: `{epoch_ms}__{step:09d}_{prompt}.ext`."""

    file: str
    step: int
    prompt: int
    epoch_ms: int


class AskedPreview(Struct, frozen=True):
    """One preview as a config asks for it.

    `seed` None: unknown, or a new one for every preview; `fixed` tells which, None where that is unknown.
    """

    text: str
    seed: int | None
    fixed: bool | None
    frames: float | None


class PhaseTransition(Struct, frozen=True):
    """One change of phase that the scheduler made."""

    step: int
    from_phase: str
    to_phase: str


class AlphaState(Struct, frozen=True):
    """A scheduler of alpha as it stood at one save."""

    file: str
    step: int | None
    enabled: bool
    phase_index: int | None
    steps_in_phase: int | None
    total_steps: int | None
    transitions: tuple[PhaseTransition, ...]


class RunReadings(Struct, frozen=True):
    """Everything read from one run folder. Nothing is judged; what could not be read is in `remarks`."""

    path: Path
    name: str
    config: ConfigReading | None
    logs: tuple[LogReading, ...] = ()
    """The best first, by what their formats can tell; the console's bar last."""
    console: ConsoleReading | None = None
    checkpoints: tuple[CheckpointFile, ...] = ()
    alpha_states: tuple[AlphaState, ...] = ()
    samples: tuple[SampleFile, ...] = ()
    optimizer_file: Path | None = None
    remarks: tuple[Remark, ...] = ()
    """About whole files; what is odd within a file stands in that file's own reading."""
    places: tuple[Place, ...] = ()
    """Every file that was used, for the report's appendix."""
    datasets: tuple[DatasetReading, ...] = ()
    """The data sets of the config, as far as they are on this machine and were asked for."""
    file_signs: tuple[Sign, ...] = ()
    """What the kinds of files that are there say of the trainer."""
    beside: tuple[str, ...] | None = None
    """The names in the folders where the next run would be written; None for a config that was never run."""
    environment: tuple[Component, ...] = ()
    """What the run was made with, each part once."""
    console_alone: bool = False
    """Whether nothing but the console was given: no folder was looked at."""

    @property
    def signs(self) -> tuple[Sign, ...]:
        """What only one trainer leaves behind, in the files, the console and the newest checkpoint."""
        parts = (self.console, *self.checkpoints[-1:])
        return (*self.file_signs, *(sign for part in parts if part is not None for sign in part.signs))

    @property
    def every_remark(self) -> tuple[Remark, ...]:
        """The remarks about files and those within them, in the order of reading."""
        parts = (self.config, *self.logs, self.console, *self.checkpoints, *self.datasets)
        within = tuple(remark for part in parts if part is not None for remark in part.remarks)
        return tuple(dict.fromkeys((*self.remarks, *within)))
