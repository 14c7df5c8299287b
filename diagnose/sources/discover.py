"""List what a run folder holds: config, logs, checkpoints, samples. Nothing is read but the heads of candidates.

Only the folder itself and its `samples/` are looked into. A link that leads out of the folder is not followed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from diagnose.errors import DiagnoseError
from diagnose.model import Place, Remark
from diagnose.sources.filenames import ALPHA_STATE, METRICS, SAMPLE, shown
from diagnose.sources.readings import LogKind
from diagnose.sources.sniff import is_job_config, log_kind

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
        consoles: captured consoles, the largest first.
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
    if not run_dir.exists():
        raise DiagnoseError(f"{run_dir}: no such folder; give the folder the trainer wrote the run into")
    if not run_dir.is_dir():
        raise DiagnoseError(f"{run_dir}: is not a folder; give the folder the trainer wrote the run into")
    files, links = _files(run_dir, run_dir)
    samples = run_dir / "samples"
    previews, more_links = ([], []) if samples in links else _files(samples, run_dir)
    if not (files or previews or links):
        raise DiagnoseError(f"{run_dir}: the folder is empty; give the folder the trainer wrote the run into")
    alpha_states = tuple(file for file in files if ALPHA_STATE.fullmatch(file.name))
    others = [file for file in files if not ALPHA_STATE.fullmatch(file.name)]
    configs, unread_configs = _candidates(others, _CONFIGS, is_job_config)
    consoles, unread_consoles = _candidates(files, _CONSOLES, lambda file: log_kind(file) is LogKind.CONSOLE)
    folder = RunFolder(
        path=run_dir,
        configs=tuple(sorted(configs, key=lambda file: (file.name != "config.yaml", _CONFIGS[file.suffix], file.name))),
        metrics=tuple(file for file in files if METRICS.fullmatch(file.name)),
        loss_db=_named(files, "loss_log.db"),
        consoles=tuple(sorted(consoles, key=lambda file: (-file.stat().st_size, file.name))),
        checkpoints=tuple(file for file in files if file.suffix == ".safetensors"),
        alpha_states=alpha_states,
        samples=tuple(file for file in previews if SAMPLE.fullmatch(file.name)),
        optimizer_file=_named(files, "optimizer.pt"),
        remarks=(*unread_configs, *unread_consoles, *_about_links([*links, *more_links], run_dir)),
    )
    if folder.barren:
        raise DiagnoseError(
            f"{run_dir}: nothing of a training run in here, no config, log or checkpoint; give its folder"
        )
    return folder


def _files(folder: Path, run_dir: Path) -> tuple[list[Path], list[Path]]:
    """Return the regular files of a folder by name, and the links in it that lead out of the run folder."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name) if folder.is_dir() else []
    except OSError as error:
        raise DiagnoseError(f"{folder}: cannot be listed ({error.strerror}); check that it is yours to read") from error
    home = run_dir.resolve()
    links = {entry.name for entry in entries if entry.is_symlink() and not _leads_into(entry, home)}
    files = [folder / entry.name for entry in entries if entry.name not in links and entry.is_file()]
    return files, [folder / name for name in sorted(links)]


def _leads_into(link: os.DirEntry[str], home: Path) -> bool:
    try:
        return Path(link.path).resolve(strict=True).is_relative_to(home)
    except (OSError, RuntimeError):  # a dead link, or a ring of links
        return False


def _candidates(
    files: Sequence[Path], suffixes: Mapping[str, int], accept: Callable[[Path], bool]
) -> tuple[list[Path], list[Remark]]:
    """Return the files of certain suffixes whose content is accepted, and remarks on what was not looked at."""
    likely = sorted(
        (file for file in files if file.suffix in suffixes), key=lambda file: (suffixes[file.suffix], file.name)
    )
    looked_at = likely[:MOST_CANDIDATES]
    remarks: list[Remark] = []
    accepted = [file for file in looked_at if _accepted(file, accept, remarks)]
    if likely[MOST_CANDIDATES:]:
        text = f"this and {len(likely) - MOST_CANDIDATES - 1} files after it were not looked at, for their number"
        remarks.append(Remark(Place(likely[MOST_CANDIDATES].name), text))
    return accepted, remarks


def _accepted(file: Path, accept: Callable[[Path], bool], remarks: list[Remark]) -> bool:
    try:
        return accept(file)
    except DiagnoseError as error:
        remarks.append(Remark(Place(file.name), str(error)))
        return False


def _about_links(links: Sequence[Path], run_dir: Path) -> tuple[Remark, ...]:
    if not links:
        return ()
    text = f"leads out of the run folder, so it was not followed (such links: {len(links)})"
    return (Remark(Place(shown(links[0], run_dir)), text),)


def _named(files: Sequence[Path], name: str) -> Path | None:
    return next((file for file in files if file.name == name), None)
