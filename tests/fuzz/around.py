"""Faults of what is around the program: kills, disk, memory, rights, streams, surroundings, many processes at once."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

from fuzz.program import DATABASE, BadError, Place, limited, postmortem

OLD = '{"schema": "diagnose/report/1", "old": true}\n'
WHOLE = b"}\n"
START_UP = 1.5
"""Seconds in which a kill falls; a command takes about as long."""


def _killed(place: Place, chance: Random, number: int) -> str:
    """End a command at any moment while it writes over an older report; that report or the new one is there, whole."""
    report = place.out / "report.json"
    if chance.random() < 0.5:
        report.write_text(OLD, encoding="utf-8")
    if chance.random() < 0.5:
        shutil.rmtree(place.run)
        shutil.copytree(DATABASE, place.run)
    process = place.start([*postmortem(place), "-o", str(report)])
    time.sleep(chance.random() * START_UP)
    process.send_signal(number)
    place.ended(process, allowed={0, -number})
    if report.exists():
        content = report.read_bytes()
        if content != OLD.encode() and not content.rstrip().endswith(b"}"):
            raise BadError(f"the report is written in part: {content[-80:]!r}")
    if number == signal.SIGTERM:
        place.nothing_left()
    process = place.start(
        [*postmortem(place), "-o", str(report), "--force"]
    )  # what the cache holds is whole, or not used
    place.ended(process, allowed={0})
    return "killed and run again"


def killed(place: Place, chance: Random) -> str:
    return _killed(place, chance, signal.SIGKILL)


def terminated(place: Place, chance: Random) -> str:
    return _killed(place, chance, signal.SIGTERM)


def file_size_limit(place: Place, chance: Random) -> str:
    """Let no file grow beyond a size: as a full disk, and as a quota."""
    report = place.out / f"report.{chance.choice(('md', 'json', 'html'))}"
    report.write_text("<!-- old -->", encoding="utf-8")
    shutil.rmtree(place.run)
    shutil.copytree(chance.choice((DATABASE, Path(DATABASE.parent, "fork-nan"))), place.run)
    most = chance.choice((0, 1, 100, 4096, 20_000, 100_000))
    process = place.start(
        [*postmortem(place), "-o", str(report), "--force"], preexec_fn=limited(resource.RLIMIT_FSIZE, most)
    )
    status, _ = place.ended(process, allowed={0, 2})
    if status == 2 and report.read_text(encoding="utf-8") != "<!-- old -->":
        raise BadError("refused, and the older report is gone")
    place.nothing_left()
    return f"exit status {status}"


def memory_limit(place: Place, chance: Random) -> str:
    """Let the process have little memory: it may say so, or be ended by the interpreter, and writes nothing in part."""
    report = place.out / "report.json"
    most = chance.choice((30, 60, 100, 150, 200, 400, 1000, 3000)) * 2**20
    process = place.start(
        [*postmortem(place), "-o", str(report)],
        preexec_fn=limited(resource.RLIMIT_AS, most),
        environ={"OPENBLAS_NUM_THREADS": "1"},
    )
    _, err = process.communicate(timeout=120)
    if process.returncode not in {0, 1, 2, 127, -6, -9, -11}:
        raise BadError(f"exit status {process.returncode}: {err[-800:].decode('utf-8', 'replace')}")
    if report.exists() and not report.read_bytes().rstrip().endswith(b"}"):
        raise BadError("the report is written in part")
    return "ran" if process.returncode == 0 else "said no"


def read_only(place: Place, chance: Random) -> str:
    """Let nothing be written in the cache, the folder of temporary files, the run or the result's folder."""
    closed = chance.sample((place.cache, place.temporary, place.run, place.out), chance.choice((1, 2, 4)))
    for folder in closed:
        folder.chmod(0o500)
    report = place.out / "report.md"
    try:
        process = place.start([*postmortem(place), "-o", str(report)], preexec_fn=_no_more_than_others)
        status, _ = place.ended(process, allowed={0, 2})
    finally:
        for folder in closed:
            folder.chmod(0o700)
    if status == 2 and report.exists():
        raise BadError("refused, and written")
    place.nothing_left()
    return f"exit status {status}"


