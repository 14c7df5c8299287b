"""Read upstream's `loss_log.db`, an SQLite file with a write-ahead log beside it.

After a kill most rows stand in the `-wal` file alone. SQLite writes next to the file it opens even for reading, so
a private copy is opened, never the original; the trainer may be writing meanwhile. Tables without rows are valid:
`log_every` is 100 unless it is set.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_regular, real, shown
from diagnose.core.temporary import temporary_folder
from diagnose.sources.file_reader import FileReader, Role
from diagnose.sources.lines import head
from diagnose.sources.log_readings import MOST_STEPS, Abilities, LogReading, Validation
from diagnose.sources.log_rows import LogRow
from diagnose.sources.row_writer import RowWriter, check_room
from diagnose.sources.tally import Tally
from diagnose.trainers.aitoolkit import UPSTREAM
from diagnose.trainers.aitoolkit.expert_turns import finish_rows

_ATTEMPTS = 3
_CHUNK = 1 << 20


@contextmanager
def private_copy(path: Path, companions: Sequence[Path], *, limit: int) -> Iterator[Path]:
    """Yield the path of a copy of `path`, with those `companions` beside it that exist.

    The files belong together, so the copy is taken again if one changed meanwhile. A companion that is a link out of
    the file's folder, a pipe or a device is a stranger's, and left where it is.

    Raises:
        DiagnoseError: a file cannot be read, together they have more than `limit` bytes, or they never held still.
    """
    with ExitStack() as stack:
        try:
            target = stack.enter_context(temporary_folder())
            for _ in range(_ATTEMPTS):
                files = [path, *(companion for companion in companions if _belongs(companion, path))]
                before = [_state(file) for file in files]
                size = sum(size for size, _ in before)
                if size > limit:
                    room = f"more than the {limit / 1e6:,.0f} MB we read; shorten it"
                    raise DiagnoseError(f"{path}: {size / 1e6:,.0f} MB, {room}")
                for file in files:
                    _copy(file, target / file.name, limit)
                if [_state(file) for file in files] == before:
                    break
            else:
                raise DiagnoseError(f"{path}: changes faster than it can be copied; try again when the trainer pauses")
        except OSError as error:
            told = f"cannot be copied to read it ({error.strerror}); check disk and rights"
            raise DiagnoseError(f"{path}: {told}") from error
        yield target / path.name


def _belongs(companion: Path, path: Path) -> bool:
    return is_regular(companion) and real(companion).parent == real(path).parent


def _copy(file: Path, target: Path, limit: int) -> None:
    """Copy a file that may be growing, and no more than `limit` bytes of it: the next look tells that it changed."""
    with file.open("rb") as source, target.open("wb") as copy:
        while limit > 0 and (chunk := source.read(min(limit, _CHUNK))):
            copy.write(chunk)
            limit -= len(chunk)


def _state(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_size, status.st_mtime_ns


ABILITIES = Abilities(per_expert_rates=False, exact=True, timed=True, after_saves=True)
LARGEST = 512_000_000
"""Bytes of database and log together; a 20,000-step run with every step logged takes about 6 MB."""

_ROUND, _MOST_ROUNDS = 1_000_000, 200
"""Steps of SQLite's machine between two looks, and the most looks, some three seconds: two tables without keys, joined,
take days. The trainer's own take fewer than 100 steps of the machine for a step of the run."""
_SIGNATURE = b"SQLite format 3\0"
_COLUMNS = {"steps": {"step", "wall_time"}, "metrics": {"step", "key", "value_real"}}
_LOSS = b"loss/loss"
_VALIDATION = b"val/loss"
"""Upstream's key since July 2026, with `validation_config` (BaseSDTrainProcess.py, validate)."""
_KEYS = {b"learning_rate", _LOSS, _VALIDATION}
_VALUES = (
    "SELECT metrics.step, key, value_real, wall_time FROM metrics LEFT JOIN steps ON steps.step = metrics.step"
    " WHERE key IN ('learning_rate', 'loss/loss', 'val/loss') ORDER BY metrics.step"
)


