"""Sort out what a run folder of ai-toolkit holds: config, logs, checkpoints, samples.

Names promise little in a folder that people keep things in, so the heads of candidates are looked at; nothing else is
read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from stat import S_ISDIR

from diagnose.core.errors import DiagnoseError
from diagnose.core.model import Place, Remark
from diagnose.core.paths import shown, status_of
from diagnose.sources.folder_listing import RunListing, list_run
from diagnose.sources.lines import head, tail
from diagnose.sources.log_readings import LogKind
from diagnose.trainers.aitoolkit.console.marks import Mark, marks, plain
from diagnose.trainers.aitoolkit.console.progress_bar import training_bar
from diagnose.trainers.aitoolkit.file_names import ALPHA_STATE, METRICS, MOVED_CONSOLE, SAMPLE

MOST_CANDIDATES = 200
"""Files of one kind whose content is looked at; a folder of captions holds thousands of .txt files."""

_CONFIGS = {".yaml": 0, ".yml": 0, ".json": 1, ".jsonc": 1}
_CONSOLES = {".log": 0, ".out": 1, ".txt": 2}
"""Suffix -> order in which candidates are looked at."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """What a run folder holds. Where one is wanted and several were found, the first is the likeliest.

    Attributes:
        configs: `config.yaml`, which the trainer writes, then other job configs by name.
        consoles: captured consoles, the earliest first: those in `logs/` by number, then the folder's own by the
            time of their last change.
        samples: the previews in `samples/`.
    """

    path: Path
    configs: tuple[Path, ...]
    metrics: tuple[Path, ...]
    loss_db: Path | None
    consoles: tuple[Path, ...]
    checkpoints: tuple[Path, ...]
    alpha_states: tuple[Path, ...]
    samples: tuple[Path, ...]
    optimizer_file: Path | None
    remarks: tuple[Remark, ...]

    @property
    def barren(self) -> bool:
        """Whether nothing of a training run was found."""
        kinds = (self.configs, self.metrics, self.consoles, self.checkpoints, self.alpha_states, self.samples)
        return not any(kinds) and self.loss_db is None and self.optimizer_file is None


def discover(run_dir: Path) -> RunFolder:
    """List the files of a training run in a folder.

    Raises:
        DiagnoseError: no such folder, a file, a folder that cannot be listed, or nothing of a training run in it.
    """
    status = status_of(run_dir)
    if status is None:
        raise DiagnoseError(f"{run_dir}: no such folder; give the folder the trainer wrote the run into")
    if not S_ISDIR(status.st_mode):
        raise DiagnoseError(f"{run_dir}: is not a folder; give the folder the trainer wrote the run into")
    listing = list_run(run_dir)
    if listing.empty:
        raise DiagnoseError(f"{run_dir}: the folder is empty; give the folder the trainer wrote the run into")
    folder = _sorted_out(run_dir, listing)
    if folder.barren:
        raise DiagnoseError(f"{run_dir}: {_why_barren(listing)}")
    return folder


def _sorted_out(run_dir: Path, listing: RunListing) -> RunFolder:
    files = listing.own
    others = [file for file in files if not ALPHA_STATE.fullmatch(file.name)]
    moved = [file for file in listing.logs if MOVED_CONSOLE.fullmatch(file.name)]
    configs, unread_configs = _candidates(others, _CONFIGS, is_job_config, run_dir)
    consoles, unread_consoles = _candidates([*moved, *files], _CONSOLES, _is_console, run_dir)
    return RunFolder(
        path=run_dir,
        configs=tuple(sorted(configs, key=lambda file: (file.name != "config.yaml", _CONFIGS[file.suffix], file.name))),
        metrics=tuple(file for file in files if METRICS.fullmatch(file.name)),
        loss_db=_named(files, "loss_log.db"),
        consoles=tuple(sorted(consoles, key=lambda file: _age(file, moved))),
        checkpoints=tuple(file for file in files if file.suffix == ".safetensors"),
        alpha_states=tuple(file for file in files if ALPHA_STATE.fullmatch(file.name)),
        samples=tuple(file for file in listing.samples if SAMPLE.fullmatch(file.name)),
        optimizer_file=_named(files, "optimizer.pt"),
        remarks=(*unread_configs, *unread_consoles, *listing.remarks),
    )


def _why_barren(listing: RunListing) -> str:
    if not listing.links:
        return "nothing of a training run in here, no config, log or checkpoint; give its folder"
    return (
        f"nothing of a training run in here but links that lead out of it, like {listing.links[0].name}, and those are"
        " not followed; copy what they lead to (cp -rL), or give the folder they lead to"
    )


def _is_console(file: Path) -> bool:
    return log_kind(file) is LogKind.CONSOLE


def _age(console: Path, moved: Sequence[Path]) -> tuple[bool, int, str]:
    """Return what sorts consoles by age: the moved ones by their number, then the others by their last change."""
    if console in moved:
        return False, int(console.name.partition("_")[0]), console.name
    status = status_of(console)
    return True, 0 if status is None else status.st_mtime_ns, console.name


def _candidates(
    files: Sequence[Path], suffixes: Mapping[str, int], accept: Callable[[Path], bool], run_dir: Path
) -> tuple[list[Path], list[Remark]]:
    """Return the files of certain suffixes whose content is accepted, and remarks on what was not looked at."""
    likely = sorted(
        (file for file in files if file.suffix in suffixes), key=lambda file: (suffixes[file.suffix], file.name)
    )
    remarks: list[Remark] = []
    accepted = [file for file in likely[:MOST_CANDIDATES] if _accepted(file, accept, remarks, run_dir)]
    if likely[MOST_CANDIDATES:]:
        text = f"this and {len(likely) - MOST_CANDIDATES - 1} files after it were not looked at, for their number"
        remarks.append(Remark(Place(shown(likely[MOST_CANDIDATES], run_dir)), text))
    return accepted, remarks


def _accepted(file: Path, accept: Callable[[Path], bool], remarks: list[Remark], run_dir: Path) -> bool:
    try:
        return accept(file)
    except DiagnoseError as error:
        remarks.append(Remark(Place(shown(file, run_dir)), str(error)))
        return False


def _named(files: Sequence[Path], name: str) -> Path | None:
    return next((file for file in files if file.name == name), None)


ENOUGH = 1 << 18
"""Bytes looked at, at either end. The trainer names its job within the first few kB of its console, but downloads may
have drawn bars for longer before it, and then the end tells."""

_SQLITE = b"SQLite format 3\0"
_COMMON = frozenset({Mark.OUT_OF_MEMORY, Mark.TRACEBACK, Mark.STOPPED, Mark.KILLED})
"""What other programs print as well."""
_FRAME = re.compile(rb'  File ".*[/\\](?:jobs|toolkit|extensions_built_in)[/\\][^"]*", line \d')
"""A traceback through the trainer's own code: people keep the end of a console, without its start."""
_LINE_END = re.compile(rb"[\r\n]+")
_JOB_KEYS = (re.compile(rb"""["']?process["']?\s*:"""), re.compile(rb"""["']?(?:job|config)["']?\s*:"""))


