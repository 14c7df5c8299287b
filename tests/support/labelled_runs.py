"""Runs of the real trainers with what a post-mortem must and must not find: whole ones where they are at hand, else reduced."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from diagnose import Report, Settings, postmortem
from diagnose.core.values import Intent

DATA = Path(__file__).parents[1] / "runs" / "data"
SHARED = Path(__file__).parents[3] / "shared" / "cases"
HOMES = (SHARED / "real", SHARED / "real2", DATA)
"""Where a labelled run may stand; the first that has it wins, so that a whole run comes before its reduced form."""


def once(*homes: Path) -> list[Path]:
    """Return the folders in some homes, each name once: the first home that has it wins."""
    found: dict[str, Path] = {}
    for home in homes:
        for path in sorted(home.glob("*")):
            if path.is_dir():
                found.setdefault(path.name, path)
    return list(found.values())


@dataclass(frozen=True)
class Labelled:
    path: Path
    trainer: str
    expect: frozenset[str]
    forbid: frozenset[str]


def labelled() -> tuple[list[Labelled], list[str]]:
    """Return the labelled runs that are here, and the names of those that are not."""
    runs, absent = [], []
    for name, entry in yaml.safe_load((DATA / "labels.yaml").read_text(encoding="utf-8")).items():
        home = next((home for home in HOMES if (home / name).is_dir()), None)
        if home is None:
            absent.append(name)
        else:
            runs.append(Labelled(home / name, entry["trainer"], frozenset(entry["expect"]), frozenset(entry["forbid"])))
    return runs, absent


RUNS, ABSENT = labelled()


@cache
def judged(run: Labelled) -> Report:
    """Return the report on a run; no test needs a second one of its own."""
    return postmortem(run.path, Settings(intent=Intent.MOTION))