def _no_more_than_others() -> None:
    """Take from root the right to write everywhere; it takes effect with the next program."""
    if os.getuid() == 0:
        libc = ctypes.CDLL(None)
        for right in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            libc.prctl(24, right, 0, 0, 0)  # PR_CAPBSET_DROP


def shared_cache(place: Place, chance: Random) -> str:
    """Let eight processes work at once on one cache, some of them being killed; all others say the same."""
    processes = [place.start([*postmortem(place), "--format", "json"]) for _ in range(8)]
    for process in chance.sample(processes, 2):
        time.sleep(chance.random() * START_UP / 2)
        process.kill()
    texts = {out for process in processes for status, out in [place.ended(process, allowed={0, -9})] if status == 0}
    if len(texts) > 1:
        raise BadError("not all say the same")
    return "all the same"


def damaged_cache(place: Place, chance: Random) -> str:
    """Damage what the cache holds between two runs; the second says the same."""
    _, first = place.json(postmortem(place))
    for path in place.cache.rglob("*.json"):
        content = bytearray(path.read_bytes())
        kind = chance.randrange(4)
        if kind == 0:
            path.write_bytes(content[: chance.randrange(len(content))])
        elif kind == 1:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
            path.write_bytes(content)
        elif kind == 2:
            path.unlink()
            path.mkdir()
        else:
            path.unlink()
            path.symlink_to(chance.choice(("/dev/zero", path.name, "..", "/nowhere")))
    _, second = place.json(postmortem(place))
    if first != second:
        raise BadError("with a damaged cache the report is another one")
    return "the same"


def streams(place: Place, chance: Random) -> str:
    """Close or fill the standard streams."""
    with Path("/dev/full").open("wb") as full:
        how: dict[str, Any] = {
            "stdout": chance.choice((full, subprocess.PIPE)),
            "stderr": chance.choice((full, subprocess.PIPE)),
        }
        closed = chance.sample((0, 1, 2), chance.choice((0, 1, 2, 3)))

        def close() -> None:
            for number in closed:
                os.close(number)

        form = chance.choice(("json", "markdown", "terminal"))
        status, _ = place.ended(
            place.start([*postmortem(place), "--format", form], preexec_fn=close, **how), allowed={0, 2}
        )
    return f"exit status {status}"


def surroundings(place: Place, chance: Random) -> str:
    """Take away HOME, the cache's name, the language, the width, the current folder."""
    odd = {
        "HOME": chance.choice(("", "/nowhere", "/dev/null")),
        "LC_ALL": chance.choice(("C", "POSIX", "xx_YY", "")),
        "COLUMNS": chance.choice(("1", "0", "-5", "x", "9" * 30)),
        "TMPDIR": chance.choice(("", "/nowhere", "/dev/null", "x\ny")),
        "DIAGNOSE_CACHE_DIR": chance.choice(("", "/proc/nowhere", "/dev/null", "\udcff")),
        "XDG_CACHE_HOME": chance.choice(("relative", "/dev/null", "")),
        "TERM": chance.choice(("dumb", "", "xterm-999")),
        "PYTHONIOENCODING": chance.choice(("ascii", "cp1252", "utf-16", "")),
    }
    environ = {name: odd[name] for name in chance.sample(sorted(odd), chance.choice((1, 3, 8)))}
    form = chance.choice(("json", "markdown", "terminal", "html"))

    def leave() -> None:
        gone = place.out / "gone"
        gone.mkdir()
        os.chdir(gone)
        gone.rmdir()

    how: dict[str, Any] = {"preexec_fn": leave} if chance.random() < 0.3 else {}
    status, _ = place.ended(place.start([*postmortem(place), "--format", form], environ=environ, **how), allowed={0, 2})
    return f"exit status {status}"


FAULTS: Mapping[str, Callable[[Place, Random], str]] = {
    "killed (SIGKILL) at any moment": killed,
    "ended (SIGTERM) at any moment": terminated,
    "no file may grow (full disk)": file_size_limit,
    "little memory": memory_limit,
    "read-only folders": read_only,
    "one cache for eight processes, two of them killed": shared_cache,
    "a damaged cache": damaged_cache,
    "streams closed or full": streams,
    "no HOME, no temporary folder, locale C, one column, ...": surroundings,
}