def log_kind(path: Path) -> LogKind | None:
    """Return which of the trainers' logs a file is, None if none of them.

    Raises:
        DiagnoseError: the file cannot be read.
    """
    start = head(path, ENOUGH)
    if start.startswith(_SQLITE):
        return LogKind.LOSS_DB
    if METRICS.fullmatch(path.name) or _is_metrics(start):
        return LogKind.METRICS
    return LogKind.CONSOLE if _shows_console(start) or _shows_console(tail(path, ENOUGH)) else None


def is_job_config(path: Path) -> bool:
    """Return whether a YAML or JSON file may be a training job; reading it will show.

    Raises:
        DiagnoseError: the file cannot be read.
    """
    start = head(path, ENOUGH)
    return all(key.search(start) for key in _JOB_KEYS)


def _is_metrics(start: bytes) -> bool:
    try:
        entry = json.loads(start.lstrip().partition(b"\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(entry, dict) and "step" in entry


def _shows_console(text: bytes) -> bool:
    lines = chain.from_iterable(map(plain, _LINE_END.split(text)))
    return any(training_bar(line) is not None or _begins(line) for line in lines)


def _begins(line: bytes) -> bool:
    line = line.rstrip()
    return _FRAME.match(line) is not None or any(mark not in _COMMON for mark, _ in marks(line))
