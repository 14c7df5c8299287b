from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.sources.log_rows import NO_ROWS
from diagnose.trainers.aitoolkit import loss_database
from diagnose.trainers.aitoolkit.loss_database import private_copy, read_loss_db

SCHEMA = """
CREATE TABLE steps (step INTEGER PRIMARY KEY, wall_time REAL NOT NULL);
CREATE TABLE metric_keys (key TEXT PRIMARY KEY, first_seen_step INTEGER, last_seen_step INTEGER);
CREATE TABLE metrics (step INTEGER NOT NULL, key TEXT NOT NULL, value_real REAL, value_text TEXT,
  PRIMARY KEY (step, key), FOREIGN KEY (step) REFERENCES steps(step) ON DELETE CASCADE);
"""

ENDLESS_VIEW = """
CREATE TABLE steps (step, wall_time);
CREATE VIEW metrics AS WITH RECURSIVE n(step) AS (SELECT 1 UNION ALL SELECT step + 1 FROM n)
  SELECT step, 'loss/loss' AS key, 0.5 AS value_real FROM n;
"""

Value = tuple[int, str, object]


def connect(path: Path, schema: str = SCHEMA) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript(schema)
    return database


def insert(database: sqlite3.Connection, values: Sequence[Value]) -> None:
    database.execute("BEGIN")
    for step, key, value in values:
        database.execute("INSERT OR IGNORE INTO steps VALUES (?, ?)", (step, 1000.0 + step))
        database.execute("INSERT INTO metrics VALUES (?, ?, ?, NULL)", (step, key, value))
    database.execute("COMMIT")


def logged(*steps: int) -> list[Value]:
    return [each for step in steps for each in ((step, "learning_rate", step * 1e-6), (step, "loss/loss", step / 10))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "loss_log.db"


def test_validation_losses_are_no_training_losses(path: Path) -> None:
    with closing(connect(path)) as database:
        insert(database, [*logged(1, 2), (2, "val/loss", 0.9), (3, "val/loss", 0.8), (4, "val/loss", None)])
    reading = read_loss_db(path, run_dir=path.parent)
    assert [(row.step, row.loss) for row in reading.rows] == [(1, 0.1), (2, 0.2)]
    assert [(each.step, each.loss) for each in reading.validations] == [(2, 0.9), (3, 0.8)]


def test_rows_of_a_closed_database(path: Path) -> None:
    with closing(connect(path)) as database:
        insert(database, [*logged(2, 1), (2, "loss/other", 9.0), (3, "lr/extra", 1.0)])
    reading = read_loss_db(path, run_dir=path.parent)
    assert (reading.file, reading.job, reading.remarks) == ("loss_log.db", None, ())
    assert [(row.step, row.line, row.time, row.loss, row.lr_shared) for row in reading.rows] == [
        (1, None, 1001.0, 0.1, 1e-6),
        (2, None, 1002.0, 0.2, 2e-6),
    ]


def test_rows_that_stand_in_the_write_ahead_log_alone(path: Path, tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    killed.mkdir()
    with closing(connect(path, "PRAGMA journal_mode = WAL;" + SCHEMA)) as database:
        insert(database, logged(1))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        insert(database, logged(2, 3))
        for name in ("loss_log.db", "loss_log.db-wal"):
            shutil.copy(tmp_path / name, killed / name)
    before = {file.name: file.read_bytes() for file in killed.iterdir()}
    assert [row.step for row in read_loss_db(killed / "loss_log.db", run_dir=killed).rows] == [1, 2, 3]
    assert {file.name: file.read_bytes() for file in killed.iterdir()} == before
    (killed / "loss_log.db-wal").unlink()
    assert [row.step for row in read_loss_db(killed / "loss_log.db", run_dir=killed).rows] == [1]


def test_empty_tables_are_no_rows(path: Path) -> None:
    connect(path).close()
    assert read_loss_db(path, run_dir=path.parent).rows == NO_ROWS


def test_a_step_skipped_for_lack_of_memory_has_no_rate(path: Path) -> None:
    with closing(connect(path)) as database:
        insert(database, [(1, "learning_rate", 0.0), (2, "learning_rate", 0.0), (2, "loss/loss", 0.5)])
    skipped, trained = read_loss_db(path, run_dir=path.parent).rows
    assert (skipped.lr_shared, trained.lr_shared) == (None, 0.0)


def test_odd_values_are_unknown_and_counted(path: Path) -> None:
    with closing(connect(path)) as database:
        insert(database, [(1, "loss/loss", "much"), (2, "loss/loss", float("inf")), (3, "loss/loss", None)])
        insert(database, [(-4, "loss/loss", 0.5), (5, "loss/loss", b"\xff")])
    reading = read_loss_db(path, run_dir=path.parent)
    assert [(row.step, row.loss) for row in reading.rows] == [(1, None), (2, None), (3, None), (5, None)]
    assert [(remark.place.key, remark.text[-30:]) for remark in reading.remarks] == [
        ("step", "without a step number; skipped"),
        ("loss/loss", "n (3 times, this is the first)"),
    ]


def test_rows_without_a_step_row_have_no_time(path: Path) -> None:
    with closing(connect(path)) as database:
        database.execute("INSERT INTO metrics VALUES (7, 'loss/loss', 0.5, NULL)")
    (row,) = read_loss_db(path, run_dir=path.parent).rows
    assert (row.step, row.time) == (7, None)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "has no table 'steps'"),
        (b"not a database at all, but long enough to be looked at", "file is not a database"),
        (b"SQLite format 3\0" + b"\0" * 200, "cannot be read as the trainer's loss log"),
    ],
)
def test_what_is_no_database_is_one_clear_line(path: Path, content: bytes, reason: str) -> None:
    path.write_bytes(content)
    with pytest.raises(DiagnoseError, match=reason) as caught:
        read_loss_db(path, run_dir=path.parent)
    assert str(caught.value).startswith("loss_log.db: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ("CREATE TABLE other (a);", "has no table 'steps'"),
        ("CREATE TABLE steps (step, wall_time); CREATE TABLE metrics (step, value);", "lacks key, value_real"),
        (ENDLESS_VIEW, "has no table 'metrics'"),
    ],
)
def test_the_database_of_another_program_is_refused(path: Path, schema: str, reason: str) -> None:
    connect(path, schema).close()
    with pytest.raises(DiagnoseError, match=reason):
        read_loss_db(path, run_dir=path.parent)


