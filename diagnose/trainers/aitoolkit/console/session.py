"""Follow one start of the trainer through a console: its steps, what it said about them, and the config it printed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from diagnose.core.values import Place
from diagnose.sources.console_text.end_region import EndRegion, EndText
from diagnose.sources.console_text.failure import Failure
from diagnose.sources.console_text.line import LONGEST_SHOWN
from diagnose.sources.console_text.loaded_keys import KeysReader
from diagnose.sources.log_readings import ConsoleSession, FoundFiles, Mention, PreviewRound, SessionEnd
from diagnose.sources.log_rows import NO_ROWS
from diagnose.sources.row_writer import RowWriter
from diagnose.sources.tally import Tally
from diagnose.trainers.aitoolkit.console.marks import Mark
from diagnose.trainers.aitoolkit.console.printed_lines import PrintedConfig
from diagnose.trainers.aitoolkit.console.progress_bar import Bar, Done, StepClock, bar_row, seconds_of
from diagnose.trainers.aitoolkit.file_names import CHECKPOINT


def readable(text: bytes) -> str:
    """Return a line of the console as text to show."""
    return text.decode("utf-8", "replace")[:LONGEST_SHOWN]


def step_in_name(saved: bytes) -> int | None:
    """Return the step in the name of a checkpoint the console speaks of; the final one has none."""
    name = CHECKPOINT.fullmatch(_file_name(saved))
    return None if name is None or name["step"] is None else int(name["step"])


def _file_name(saved: bytes) -> str:
    return re.split(r"[/\\]", saved.decode("utf-8", "replace"))[-1]


_TRACEBACK = b"Traceback (most recent call last):"
MOST_FOLDERS = 1_000
MOST_MENTIONS = 10_000
"""Mentions kept of one kind."""

_OF_STEP = {Mark.NAN_LOSS, Mark.WRITE_FAILURE, Mark.SKIPPED_STEP}
_ANNOUNCING = {Mark.NAN_LOSS, Mark.WRITE_FAILURE}
_KEPT = (_OF_STEP - {Mark.WRITE_FAILURE}) | {
    Mark.SAVED,
    Mark.CLIP_ERROR,
    Mark.NOT_QUANTISED,
    Mark.KEYS_MISSING,
    Mark.FORK,
    Mark.UPSTREAM,
}


class Session:
    """What is known so far of one start of the trainer.

    `started` says that its first lines were seen, `torn` that a bar came without them or any sign of a first step:
    the text begins in the middle.
    `idle` is the last bar that had not moved yet, `tally` counts the troubles of the file it stands in.
    `rows` are there when it is closed.
    """

    def __init__(self, first_line: int, tally: Tally, kept: Counter[Mark]) -> None:
        """Begin a session at a line; `kept` counts the mentions that are kept of its file."""
        self.first_line = self.last_line = first_line
        self.started = self.torn = False
        self.job: bytes | None = None
        self.rows = NO_ROWS
        self._writer = RowWriter(tally.file)
        self.mentions: dict[Mark, list[Mention]] = {mark: [] for mark in _KEPT}
        self.failed = False  # whether something failed since a step was trained
        self.failure: Failure | None = None
        self._region = EndRegion()
        self._end_text = EndText()
        self._finished = False
        self.printed = PrintedConfig()
        self.tally = tally
        self._kept = kept
        self._clock: StepClock | None = None
        self.idle: Bar | None = None
        self._total: int | None = None
        self._found_step: int | None = None
        self._resume_step: int | None = None
        self._resume_line: int | None = None
        self._folder = ""
        self._files: list[FoundFiles] = []
        self.keys = KeysReader(tally.file)
        self._optimizer: bool | None = None
        self.preview_rounds: list[PreviewRound] = []

    @property
    def trained(self) -> int:
        """The number of steps that are done so far."""
        return len(self._writer)

    @property
    def substantial(self) -> bool:
        """Whether this is a start of the trainer at all, or what is left of its end, or only text before one."""
        if self.started or self._clock is not None or self.failed:
            return True
        return self._region.text(torn=True).failure() is not None

    @property
    def end(self) -> SessionEnd:
        """How a closed session ended, by what the trainer itself says."""
        if self._finished:
            return SessionEnd.FINISHED
        return SessionEnd.CUT_OFF if self.failure is None else SessionEnd.CRASHED

    def draw(self, bar: Bar, line: int) -> None:
        """Take a drawing of the training bar."""
        self._total = bar.total
        if self._clock is None:
            first = self._first_step(bar.name)
            if first is None:
                self.torn = True
                self.tally.add("the start of the training is missing; its steps may be off by one", line=line)
            self._clock = StepClock(bar.position if first is None else first)
        done = self._clock.draw(bar, line)
        if done is not None:
            self._keep(done)
            self.failed = False
            self._region.clear()

    def read(self, line: int, text: bytes, told: Sequence[tuple[Mark, re.Match[bytes]]]) -> None:
        """Take a line that is no bar, with what it tells."""
        self._region.add(line, text)
        self.keys.read(line, text)
        self.failed = self.failed or text.endswith(_TRACEBACK)
        self.printed.read(line, text)
        for mark, match in told:
            self._learn(mark, match, line)
            step = None
            if mark in _OF_STEP:
                if self._clock is None and (first := self._first_step(self.job)) is not None:
                    self._clock = StepClock(first)
                step = self._clock.current if self._clock is not None else None
            # other parts of the model may lack keys that they do without; a saved LoRA has all of its own
            if mark in _KEPT and (mark is not Mark.KEYS_MISSING or self._resume_line is not None):
                at = Place(self.tally.file, line=line, step=step_in_name(match[1]) if mark is Mark.SAVED else step)
                said = match[1] if mark is Mark.CLIP_ERROR else text
                self._kept[mark] += 1
                if self._kept[mark] <= MOST_MENTIONS:
                    self.mentions[mark].append(Mention(at, readable(said)))
                else:
                    self.tally.add(f"more than {MOST_MENTIONS:,} such lines; this one is not kept", line=line)
            if self._clock is not None and mark in _ANNOUNCING:
                self._clock.announce()
            if self._clock is not None and mark is Mark.SKIPPED_STEP:
                self._clock.skip()

    def close(self) -> None:
        """Take the last posted step, and put the rows in order: the text is at its end, or another session begins."""
        if self._clock is not None and (done := self._clock.close()) is not None:
            self._keep(done)
        self.rows = self._writer.rows()
        if self._total is None and self.idle is not None and self.idle.name == self.job:
            self._total = self.idle.total
        self._end_text = self._region.text(torn=not self.started)
        self.failure = self._end_text.failure()

    def told(self) -> ConsoleSession:
        """Return the closed session as it was."""
        return ConsoleSession(
            file=self.tally.file,
            first_line=self.first_line,
            last_line=self.last_line,
            end=self.end,
            resumed_from=self._found_step,
            resume_line=self._resume_line,
            first_step=self.rows[0].step if self.rows else None,
            last_step=self.rows[-1].step if self.rows else None,
            total_steps=self._total,
            end_text=self._end_text,
            whole=self.started,
            found=tuple(self._files),
            optimizer_loaded=self._optimizer,
            settings=self.printed.settings,
            job=readable(self.job) if self.job is not None else None,
            printed=self.printed.whole,
        )

    def _learn(self, mark: Mark, match: re.Match[bytes], line: int) -> None:
        if mark in (Mark.START, Mark.JOB):
            if not self.started and self._clock is None:
                self.first_line = line
            self.started = True
        if mark is Mark.JOB:
            self.job = match[1]
        elif mark is Mark.RESUMING:
            self._resume_line = line
        elif mark is Mark.FOUND_STEP:
            self._found_step = int(match[1])
            self._resume_line = self._resume_line or line
        elif mark is Mark.RESUME_STEP:
            self._resume_step = int(match[1])
        elif mark in {Mark.DATASET, Mark.FILES_FOUND, Mark.BUCKETS}:
            self._learn_of_files(mark, match, line)
        elif mark is Mark.PREVIEWS_MADE:
            self._made_previews(seconds_of(match[1]), line)
        elif mark in {Mark.OPTIMIZER_LOADED, Mark.OPTIMIZER_FAILED}:
            self._optimizer = mark is Mark.OPTIMIZER_LOADED
        else:
            self._learn_of_end(mark, match, line)

    def _learn_of_files(self, mark: Mark, match: re.Match[bytes], line: int) -> None:
        """Take what the trainer finds in a data set: first its folder, then its files, then the buckets they fill."""
        if mark is Mark.DATASET:
            self._folder = readable(match[1])
        elif mark is Mark.FILES_FOUND and len(self._files) < MOST_FOLDERS:
            at = Place(self.tally.file, line=line)
            self._files.append(FoundFiles(self._folder, int(match[1]), match[2] == b"videos", at))
        elif mark is Mark.BUCKETS and self._files:
            self._files[-1] = replace(self._files[-1], buckets=int(match[1]))

    def _learn_of_end(self, mark: Mark, match: re.Match[bytes], line: int) -> None:
        """Take what tells of an error, of one that ended nothing, and of the final checkpoint."""
        if mark is Mark.JOB_ERROR:
            self.failed = True
        elif mark is Mark.CLIP_ERROR:
            self.failed = False  # the trainer leaves the clip out and goes on
            self._region.went_on(line)
        elif mark is Mark.SAVED:
            # the name decides even if the job's own name ends like a step
            named = self.job is not None and _file_name(match[1]).rpartition(".")[0] == readable(self.job)
            self._finished = self._finished or named or step_in_name(match[1]) is None

    def _made_previews(self, seconds: int | None, line: int) -> None:
        """Note a round of previews between two steps; its bar is drawn once more when it is closed."""
        if seconds is None or self._clock is None or len(self.preview_rounds) >= MOST_MENTIONS:
            return
        step = self._clock.current - 1
        if self.preview_rounds and self.preview_rounds[-1].at.step == step:
            self.preview_rounds.pop()
        self.preview_rounds.append(PreviewRound(Place(self.tally.file, line=line, step=step), float(seconds)))

    def _first_step(self, name: bytes | None) -> int | None:
        """Return the first step this session trains, once its bar of that name stood still or a resume told."""
        if self._resume_step is not None:
            return self._resume_step
        return self.idle.position if self.idle is not None and self.idle.name == name else None

    def _keep(self, done: Done) -> None:
        self._writer.put(bar_row(done, self.tally))
