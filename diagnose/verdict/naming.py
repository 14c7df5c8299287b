"""The next run's name: one of its own, so that the trainer begins anew and the old run's files stay as they are.

Both trainers look for saves under training_folder/name and resume from what they find there; they delete the log's
later rows and write over config.yaml (BaseSDTrainProcess.get_latest_save_path, SDTrainer's logger).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from diagnose.core.model import Scalar
from diagnose.facts.config.declared import Config
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.sources.config.content import BOM, is_json, parse, read_content
from diagnose.sources.config.dotted import JOB_NAME, MISSING, below, get, look_up, split, walk
from diagnose.sources.config.tree import Lines
from diagnose.trainers.aitoolkit.config_frame import TAG
from diagnose.verdict.outcome import Change

NAMES = (JOB_NAME, "name")
"""The keys that name a run: the job's, and the process entry's, which goes before it."""
RESUMES = "under the old name the trainer would resume the old run and delete its later log rows"
WRITES_OVER = "under the old name the trainer would write over the old run's config and log"
_NEXT = re.compile(r"(?P<stem>.+)_next(?P<number>\d{0,6})")
_FOLLOWS = frozenset({"training_folder", "log_dir"})
"""Keys where `[name]` may follow the new name: they say where the run is written."""


def next_name(name: str, taken: Collection[str], endings: Collection[str] = ("",)) -> str:
    """Return the name of the run after `name`: `wave_next`, then `wave_next2`; with no ending is it one that is taken.

    >>> next_name("wave_next", {"wave_next2"})
    'wave_next3'
    """
    found = _NEXT.fullmatch(name)
    stem, number = (found["stem"], int(found["number"] or 1)) if found else (name, 0)
    while True:
        number += 1
        fresh = f"{stem}_next{number if number > 1 else ''}"
        if not any(f"{fresh}{ending}" in taken for ending in endings):
            return fresh


def new_names(config: Config, taken: Collection[str], why: str, endings: Collection[str] = ("",)) -> Iterator[Change]:
    """Yield the changes that give the next run a name of its own; none for a config without a name.

    Where the trainer puts the name in the place of `[name]`, the old one is written out: a data set keeps its folder
    and a prompt its words.
    """
    names = names_of(config)
    for path, value in names.items():
        yield renamed(path, value, next_name(value, taken, endings), why)
    if JOB_NAME in names:
        yield from _written_out(config)


def names_of(config: Config) -> dict[str, str]:
    """Return the names that a config gives its run, by their keys."""
    own = get(config.reading, "name") if config.reading.root else MISSING
    found = dict(zip(NAMES, (config.reading.job, own), strict=True))
    return {path: value for path, value in found.items() if isinstance(value, str) and value}


def renamed(path: str, old: Scalar | None, new: Scalar, why: str) -> Change:
    """Return the change of a name."""
    return Change(path, ChangeOp.SET, old, new, why, (), Applicability.SAFE, ())


def _written_out(config: Config) -> Iterator[Change]:
    reading = config.reading
    if TAG not in reading.text:
        return
    body = reading.text.removeprefix(BOM)
    raw = read_content(parse(body, json=is_json(reading.file)), reading.file, Lines(body)).data
    for path, value in walk(reading):
        before = look_up(raw, split(below(reading.root, path)))
        if isinstance(before, str) and TAG in before and before != value and path not in _FOLLOWS:
            yield renamed(path, before, value, f"{TAG} would become the new name here; this is what it was")
