"""The program as faults meet it: a place to run it in, its commands as processes, and what must hold of each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fuzz.formats import DATA
from msgspec import Struct

PACKAGE = Path(__file__).parents[2]
RUN = DATA / "fork-r_switch1"
DATABASE = DATA / "upstream-resumed"
PATIENCE = 120
USED = {0, 1, 2}


class BadError(AssertionError):
    """What must not come of any fault."""


class Place(Struct, frozen=True):
    """Folders of a round: a run, a cache, temporary files, and where the result goes."""

    root: Path

    @classmethod
    def of(cls, root: Path, run: Path = RUN) -> Place:
        """Make the folders, with a copy of a real run."""
        place = cls(root)
        for folder in (place.cache, place.temporary, place.out):
            folder.mkdir()
        shutil.copytree(run, place.run)
        return place

    def warm(self) -> None:
        """Fill the cache as an earlier command leaves it, for faults that have nothing to do with it."""
        shutil.copytree(_filled().name, self.cache, dirs_exist_ok=True)

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def temporary(self) -> Path:
        return self.root / "temporary"

    @property
    def out(self) -> Path:
        return self.root / "out"

    def start(
        self, arguments: Sequence[str], *, environ: dict[str, str] | None = None, **how: Any
    ) -> subprocess.Popen[bytes]:
        """Start a command."""
        own = {"DIAGNOSE_CACHE_DIR": str(self.cache), "TMPDIR": str(self.temporary), "PYTHONPATH": str(PACKAGE)}
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **how}
        command = [sys.executable, "-m", "diagnose", *arguments]
        return subprocess.Popen(command, env={**os.environ, **own, **(environ or {})}, cwd=self.out, **how)

    def ended(self, process: subprocess.Popen[bytes], *, allowed: set[int] = USED) -> tuple[int, bytes]:
        """Wait for a command; return its status and what it printed.

        Raises:
            BadError: it hangs, or ends with a status or a traceback that it must not.
        """
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.communicate()
            raise BadError(f"hung for {PATIENCE} s") from error
        said = (err or b"").decode("utf-8", "replace")
        if process.returncode not in allowed or "Traceback" in said:
            raise BadError(f"exit status {process.returncode}: {said[-1500:]}")
        return process.returncode, out or b""

    def json(self, arguments: Sequence[str], **how: Any) -> tuple[int, Any]:
        """Run a command for JSON; return its status and what it printed, None for nothing."""
        status, out = self.ended(self.start([*arguments, "--format", "json"], **how))
        return status, json.loads(out) if out else None

    def nothing_left(self) -> None:
        """Raise if a temporary file is left anywhere."""
        for folder in (self.temporary, self.out, self.run, self.cache):
            for path in folder.rglob("*"):
                if path.name.startswith((".diagnose-", "diagnose-")):
                    raise BadError(f"left behind: {path.relative_to(self.root)}")


@cache
def _filled() -> tempfile.TemporaryDirectory[str]:
    """Return a cache as a command leaves it; it is gone with the process."""
    folder = tempfile.TemporaryDirectory(prefix="faults-cache-")
    with tempfile.TemporaryDirectory(prefix="faults-") as root:
        place = Place.of(Path(root))
        place.ended(place.start(postmortem(place), environ={"DIAGNOSE_CACHE_DIR": folder.name}))
    return folder


def postmortem(place: Place) -> list[str]:
    return ["postmortem", str(place.run)]


def limited(kind: int, most: int) -> Callable[[], None]:
    """Return what sets a limit of the system in a new process."""

    def limit() -> None:
        import resource  # noqa: PLC0415 - there is none on Windows

        resource.setrlimit(kind, (most, most))

    return limit
