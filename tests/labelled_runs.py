"""Runs of the real trainers with what a post-mortem must and must not find: the committed ones, then the shared ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from diagnose import Report, Settings, postmortem
from diagnose.core.model import Intent

DATA = Path(__file__).parent / "runs" / "data"
SHARED = Path(__file__).parents[2] / "shared" / "cases"
TRAINERS = {"fork": "ai-toolkit-relaxis", "main": "ai-toolkit"}
"""The trainer of a run whose label does not say it, by the first word of its name."""


@dataclass(frozen=True)
class Labelled:
    path: Path
    trainer: str
    expect: frozenset[str]
    forbid: frozenset[str]


def labelled(root: Path, labels: Path, *, key: str | None) -> list[Labelled]:
    if not labels.is_file():
        return []
    entries = yaml.safe_load(labels.read_text(encoding="utf-8"))
    return [
        Labelled(
            root / name,
            entry.get("trainer") or TRAINERS[name.split("-")[0]],
            frozenset(entry["expect"]),
            frozenset(entry["forbid"]),
        )
        for name, entry in (entries[key] if key else entries).items()
    ]


RUNS = [
    *labelled(DATA, DATA / "labels.yaml", key=None),
    *labelled(SHARED / "real", SHARED / "labels.yaml", key="runs"),
    *labelled(SHARED / "real2", SHARED / "real2" / "labels.yaml", key="runs"),
]


def judged(run: Labelled) -> Report:
    return postmortem(run.path, Settings(intent=Intent.MOTION))
