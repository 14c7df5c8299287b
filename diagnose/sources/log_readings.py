"""What a log says: rows by step, and for a console its sessions and the lines that matter. Values with places."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct

from diagnose.core.values import Place, Remark, Scalar
from diagnose.sources.log_rows import LogRow, LogRows

if TYPE_CHECKING:  # a log by itself has no end to read
    from diagnose.sources.console_text.end_region import EndText
    from diagnose.sources.console_text.loaded_keys import LoadedKeys

MOST_SESSIONS = 1_000
"""Starts of the trainer in one console; each takes minutes, even where a script restarts it for ever."""
MOST_STEPS = 10**9
"""No step number reaches this: file names have nine digits for it."""


class Abilities(Struct, frozen=True):
    """What a format of log tells by its nature, whatever one log of it holds.

    Attributes:
        per_expert_rates: a learning rate is one expert's, or that of both alike; False where it is a mean over both,
            None where that depends on who wrote the log.
        every_step: it has a row for every step from 0 on; without it step 0 is left out.
        exact: its figures are as the trainer worked them out, not rounded for the eye.
        timed: its rows have the time of day.
        phases: its rows name the phase of the alpha schedule, where there is one.
        after_saves: the row of a step is written after the save and the previews of that step, not before.
    """

    per_expert_rates: bool | None = None
    every_step: bool = False
    exact: bool = False
    timed: bool = False
    phases: bool = False
    after_saves: bool = False

    @property
    def worth(self) -> int:
        """How much such a log tells: the one that tells most is used."""
        return sum((self.per_expert_rates is True, self.every_step, self.exact, self.timed))


class Validation(Struct, frozen=True):
    """A loss on the validation set, of the step after which it was taken; it is no training loss."""

    step: int
    loss: float


class LogReading(Struct, frozen=True):
    """The rows of one log in order of step, one row per step (the last written wins; a remark counts the rest).

    `file` is the one to name for the whole log: the latest where it has several. `validations` stand in order of step.
    `job` is the job it says it is of. `why_empty` says when such a log has no rows, for one that has none.
    """

    file: str
    abilities: Abilities
    rows: LogRows
    remarks: tuple[Remark, ...] = ()
    validations: tuple[Validation, ...] = ()
    job: str | None = None
    why_empty: str = ""

    def place(self, row: LogRow) -> Place:
        """Return where a row stands."""
        return Place(row.file or self.file, line=row.line, step=row.step)


class SessionEnd(str, Enum):
    """How one start of the trainer ended, as the console shows it."""

    FINISHED = "finished"
    """The final checkpoint was saved."""
    CRASHED = "crashed"
    """A traceback of something other than an interruption."""
    INTERRUPTED = "interrupted"
    """KeyboardInterrupt or "Job stopped"."""
    KILLED = "killed"
    """The shell, the launcher or the system says that the process was killed."""
    CUT_OFF = "cut off"
    """The text just ends: taken without a word, or still running."""


class PrintedSetting(Struct, frozen=True):
    """A setting of the config that the console shows, with its 1-based line."""

    value: Scalar
    line: int


class PrintedText(Struct, frozen=True):
    """A config that the console shows whole, as it was printed, from its 1-based first line on."""

    line: int
    text: str


class FoundFiles(Struct, frozen=True):
    """What the trainer found in a data set: its folder as written, how many clips or images, in how many buckets."""

    folder: str
    files: int
    clips: bool
    at: Place
    buckets: int | None = None


class ConsoleSession(Struct, frozen=True):
    """One start of the trainer within a captured console.

    `file` is the console it stands in, and every line one of that file. `end_text` is what it says since the last step
    that was trained. What that shows is told apart (`diagnose.crashes`): `error` is the first line of the error
    ("TypeError: ..."), `error_line` its 1-based line, `cause` what it followed from, where the console shows that.
    `resumed_from` is the step found in the checkpoint it loaded. `total_steps` is the progress bar's. `whole` says that
    its first lines are there. `found` is what the trainer found in its data sets. `optimizer_loaded` is None where the
    trainer said nothing of the optimizer's state. `settings` is the config it printed, by dotted path within the
    process entry.
    """

    file: str
    first_line: int
    last_line: int
    end: SessionEnd
    resumed_from: int | None = None
    resume_line: int | None = None
    first_step: int | None = None
    last_step: int | None = None
    total_steps: int | None = None
    error: str | None = None
    error_line: int | None = None
    cause: str | None = None
    cause_line: int | None = None
    killed_line: int | None = None
    end_text: EndText | None = None
    whole: bool = True
    found: tuple[FoundFiles, ...] = ()
    optimizer_loaded: bool | None = None
    settings: Mapping[str, PrintedSetting] = {}
    job: str | None = None
    """The name of its job."""
    printed: PrintedText | None = None
    """The config that it printed."""

    def place(self, line: int | None, *, step: int | None = None) -> Place:
        """Return the place of one of its lines."""
        return Place(self.file, line=line, step=step)

    @property
    def last_word(self) -> int:
        """The line that tells how it ended."""
        return self.killed_line or self.error_line or self.last_line


class Mention(Struct, frozen=True):
    """A line of a console that matters: its place, with its step if it has one, and its text, cut to 300 characters."""

    at: Place
    text: str


class PreviewRound(Struct, frozen=True):
    """A round of previews that a console shows from start to end: where, after which step, and its seconds."""

    at: Place
    seconds: float


class Sign(Struct, frozen=True):
    """What only one trainer leaves behind: that trainer, how to say so, and where it is."""

    trainer: str
    text: str
    place: Place


class ConsoleReading(Struct, frozen=True):
    """The captured standard output of a run, split at line feeds and carriage returns alike; one file or several.

    Line numbers count line feeds only, as an editor does. `log` holds the progress bar's rows (two significant
    digits of the rate), the last printed per step. Sessions and mentions stand in the order of the files.
    """

    log: LogReading
    sessions: tuple[ConsoleSession, ...]
    nan_losses: tuple[Mention, ...] = ()
    skipped_steps: tuple[Mention, ...] = ()
    """Steps that were left out for lack of GPU memory."""
    saves: tuple[Mention, ...] = ()
    unquantised: tuple[Mention, ...] = ()
    resumed_in_part: tuple[Mention, ...] = ()
    """Resumes from a file that lacked weights of the network."""
    clip_errors: tuple[Mention, ...] = ()
    """Clips that the trainer could not read and left out; the text is the path of each."""
    loaded: tuple[LoadedKeys, ...] = ()
    """Parts of the model that were loaded from a file that did not hold just their weights."""
    signs: tuple[Sign, ...] = ()
    remarks: tuple[Remark, ...] = ()
    preview_rounds: tuple[PreviewRound, ...] = ()
    anyones: bool = False
    """Whether any program may have printed it: no trainer's reader knows it."""
