"""Runs many inputs of one format in forked workers, and notes what each of them brought about.

A worker is a copy of a process that has loaded everything, so an input costs its own work alone. It tells each number
before it begins, and is killed when an input takes SECONDS of processor time or WAIT on the clock. Input N of a seed is
always the same.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import select
import shutil
import signal
import sys
import traceback
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NoReturn
from unittest import mock

from fuzz.formats import Format, write
from fuzz.noted import SECONDS
from fuzz.oracle import Guard, WrongError, scratch, try_input
from msgspec import Struct, field
from one_reader import no_engine

from diagnose.engine import infer
from diagnose.rulebase.base import RuleBase
from diagnose.settings import Settings, rule_base

WAIT = 90.0
"""Most seconds for one input on the clock of a busy machine; of processor time it may have SECONDS."""
MEMORY = 6 * 2**30
"""Most address space of a worker; numpy's threads take 2 GB of it and use none."""
BATCH = 500
"""Inputs of one worker, that no memory adds up."""


class Failure(Struct, frozen=True):
    """An input that brought about what it must not."""

    number: int
    text: str

    @property
    def kind(self) -> str:
        """The last place of ours in a traceback with the last line, by which faults of one kind are told."""
        lines = self.text.strip().splitlines()
        places = [line.strip() for line in lines if line.lstrip().startswith("File ") and "/diagnose/" in line]
        return f"{places[-1] if places else ''} {lines[-1] if lines else ''}"[:300]


class Outcome(Struct):
    """What became of the inputs of a run."""

    tally: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)


def format_of(name: str) -> Format:
    """Return a format by its name: that of a module beside this one."""
    found: Format = importlib.import_module(f"fuzz.{name}").FORMAT
    return found


def run(name: str, *, seed: int, count: int, first: int = 0, keep: Path | None = None) -> Outcome:
    """Try `count` inputs of a format, and keep those that fail in a folder."""
    place = scratch()
    os.environ |= {"DIAGNOSE_CACHE_DIR": str(place / "cache"), "TMPDIR": str(place / "temporary")}
    (place / "temporary").mkdir()
    infer._locate = no_engine  # the C engine has a fuzzer of its own, and a process costs more than an input
    mock.patch("diagnose.inputs.rule_base", warm_rulebase).start()
    series = Series(name, seed, place)
    try:
        series.warm()
        number, end = first, first + count
        while number < end:
            number = series.batch(range(number, min(number + BATCH, end)))
            if keep is not None:
                series.keep(keep / name)
            sys.stderr.write(f"\r{name}: {number - first} of {count}, {len(series.outcome.failures)} failed ")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return series.outcome


def warm_rulebase(settings: Settings) -> RuleBase:
    """Return our own rule base as it was read once: to read it again costs more than most inputs."""
    return rule_base(settings) if settings.rules or settings.parameters else _ours()


@cache
def _ours() -> RuleBase:
    return rule_base(Settings())


class Series:
    """The inputs of one format and seed."""

    def __init__(self, name: str, seed: int, place: Path) -> None:
        self.name, self.seed, self.place = name, seed, place
        self.form, self.outcome = format_of(name), Outcome()

    def lay(self, number: int, folder: Path) -> None:
        """Write an input of this series into a folder."""
        write(folder, self.form.make(Random(f"{self.name}/{self.seed}/{number}")))

    def warm(self) -> None:
        """Load what the commands load, once for all workers; the first time the rule base goes into the cache."""
        self.lay(0, self.place / "input")
        if os.fork() == 0:
            self._try_warm()
            os._exit(0)
        os.wait()
        self._try_warm()

    def _try_warm(self) -> None:
        with contextlib.suppress(Exception):  # it comes again as the first input
            try_input(self.form, 0, self.place / "input", Guard(self.place), Counter())

    def batch(self, numbers: range) -> int:
        """Have a worker try some inputs, and return the number after the last it tried."""
        ear, mouth = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(ear)
            self._work(numbers, mouth)
        os.close(mouth)
        at, text, rest = numbers.start, "", b""
        while True:
            ready, _, _ = select.select([ear], [], [], WAIT)
            chunk = os.read(ear, 1 << 20) if ready else b""
            if not ready:
                os.kill(pid, signal.SIGKILL)
                text = f"hung for {WAIT:g} s"
            if not chunk:
                break
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                told = json.loads(line)
                at = told.get("at", at)
                self.outcome.tally.update(told.get("tally", {}))
                if "failed" in told:
                    self.outcome.failures.append(Failure(at, told["failed"]))
        os.close(ear)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if status:
            self.outcome.failures.append(Failure(at, text or f"the worker was ended by {_ending(status)}"))
            self.outcome.tally["inputs"] += at + 1 - numbers.start
            return at + 1
        return numbers.stop

    def _work(self, numbers: range, mouth: int) -> NoReturn:
        """Try some inputs, in the worker."""
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        folder, temporary = self.place / "input", self.place / "temporary"
        guard, tally = Guard(self.place / "cache", temporary), Counter[str]()

        def tell(**what: Any) -> None:
            os.write(mouth, json.dumps(what).encode() + b"\n")

        for number in numbers:
            tell(at=number)
            self.lay(number, folder)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                try_input(self.form, number, folder, guard, tally)
                _nothing_left(temporary)
            except Exception:  # noqa: BLE001 - whatever gets through is what we look for
                guard.outside.clear()
                tell(failed=traceback.format_exc()[-6000:].encode("ascii", "backslashreplace").decode())
            signal.setitimer(signal.ITIMER_PROF, 0)
        tell(tally=tally)
        os._exit(0)

    def keep(self, folder: Path) -> None:
        """Write each failed input, one of each kind, with what was said of it."""
        for failure in {failure.kind: failure for failure in reversed(self.outcome.failures)}.values():
            place = folder / f"{self.seed}-{failure.number}"
            if not place.exists():
                self.lay(failure.number, place / "input")
                (place / "said.txt").write_text(failure.text, encoding="utf-8")


def _ending(status: int) -> str:
    if status == -signal.SIGPROF:
        return f"the limit of {SECONDS} s of processor time"
    return signal.Signals(-status).name if status < 0 else f"status {status}"


def _nothing_left(folder: Path) -> None:
    left = [path.name for path in folder.iterdir()]
    if left:
        shutil.rmtree(folder)
        folder.mkdir()
        raise WrongError(f"left in the temporary folder: {left[0]}")
