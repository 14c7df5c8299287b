"""Whether the next config goes on with the run behind it, or begins a new run under a name of its own.

Both trainers look for saves under training_folder/name and resume from what they find there; they delete the log's
later rows and write over config.yaml (BaseSDTrainProcess.get_latest_save_path, SDTrainer's logger). A name of its own
lets the trainer begin anew and leaves the old run's files as they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct

from diagnose.core.values import Scalar, Severity
from diagnose.rulebase.rule import Applicability, ChangeOp, Meaning
from diagnose.sources.config.dotted import full_path, walk
from diagnose.trainers.declared import Config
from diagnose.verdict.build_findings import grade, meanings
from diagnose.verdict.consult import Consultation
from diagnose.verdict.judgement import Change
from diagnose.verdict.next.next_config import edits
from diagnose.verdict.usable_saves import resumable_from

NAMES = ("job.name", "run_name")
"""The settings that name a run: the job's, and its own, which goes before it."""
RESUMES = "under the old name the trainer would resume the old run and delete its later log rows"
WRITES_OVER = "under the old name the trainer would write over the old run's config and log"
_NEXT = re.compile(r"(?P<stem>.+)_next(?P<number>\d{0,6})")
_FOLLOWS = ("training_folder", "log.folder")
"""Settings where `[name]` may follow the new name: they say where the run is written."""
STEPS, TIMED = "steps", "log.performance_every"
_TAKEN_UP = ("saving", "previews", "logging")
"""Sections that a run takes from its config whenever it is started, as `TIMED`; none changes what it learned."""


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
    names, reading = names_of(config), config.reading
    for name, value in names.items():
        yield renamed(config, name, value, next_name(value, taken, endings), why)
    if NAMES[0] not in names or not reading.named:
        return
    follows = set(map(config.called, _FOLLOWS))
    for path, value in walk(reading):
        before = reading.named.get(full_path(reading, path))
        if before is not None and path not in follows:
            because = "the new name would be here; this is the old one"
            yield Change(path, ChangeOp.SET, before, value, because, (), Applicability.SAFE, ())


def names_of(config: Config) -> dict[str, str]:
    """Return the names that a config gives its run, by the settings they stand in."""
    own = config.setting("run_name").value if config.reading.root else None
    found = dict(zip(NAMES, (config.reading.job, own), strict=True))
    return {name: value for name, value in found.items() if isinstance(value, str) and value}


def renamed(config: Config, setting: str, old: Scalar, new: Scalar, why: str) -> Change:
    """Return the change of a name."""
    key = config.called(setting)
    return Change(key, ChangeOp.SET, old, new, why, (), Applicability.SAFE, (), setting=setting)


class Behind(Struct, frozen=True):
    """The run behind a config. `taken` are the names of files and folders where the next run would be written."""

    taken: frozenset[str]
    why_renamed: str
    """Why the next run needs a name of its own."""
    resumes_from: int | None
    """The save from which it can go on; None where it is finished, crashed, diverged or has gone wrong."""

    def goes_on(self, changes: Iterable[Change], config: Config) -> int | None:
        """Return the save from which the run goes on under its own name with these changes made; None: it is to begin.

        It goes on where no change would have to undo what it has learned.
        """
        step = self.resumes_from

        def is_taken_up(change: Change) -> bool:
            if change.setting == STEPS:
                return step is not None and isinstance(change.new, int | float) and change.new > step
            return change.setting == TIMED or config.within(change.path, _TAKEN_UP)

        return step if all(map(is_taken_up, edits(changes))) else None


def behind(held: Consultation, beside: Iterable[str] | None) -> Behind | None:
    """Return the run behind the config; None for a config that was never run."""
    if beside is None:
        return None
    rules, known, firings = held.grounds.rules, held.known, held.inference.firings
    telling = [firing for firing in firings if rules[firing.rule].severity is not None]
    severities = [grade(rules[each.rule], each, held.base.knowledge.facts)[0] for each in telling]
    grave = any(severity.rank <= Severity.MAJOR.rank for severity in severities)
    spoilt = Meaning.SAVES_SPOILT in meanings(rules, telling)
    step = None if grave else resumable_from(known, spoilt=spoilt)
    return Behind(frozenset(beside), RESUMES if known.evidence.pairs else WRITES_OVER, step)
