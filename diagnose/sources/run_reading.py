"""Read everything a run folder holds, once, and bundle it. A file that cannot be read costs that file alone."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import shown
from diagnose.core.values import Place, Remark
from diagnose.sources.config.dotted import MISSING, get
from diagnose.sources.environment.component import Component, first_of_each
from diagnose.sources.environment.lock_files import beside_a_run
from diagnose.sources.environment.printed import printed
from diagnose.sources.file_reader import FileReader, Role, log_reader_of, of_role, reader_for
from diagnose.sources.log_readings import ConsoleReading, Sign
from diagnose.sources.readings import CheckpointFile, ConfigReading, RunReadings
from diagnose.sources.run_files import RunFolder, find_files

TO_READ = (Role.CHECKPOINT, Role.ALPHA_STATE, Role.LOG, Role.CONSOLE, Role.PREVIEW, Role.OPTIMIZER)


def read_run(
    run_dir: Path, readers: Sequence[FileReader[Any]], *, config: Path | None = None, log: Path | None = None
) -> RunReadings:
    """Read a run folder; nothing is written there.

    The remarks are about whole files; what is odd within a file stands in that file's own reading.

    Args:
        run_dir: the folder the trainer wrote into.
        readers: the kinds of files that are known.
        config: a config to read instead of the folder's.
        log: a log or a captured console to read instead of the folder's of its kind.

    Raises:
        DiagnoseError: `config` or `log` cannot be read, or the folder holds nothing that can be used.
    """
    desk = _Desk(find_files(run_dir, readers))
    named = {} if log is None else {log_reader_of(log, readers): log}
    own = of_role(readers, Role.CONFIG) if config is None else [reader_for(config, readers, Role.CONFIG)]
    config_reading = next((reading for reader in own for reading in desk.read(reader, "", config)), None)
    folder_name = run_dir.resolve().name
    name = (config_reading.job if config_reading is not None else None) or folder_name
    read = {reader: desk.read(reader, name, named.get(reader)) for reader in of_role(readers, *TO_READ)}
    found: dict[Role, list[Any]] = defaultdict(list)
    for reader, each in read.items():
        found[reader.role] += each
    console, shown_config = _console_of(read, [name, folder_name])
    config_reading = config_reading or shown_config
    logs = sorted(found[Role.LOG], key=lambda each: -each.abilities.worth)
    readings = RunReadings(
        path=run_dir,
        name=name,
        config=config_reading,
        logs=(*logs, console.log) if console is not None else tuple(logs),
        console=console,
        checkpoints=tuple(sorted(found[Role.CHECKPOINT], key=as_saved)),
        alpha_states=tuple(sorted(found[Role.ALPHA_STATE], key=lambda e: (e.step is None, e.step or 0, e.file))),
        samples=tuple(sorted(found[Role.PREVIEW], key=lambda each: (each.step, each.prompt, each.epoch_ms))),
        optimizer_file=next(iter(found[Role.OPTIMIZER]), None),
        file_signs=desk.signs(of_role(readers, Role.LOG, Role.ALPHA_STATE)),
        remarks=tuple(desk.remarks),
        environment=desk.environment(),
        places=tuple(desk.places),
        beside=names_beside(run_dir, config_reading),
    )
    if not (readings.places or readings.samples):
        why = desk.remarks[0].text if desk.remarks else "give the folder the trainer wrote the run into"
        raise DiagnoseError(f"{run_dir}: nothing in this folder can be read; {why}")
    return readings


def _console_of(
    read: Mapping[FileReader[Any], Sequence[Any]], names: Sequence[str]
) -> tuple[ConsoleReading | None, ConfigReading | None]:
    """Return the consoles of a run as one, and the config that they show."""
    for reader, each in read.items():
        if reader.join is not None and each:
            console = reader.join(each, names=names)
            return console, reader.config_of(console)
    return None, None


def read_checkpoints(
    run_dir: Path, readers: Sequence[FileReader[Any]]
) -> tuple[tuple[CheckpointFile, ...], tuple[Remark, ...]]:
    """Read the checkpoints of a run folder alone, as they were saved; what cannot be read becomes a remark.

    Raises:
        DiagnoseError: there is nothing of a run in the folder.
    """
    folder = find_files(run_dir, readers)
    desk = _Desk(folder)
    found = [each for reader in of_role(readers, Role.CHECKPOINT) for each in desk.read(reader, "", None)]
    return tuple(sorted(found, key=as_saved)), tuple(desk.remarks[len(folder.remarks) :])


def as_saved(checkpoint: CheckpointFile) -> tuple[bool, int, bool, str]:
    """Return what sorts checkpoints as they were saved: by step, no step last; the final one after its step."""
    return checkpoint.step is None, checkpoint.step or 0, checkpoint.final, checkpoint.file


def names_beside(run_dir: Path, config: ConfigReading | None) -> tuple[str, ...]:
    """Return the names in the folder that holds the run, and in that of the config's runs, if it is here."""
    folders = {run_dir.resolve().parent}
    named = get(config, config.frame.saves_under) if config is not None and config.frame.saves_under else MISSING
    if isinstance(named, str):
        folders.add(Path(named))
    names: set[str] = set()
    for folder in folders:
        with contextlib.suppress(OSError, ValueError):
            names.update(path.name for path in folder.iterdir())
    return tuple(sorted(names))