def test_a_damaged_database_is_one_clear_line(path: Path) -> None:
    with closing(connect(path)) as database:
        insert(database, logged(*range(500)))
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 8] = b"\x5a" * (4096 * 5)
    path.write_bytes(bytes(content))
    with pytest.raises(DiagnoseError, match=r"^loss_log\.db: cannot be read as the trainer's loss log"):
        read_loss_db(path, run_dir=path.parent)


def test_what_a_damaged_index_finds_besides_is_skipped(path: Path) -> None:
    """The index says of the last row that its key is a number."""
    with closing(connect(path, f"{SCHEMA}CREATE INDEX by_key ON metrics (key, step);")) as database:
        insert(database, [(step, "val/loss", 0.5) for step in (5, 6, 7)])
    content = path.read_bytes()
    text, number = (b"\x04%c\x01\x01val/loss\x07" % kind for kind in (0x1D, 0x07))
    assert content.count(text) == 1
    path.write_bytes(content.replace(text, number))
    reading = read_loss_db(path, run_dir=path.parent)
    assert [each.step for each in reading.validations] == [5, 6]
    assert "row with a key that was not asked for; skipped" in reading.remarks[0].text


def test_a_database_whose_damage_is_no_text_is_one_clear_line(path: Path) -> None:
    connect(path).close()
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE metrics", b"CREATE T\xdfBLE metrics"))
    with pytest.raises(DiagnoseError, match=r"^loss_log\.db: cannot be read .* \(it is damaged\)$"):
        read_loss_db(path, run_dir=path.parent)