def read_loss_db(path: Path, *, run_dir: Path) -> LogReading:
    """Read the database with its write-ahead log, and leave no trace beside it. Rows have no line.

    Raises:
        DiagnoseError: the file cannot be read, is no SQLite file, is damaged, too large or not the trainer's.
    """
    file = shown(path, run_dir)
    companions = [path.with_name(path.name + suffix) for suffix in ("-wal", "-journal")]
    with private_copy(path, companions, limit=LARGEST) as copy:
        try:
            with closing(sqlite3.connect(copy)) as database:
                return _reading(database, file)
        # SQLite's own words quote from the file: what is no text there is an error of its own, or leaves them empty.
        except (sqlite3.Error, UnicodeDecodeError) as error:
            said = "" if isinstance(error, UnicodeDecodeError) else str(error)
            if said == "interrupted":
                said = "it takes too long, as the trainer's own never does"
            raise DiagnoseError(
                f"{file}: cannot be read as the trainer's loss log ({said or 'it is damaged'})"
            ) from error


def _reading(database: sqlite3.Connection, file: str) -> LogReading:
    database.text_factory = bytes  # text that is not UTF-8 must not stop us
    rounds = iter(range(_MOST_ROUNDS))
    database.set_progress_handler(lambda: next(rounds, None) is None, _ROUND)
    database.execute("PRAGMA trusted_schema = OFF")
    _check_tables(database, file)
    tally = Tally(file)
    writer = RowWriter(file)
    validations: list[Validation] = []
    for step, values in groupby(database.execute(_VALUES), key=itemgetter(0)):
        if not isinstance(step, int) or not 0 <= step < MOST_STEPS:
            for _ in values:
                tally.add("row without a step number; skipped", key="step")
            continue
        row = _row(step, values, tally, validations)
        if row is not None:
            writer.put(row)
        check_room(len(validations), file)
    return LogReading(file, ABILITIES, finish_rows(writer.rows()), tally.remarks(), tuple(validations))


def _row(
    step: int, values: Iterable[tuple[int, bytes, object, object]], tally: Tally, validations: list[Validation]
) -> LogRow | None:
    """Return the row of a step, None where only validations are of it; those go into their list."""
    trained, time, loss, rate = False, None, None, None
    for _, key, value, wall_time in values:
        if key not in _KEYS:  # a damaged index finds what was not asked for, of any kind
            tally.add("row with a key that was not asked for; skipped", key="key")
            continue
        if key == _VALIDATION:
            found = tally.number(value, "val/loss", step=step)
            validations += [Validation(step, found)] if found is not None else []
            continue
        if not trained:
            trained, time = True, tally.number(wall_time, "wall_time", step=step)
        number = tally.number(value, key.decode(), step=step)
        if key == _LOSS:
            loss = number
        else:
            rate = number
    if loss is None and rate == 0:
        rate = None  # a step skipped for lack of memory is logged so
    return LogRow(step, None, time, loss, lr_shared=rate) if trained else None


def _check_tables(database: sqlite3.Connection, file: str) -> None:
    """Refuse a database of another program; views and virtual tables could make a query run for ever."""
    for table, wanted in _COLUMNS.items():
        found = database.execute("SELECT type, sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        if found is None or found[0] != b"table" or not found[1].upper().startswith(b"CREATE TABLE"):
            raise DiagnoseError(f"{file}: has no table {table!r}, so it is not the trainer's loss log")
        columns = {row[1].decode("utf-8", "replace") for row in database.execute(f"PRAGMA table_info({table})")}
        if not wanted <= columns:
            lacking = ", ".join(sorted(wanted - columns))
            raise DiagnoseError(f"{file}: table {table!r} lacks {lacking}; not the trainer's")


READERS = (
    FileReader(
        Role.LOG,
        "loss_log.db",
        re.compile(r"loss_log\.db"),
        read_loss_db,
        lambda path: head(path, len(_SIGNATURE)) == _SIGNATURE,
        sign=(UPSTREAM, "only upstream writes a loss_log.db"),
    ),
)