class _Desk:
    """Reads files, and keeps account of which were used and which could not be."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._used: dict[FileReader[Any], Place] = {}
        self.remarks = list(folder.remarks)
        self.places: list[Place] = []
        self._consoles: list[tuple[Path, Place]] = []

    def signs(self, readers: Iterable[FileReader[Any]]) -> tuple[Sign, ...]:
        """Return what the kinds of files that were read say of the trainer."""
        used = ((reader.sign, self._used[reader]) for reader in readers if reader in self._used)
        return tuple(Sign(*sign, place) for sign, place in used if sign is not None)

    def read(self, reader: FileReader[Any], name: str, named: Path | None) -> list[Any]:
        """Return the readings of a kind of file: of the named one alone, else of those in the folder.

        Of configs and logs the first that can be read counts alone.

        Raises:
            DiagnoseError: the named file cannot be read.
        """
        run_dir = self._folder.path
        if named is not None:
            found = [reader.read(named, run_dir=run_dir)]
            self._use(reader, named)
            return found
        paths = iter(reader.arrange(self._folder.files[reader], name))
        if reader.role in {Role.PREVIEW, Role.OPTIMIZER}:
            return [reader.read(path, run_dir=run_dir) for path in paths]
        readings = (each for path in paths for each in self._attempt(reader, path))
        if reader.role not in {Role.CONFIG, Role.LOG}:
            return list(readings)
        first = next(readings, None)
        self.remarks += [Remark(Place(shown(path, run_dir)), "another of its kind was read instead") for path in paths]
        return [] if first is None else [first]

    def environment(self) -> tuple[Component, ...]:
        """Return what the run was made with, by its consoles and by the files beside it."""
        locked, places = beside_a_run(self._folder.path)
        self.places += places
        told = (each for path, place in self._consoles for each in printed(path, place.file))
        return first_of_each((*told, *locked))

    def _attempt(self, reader: FileReader[Any], path: Path) -> list[Any]:
        try:
            reading = reader.read(path, run_dir=self._folder.path)
        except DiagnoseError as error:
            self.remarks.append(Remark(Place(shown(path, self._folder.path)), str(error)))
            return []
        self._use(reader, path)
        return [reading]

    def _use(self, reader: FileReader[Any], path: Path) -> None:
        place = Place(shown(path, self._folder.path))
        self.places.append(place)
        if reader.role is Role.CONSOLE:
            self._consoles.append((path, place))
        self._used.setdefault(reader, place)
