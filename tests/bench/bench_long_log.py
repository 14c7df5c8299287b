"""How long a command takes, and how much memory, on inputs as large as they come: 10^6 rows, 10^5 files, 5 MB of config.

    PYTHONPATH=tests:tests/support python -m bench.bench_long_log [--only WORD] [--note]

Each input is made in a temporary folder and judged in a process of its own. Exit status 1 where a limit is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import yaml
from fuzz.formats import DATA
from fuzz.noted import note
from msgspec import Struct

ROOT = Path(__file__).parents[2]
ROWS = 1_000_000
FORK, UPSTREAM = DATA / "fork-r_switch1", DATA / "upstream-resumed"
FOUND = {0, 1}


class Size(Struct, frozen=True):
    """An input: what makes it, the command, and the most seconds of processor time and MB it may take."""

    make: Callable[[Path], None]
    command: str = "postmortem"
    target: str = "."
    seconds: float = 15.0
    megabytes: int = 400


def metrics(folder: Path) -> None:
    shutil.copy(FORK / "config.yaml", folder)
    rows = [json.loads(line) for line in (FORK / "metrics_r_switch1.jsonl").read_text(encoding="utf-8").splitlines()]
    with (folder / "metrics_r_switch1.jsonl").open("w", encoding="utf-8") as stream:
        for step in range(ROWS):
            stream.write(json.dumps({**rows[step % len(rows)], "step": step}) + "\n")


def database(folder: Path) -> None:
    shutil.copy(UPSTREAM / "config.yaml", folder)
    with closing(sqlite3.connect(folder / "loss_log.db")) as log, log:
        log.execute("CREATE TABLE steps (step INTEGER PRIMARY KEY, wall_time REAL NOT NULL)")
        log.execute(
            "CREATE TABLE metrics (step INTEGER NOT NULL, key TEXT NOT NULL, value_real REAL, value_text TEXT,"
            " PRIMARY KEY (step, key))"
        )
        log.executemany("INSERT INTO steps VALUES (?, ?)", ((step, 1.7e9 + 8 * step) for step in range(ROWS)))
        for key, value in (("loss/loss", 0.1), ("learning_rate", 1e-5)):
            values = ((step, key, value * (1 + step % 7 / 100)) for step in range(ROWS))
            log.executemany("INSERT INTO metrics VALUES (?, ?, ?, NULL)", values)


def console(folder: Path) -> None:
    shutil.copy(FORK / "config.yaml", folder)
    start = (FORK / "stdout.log").read_bytes()
    with (folder / "stdout.log").open("wb") as stream:
        stream.write(start)
        for step in range(100, ROWS):
            bar = f"\rr_switch1:  10%|#| {step}/{ROWS} [{step // 3600 % 99:02}:{step // 60 % 60:02}:{step % 60:02}<9:00:00,  1.00s/it, lr0: 1.0e-05 lr1: 2.0e-05 loss: {0.1 + step % 9 / 100:.3e}]"
            stream.write(bar.encode())


def anyones_console(folder: Path) -> None:
    with (folder / "run.log").open("w", encoding="utf-8") as stream:
        for step in range(1, ROWS):
            stream.write(f"\rsteps:  10%|#| {step}/{ROWS} [09:00<9:00:00,  1.00s/it, avr_loss=0.1]")


def blank(folder: Path) -> None:
    shutil.copy(FORK / "config.yaml", folder)
    for name in ("stdout.log", "metrics_r_switch1.jsonl"):
        (folder / name).write_bytes((FORK / name).read_bytes() + b"\n" * 20_000_000)


def blank_paste(folder: Path) -> None:
    (folder / "paste.txt").write_bytes(b"\n" * 20_000_000 + (FORK / "stdout.log").read_bytes())


def many_files(folder: Path) -> None:
    shutil.copy(FORK / "config.yaml", folder)
    shutil.copy(FORK / "metrics_r_switch1.jsonl", folder)
    (folder / "samples").mkdir()
    for number in range(50_000):
        (folder / f"caption{number}.txt").touch()
        (folder / "samples" / f"{1_700_000_000_000 + number}__{number // 5 * 10:09}_{number % 5}.jpg").touch()


def large_config(folder: Path) -> None:
    tree = yaml.safe_load((FORK / "config.yaml").read_text(encoding="utf-8"))
    prompts = [f"a dancer spins on the spot, take {number}" for number in range(110_000)]
    tree["config"]["process"][0]["sample"]["prompts"] = prompts
    (folder / "config.yaml").write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")


SIZES: Mapping[str, Size] = {
    "10^6 rows of metrics.jsonl": Size(metrics),
    "10^6 steps of loss_log.db": Size(database),
    "10^6 bars of a console": Size(console),
    "10^6 bars of another program's console": Size(anyones_console, "log", "run.log"),
    "20 MB of blank lines in console and metrics": Size(blank),
    "20 MB of blank lines before a pasted console": Size(blank_paste, "log", "paste.txt"),
    "10^5 files in a run folder": Size(many_files),
    "5 MB of config": Size(large_config, "preflight", "config.yaml"),
}


def measured(size: Size) -> tuple[float, int, str]:
    """Return the seconds of processor time and the most MB of one command, and what is wrong with it ("" for nothing)."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name) / "run"
        folder.mkdir()
        size.make(folder)
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "DIAGNOSE_CACHE_DIR": str(Path(name) / "cache")}
        command = [sys.executable, "-m", "diagnose", size.command, str(folder / size.target), "--format", "json"]
        warm = [sys.executable, "-m", "diagnose", "preflight", str(FORK / "config.yaml")]
        subprocess.run(warm, env=environ, check=False, capture_output=True)  # the rule base goes into the cache
        with (Path(name) / "out").open("wb") as out, (Path(name) / "err").open("wb") as err:
            process = subprocess.Popen(command, env=environ, stdout=out, stderr=err)
            _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds, megabytes = used.ru_utime + used.ru_stime, used.ru_maxrss // 1024
        wrong = [f"exit status {process.returncode}"] if process.returncode not in FOUND else []
        wrong += [f"more than {size.seconds:g} s"] if seconds > size.seconds else []
        wrong += [f"more than {size.megabytes} MB"] if megabytes > size.megabytes else []
        return seconds, megabytes, "; ".join(wrong)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="inputs with this word in their name")
    parser.add_argument("--note", action="store_true", help="write the figures into reports/robustness.md")
    options = parser.parse_args()
    bad = 0
    for name, size in SIZES.items():
        if options.only in name:
            seconds, megabytes, wrong = measured(size)
            bad += bool(wrong)
            print(f"{name}: {seconds:.1f} s, {megabytes} MB {wrong}", flush=True)
            if options.note:
                note("Sizes", [(name, f"{seconds:.1f}", megabytes, f"{size.seconds:g} s, {size.megabytes} MB")])
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
