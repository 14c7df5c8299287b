"""Upstream's loss_log.db: other tables and kinds of values, rows beyond count, and bytes of the file and its log."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

from fuzz.formats import Files, Format, Link, Pipe, seeds
from fuzz.noise import BYTES, emptied, noisy

from diagnose.inputs import facts_of, run_inputs
from diagnose.trainers.aitoolkit.loss_database import read_loss_db

SEEDS = seeds("loss_log.db")
CONFIGS = seeds("config.yaml")
NUMBERS = (
    "0",
    "1",
    "-1",
    "1e308",
    "9e999",
    "-9e999",
    "NULL",
    "'x'",
    "x'00ff'",
    "9223372036854775807",
    "0.5",
    "''",
    "'nan'",
    "'7'",
)
KEYS = (
    "'loss/loss'",
    "'learning_rate'",
    "'val/loss'",
    "NULL",
    "7",
    "x'6c6f73732f6c6f7373'",
    "'loss/loss' || char(0)",
    "'other'",
)
TABLES = (
    "CREATE TABLE steps(step, wall_time)",
    "CREATE TABLE steps(step INTEGER PRIMARY KEY, wall_time REAL)",
    "CREATE TABLE steps(step TEXT, wall_time BLOB)",
    "CREATE TABLE steps(wall_time, step) ",
    "CREATE VIEW steps AS SELECT 1 AS step, 2 AS wall_time",
    "CREATE VIRTUAL TABLE steps USING fts5(step, wall_time)",
    "CREATE TABLE steps(step INTEGER PRIMARY KEY, wall_time REAL) WITHOUT ROWID",
    "CREATE TABLE steps(step, wall_time AS (abs(-9223372036854775808)))",
    'CREATE TABLE "steps"(step COLLATE NOCASE, wall_time CHECK (wall_time > 0))',
    "CREATE TABLE other(step)",
)
METRICS = (
    "CREATE TABLE metrics(step, key, value_real)",
    "CREATE TABLE metrics(step INTEGER, key TEXT, value_real REAL, value_text TEXT, PRIMARY KEY (step, key))",
    'CREATE TABLE metrics(step, "key", value_real AS (1/0))',
    "CREATE TABLE metrics(step, key)",
    "CREATE VIEW metrics AS SELECT * FROM metrics",
    "CREATE TABLE metrics(step, key, value_real AS (randomblob(1000000)))",
)


def made(chance: Random) -> bytes:
    """Return a database that SQLite itself wrote, with what the trainer would not put there; it lies beside the cache."""
    file = Path(os.environ["DIAGNOSE_CACHE_DIR"]).with_name("made.db")
    file.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as database:
        database.execute(f"PRAGMA page_size = {chance.choice((512, 1024, 4096, 65536))}")
        if chance.random() < 0.1:
            database.execute(f"PRAGMA encoding = '{chance.choice(('UTF-16le', 'UTF-16be'))}'")
        wild = chance.random() < 0.3
        for tables in (TABLES, METRICS):
            with contextlib.suppress(sqlite3.Error):
                database.execute(chance.choice(tables) if wild else chance.choice(tables[:2]))
        for _ in range(chance.choice((0, 1, 5, 20))):
            step = chance.choice((*NUMBERS, str(chance.randrange(50)), str(chance.randrange(50))))
            number = chance.choice((*NUMBERS, "0.1", "1e-5"))
            rows = (
                ("steps(step, wall_time)", f"{step}, {number}"),
                ("metrics(step, key, value_real)", f"{step}, {chance.choice(KEYS)}, {number}"),
                ("metrics(step, key, value_real)", f"{chance.randrange(9)}, 'loss/loss', {number}"),
            )
            for into, values in rows:
                with contextlib.suppress(sqlite3.Error):
                    database.execute(f"INSERT INTO {into} VALUES ({values})")  # noqa: S608 - our own words
        with contextlib.suppress(sqlite3.Error):
            database.execute(f"PRAGMA user_version = {chance.randrange(9)}")
        database.commit()
    return file.read_bytes()


def damaged(chance: Random) -> bytes:
    content = made(chance) if chance.random() < 0.5 else chance.choice(SEEDS)
    if chance.random() < 0.6:
        return noisy(content, chance, (*BYTES, emptied))
    if chance.random() < 0.5:  # the head, where a page's size and the file's form are
        changed = bytearray(content)
        for _ in range(chance.choice((1, 2, 4))):
            changed[chance.randrange(16, 200)] = chance.choice((0, 1, 2, 255, chance.randrange(256)))
        return bytes(changed)
    return content


def make(chance: Random) -> Files:
    files: dict[str, bytes | Link | Pipe] = {"loss_log.db": damaged(chance)}
    if chance.random() < 0.3:
        log = chance.choice(
            (b"", b"7\x7f\x06\x82" + chance.randbytes(600), Link("/dev/zero"), Link("loss_log.db"), Pipe())
        )
        files[chance.choice(("loss_log.db-wal", "loss_log.db-journal", "loss_log.db-shm"))] = log
    if chance.random() < 0.5:
        files["config.yaml"] = chance.choice(CONFIGS)
    return files


FORMAT = Format(
    make=make,
    read=lambda folder: read_loss_db(folder / "loss_log.db", run_dir=folder),
    facts=lambda folder: facts_of(run_inputs(folder, None)),
    command=lambda folder: ["postmortem", str(folder), "--format", "json"],
)