def test_the_real_runs(real: Path) -> None:
    for name, steps in {
        "main-o_a_automagic": range(1, 300),
        "main-o_c_resume": range(1, 160),
        "main-o_f_min_snr_gamma": (),
    }.items():
        reading = read_loss_db(real / name / "loss_log.db", run_dir=real / name)
        assert [row.step for row in reading.rows] == list(steps), name
        assert reading.remarks == ()
        assert all(row.loss is not None and row.lr_shared and row.time for row in reading.rows)


def test_the_copy_stands_with_its_companions_and_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"one")
    (tmp_path / "a.db-wal").write_bytes(b"two")
    companions = [tmp_path / "a.db-wal", tmp_path / "a.db-journal"]
    with private_copy(tmp_path / "a.db", companions, limit=6) as copy:
        assert copy.parent != tmp_path
        assert (copy.read_bytes(), copy.with_name("a.db-wal").read_bytes()) == (b"one", b"two")
        assert not copy.with_name("a.db-journal").exists()
    assert not copy.parent.exists()


def test_the_copy_is_taken_away_after_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"one")
    with pytest.raises(ZeroDivisionError), private_copy(tmp_path / "a.db", (), limit=9) as copy:
        raise ZeroDivisionError
    assert not copy.parent.exists()


def test_too_large_is_refused_before_copying(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"four")
    (tmp_path / "a.db-wal").write_bytes(b"four")
    with (
        pytest.raises(DiagnoseError, match=r"a\.db: .* more than the 0 MB we read"),
        private_copy(tmp_path / "a.db", [tmp_path / "a.db-wal"], limit=7),
    ):
        pass


@pytest.mark.skipif(os.name == "nt", reason="links and devices of POSIX")
@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_a_companion_that_leads_away_or_never_ends_is_left_alone(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "run").mkdir()
    path = tmp_path / "run" / "loss_log.db"
    with closing(connect(path)) as database:
        insert(database, logged(1, 2))
    companion = path.with_name(f"loss_log.db{suffix}")
    (tmp_path / "away").write_bytes(b"x" * 600)
    for target in ("/dev/zero", tmp_path / "away"):
        companion.symlink_to(target)
        assert [row.step for row in read_loss_db(path, run_dir=path.parent).rows] == [1, 2]
        companion.unlink()
    os.mkfifo(companion)
    assert [row.step for row in read_loss_db(path, run_dir=path.parent).rows] == [1, 2]


def test_no_more_is_copied_than_may_be_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"grown since it was looked at")
    loss_database._copy(tmp_path / "a", tmp_path / "b", 5)
    assert (tmp_path / "b").read_bytes() == b"grown"


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with (
        pytest.raises(DiagnoseError, match=r"a\.db: cannot be copied to read it \(No such file"),
        private_copy(tmp_path / "a.db", (), limit=9),
    ):
        pass


def test_files_that_change_meanwhile_are_copied_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"old")
    writes = [b"newer", b"newest"]

    def copy_while_written(source: Path, target: Path, _: int) -> None:
        target.write_bytes(source.read_bytes())
        if writes:
            path.write_bytes(writes.pop(0))

    monkeypatch.setattr(loss_database, "_copy", copy_while_written)
    with private_copy(path, (), limit=99) as copy:
        assert copy.read_bytes() == b"newest"


def test_files_that_never_hold_still_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"")

    def copy_while_written(source: Path, target: Path, _: int) -> None:
        target.write_bytes(source.read_bytes())
        path.write_bytes(path.read_bytes() + b"x")

    monkeypatch.setattr(loss_database, "_copy", copy_while_written)
    with (
        pytest.raises(DiagnoseError, match=r"changes faster than it can be copied"),
        private_copy(path, (), limit=99),
    ):
        pass


def test_tables_without_keys_do_not_keep_us_for_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss_database, "_MOST_ROUNDS", 3)
    path = tmp_path / "loss_log.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE steps(step, wall_time)")
        database.execute("CREATE TABLE metrics(step, key, value_real)")
        database.executemany("INSERT INTO steps VALUES (7, ?)", [(1.0,)] * 3000)
        database.executemany("INSERT INTO metrics VALUES (7, 'loss/loss', ?)", [(0.1,)] * 3000)
        database.commit()
    with pytest.raises(DiagnoseError, match="takes too long"):
        read_loss_db(path, run_dir=tmp_path)
