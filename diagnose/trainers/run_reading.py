"""Read everything a run folder holds, once, and bundle it. A file that cannot be read costs that file alone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from diagnose.core.errors import DiagnoseError
from diagnose.core.model import Place, Remark
from diagnose.core.paths import is_regular, shown, status_of
from diagnose.sources.config.dotted import MISSING, get
from diagnose.sources.log_readings import LogKind
from diagnose.sources.readings import ConfigReading, RunReadings
from diagnose.trainers.aitoolkit.alpha_state import read_alpha_state
from diagnose.trainers.aitoolkit.checkpoint_files import as_saved, read_checkpoint
from diagnose.trainers.aitoolkit.config_file import read_config
from diagnose.trainers.aitoolkit.console.transcript import join, read_transcript
from diagnose.trainers.aitoolkit.file_names import sample_files
from diagnose.trainers.aitoolkit.loss_database import read_loss_db
from diagnose.trainers.aitoolkit.metrics_log import read_metrics
from diagnose.trainers.aitoolkit.run_files import discover, log_kind

Reading = TypeVar("Reading")


def read_run(run_dir: Path, *, config: Path | None = None, log: Path | None = None) -> RunReadings:
    """Read a run folder; nothing is written there.

    The remarks are about whole files; what is odd within a file stands in that file's own reading.

    Args:
        run_dir: the folder the trainer wrote into.
        config: a config to read instead of the folder's.
        log: a metrics file, a loss_log.db or a captured console to read instead of the folder's.

    Raises:
        DiagnoseError: `config` or `log` cannot be read, or the folder holds nothing that can be used.
    """
    folder = discover(run_dir)
    given = {} if log is None else {_kind_of(log): log}
    desk = _Desk(run_dir, folder.remarks)
    config_reading = desk.pick(folder.configs, partial(_read_config, run_dir=run_dir), named=config)
    name = (config_reading.job if config_reading is not None else None) or run_dir.resolve().name
    checkpoints = desk.gather(folder.checkpoints, partial(read_checkpoint, run_dir=run_dir))
    alpha_states = desk.gather(folder.alpha_states, partial(read_alpha_state, run_dir=run_dir))
    own_first = _own_first(folder.metrics, name)
    metrics = desk.pick(own_first, partial(read_metrics, run_dir=run_dir), named=given.get(LogKind.METRICS))
    loss_dbs = () if folder.loss_db is None else (folder.loss_db,)
    loss_db = desk.pick(loss_dbs, partial(read_loss_db, run_dir=run_dir), named=given.get(LogKind.LOSS_DB))
    consoles = desk.gather(folder.consoles, partial(read_transcript, run_dir=run_dir), named=given.get(LogKind.CONSOLE))
    readings = RunReadings(
        path=run_dir,
        name=name,
        config=config_reading,
        metrics=metrics,
        loss_db=loss_db,
        console=join(consoles, names=[name, run_dir.resolve().name]) if consoles else None,
        checkpoints=tuple(sorted(checkpoints, key=as_saved)),
        alpha_states=tuple(sorted(alpha_states, key=lambda each: (each.step is None, each.step or 0, each.file))),
        samples=sample_files(folder.samples, run_dir=run_dir),
        optimizer_file=folder.optimizer_file,
        remarks=tuple(desk.remarks),
        places=tuple(desk.places),
        beside=names_beside(run_dir, config_reading),
    )
    if not (readings.places or readings.samples):
        raise DiagnoseError(f"{run_dir}: nothing in this folder can be read; {desk.first_remark}")
    return readings


def names_beside(run_dir: Path, config: ConfigReading | None) -> tuple[str, ...]:
    """Return the names in the folder that holds the run, and in the config's training folder where that is here."""
    folders = {run_dir.resolve().parent}
    named = get(config, "training_folder") if config is not None else MISSING
    if isinstance(named, str):
        folders.add(Path(named))
    names: set[str] = set()
    for folder in folders:
        with contextlib.suppress(OSError, ValueError):
            names.update(path.name for path in folder.iterdir())
    return tuple(sorted(names))


class _Desk:
    """Reads files, and keeps account of which were used and which could not be."""

    def __init__(self, run_dir: Path, remarks: Iterable[Remark]) -> None:
        self._run_dir = run_dir
        self.remarks = list(remarks)
        self.places: list[Place] = []

    @property
    def first_remark(self) -> str:
        return self.remarks[0].text if self.remarks else "give the folder the trainer wrote the run into"

    def pick(self, paths: Sequence[Path], read: Callable[[Path], Reading], *, named: Path | None) -> Reading | None:
        """Return the reading of the named file, else of the first of the paths that can be read.

        Raises:
            DiagnoseError: the named file cannot be read.
        """
        if named is not None:
            return self._named(named, read)
        rest = iter(paths)
        found = next((reading for path in rest if (reading := self._attempt(path, read)) is not None), None)
        self.remarks.extend(
            Remark(Place(shown(path, self._run_dir)), "another of its kind was read instead") for path in rest
        )
        return found

    def gather(
        self, paths: Sequence[Path], read: Callable[[Path], Reading], *, named: Path | None = None
    ) -> list[Reading]:
        """Return the reading of the named file alone, else those of all the paths that can be read.

        Raises:
            DiagnoseError: the named file cannot be read.
        """
        if named is not None:
            return [self._named(named, read)]
        return [reading for path in paths if (reading := self._attempt(path, read)) is not None]

    def _named(self, path: Path, read: Callable[[Path], Reading]) -> Reading:
        reading = read(path)
        self.places.append(Place(shown(path, self._run_dir)))
        return reading

    def _attempt(self, path: Path, read: Callable[[Path], Reading]) -> Reading | None:
        place = Place(shown(path, self._run_dir))
        try:
            reading = read(path)
        except DiagnoseError as error:
            self.remarks.append(Remark(place, str(error)))
            return None
        self.places.append(place)
        return reading


def _read_config(path: Path, *, run_dir: Path) -> ConfigReading:
    return read_config(path, name=shown(path, run_dir))


def _kind_of(log: Path) -> LogKind:
    if status_of(log) is not None and not is_regular(log):
        raise DiagnoseError(f"{log}: no regular file, so it cannot be read twice over; save it to a file first")
    kind = log_kind(log)
    if kind is None:
        raise DiagnoseError(f"{log}: is none of the trainer's logs; give metrics_*.jsonl, loss_log.db or its console")
    return kind


def _own_first(metrics: Sequence[Path], name: str) -> list[Path]:
    """Put the metrics file of this job first, then the largest."""
    return sorted(metrics, key=lambda path: (path.name != f"metrics_{name}.jsonl", -_size(path), path.name))


def _size(path: Path) -> int:
    try:
        status = status_of(path)
    except DiagnoseError:  # reading it will say why
        return 0
    return 0 if status is None else status.st_size
