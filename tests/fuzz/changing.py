"""Files of a run that are rewritten, cut off, grown, removed or turned into something else while they are read."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from random import Random

from fuzz import checkpoint, optimizer
from fuzz.program import DATABASE, Place, postmortem

LARGER = 40
"""Times that a log is repeated, so that reading it takes a while."""


def changing(place: Place, chance: Random, name: str) -> str:
    """Change a file of the run all the time while a command reads it."""
    path = _laid(place, name)
    content = path.read_bytes()

    def disturb(stop: threading.Event) -> None:
        while not stop.wait(chance.random() / 50):
            with suppress(OSError):
                _disturb(path, content, chance)

    return _judged_during(disturb, place)


def _judged_during(work: Callable[[threading.Event], None], place: Place) -> str:
    """Judge the run while another thread works until it is told to stop."""
    place.warm()
    with during(work):
        status, _ = place.json(postmortem(place))
    place.nothing_left()
    return f"exit status {status}"


@contextmanager
def during(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Let a thread work until the block ends."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _disturb(path: Path, content: bytes, chance: Random) -> None:
    kind = chance.randrange(6)
    if kind == 0:  # as torch.save and a log's rotation do: in place
        with path.open("wb") as stream:
            stream.write(content[: chance.randrange(len(content))])
            stream.flush()
            stream.write(content)
    elif kind == 1:
        os.truncate(path, chance.randrange(len(content)))
    elif kind == 2:
        with path.open("ab") as stream:
            stream.write(content[:2000])
    elif kind == 3:
        path.unlink()
    elif kind == 4:
        beside = path.with_name("new")
        beside.write_bytes(content)
        beside.replace(path)
    else:
        path.write_bytes(content)


def _laid(place: Place, name: str) -> Path:
    """Put a file of that name into the run, if it has none, large enough to take a while."""
    path = place.run / name
    if name == "optimizer.pt":
        path.write_bytes(optimizer.saved(optimizer.sound()[0]))
    elif name.endswith(".safetensors"):
        path.write_bytes(checkpoint.sound()[0])
    elif name.endswith((".jsonl", ".log")):
        path.write_bytes(path.read_bytes() * LARGER)
    return path


def database_in_use(place: Place, chance: Random) -> str:
    """Let a trainer write its database, with its write-ahead log, while it is read."""
    shutil.rmtree(place.run)
    shutil.copytree(DATABASE, place.run)

    def train(stop: threading.Event) -> None:
        with closing(sqlite3.connect(place.run / "loss_log.db", timeout=10)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            step = 10_000
            while not stop.wait(chance.random() / 100):
                step += 1
                with suppress(sqlite3.Error), database:
                    database.execute("INSERT OR REPLACE INTO steps(step, wall_time) VALUES (?, ?)", (step, 1e9 + step))
                    database.execute(
                        "INSERT OR REPLACE INTO metrics(step, key, value_real) VALUES (?, 'loss/loss', 0.1)", (step,)
                    )

    return _judged_during(train, place)


LINKS = (
    "samples",
    "logs",
    "loop",
    "a",
    "b.log",
    "x.safetensors",
    "c.yaml",
    "optimizer.pt",
    "loss_log.db",
    "metrics_z.jsonl",
)
LOOPS = (".", "..", "loop", "a", "../run", "/proc/self/cwd", "/dev/stdin", "/dev/zero", "/proc/self/mem")


def links(place: Place, chance: Random) -> str:
    """Fill the run with links in rings and to what has no end."""
    for name in LINKS:
        with suppress(FileExistsError):
            (place.run / name).symlink_to(chance.choice(LOOPS))
    place.warm()
    status, _ = place.json(postmortem(place))
    return f"exit status {status}"


READ = (
    "config.yaml", "metrics_r_switch1.jsonl", "stdout.log", "r_switch1_alpha_scheduler.json", "optimizer.pt",
    "r_switch1_000000020_high_noise.safetensors",
)  # fmt: skip
FAULTS: Mapping[str, Callable[[Place, Random], str]] = {
    **{f"changed while read: {name}": partial(changing, name=name) for name in READ},
    "the trainer writes loss_log.db meanwhile": database_in_use,
    "links in rings and to what has no end": links,
}
