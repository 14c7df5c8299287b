"""How a console ends: what it died of, in which phase, and what to do."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from msgspec import Struct
from msgspec.structs import replace

from diagnose.crashes.matching import Console, Match, best_match, signed
from diagnose.crashes.phases import FIRST_STEP, TRAINING, phase_of_frames, phase_of_lines
from diagnose.crashes.versions import NOTHING_READ, Fit, HeldVersions, ReadVersions
from diagnose.rulebase.crash_kinds import CrashKind, KindEnd, Phase, System
from diagnose.sources.console_text.end_region import EndRegion, EndText
from diagnose.sources.console_text.failure import Failure
from diagnose.sources.console_text.forms import plain
from diagnose.sources.console_text.line import Line

_WINDOWS = re.compile(r'  File "[A-Za-z]:\\|\\\\?site-packages\\|WinError')
_POSIX = re.compile(r'  File "/')


class HowItEnded(Struct, frozen=True):
    """What the end of a console shows.

    Attributes:
        failure: what failed; None where nothing did.
        match: the kind it was; None where no kind is recognised.
        phase: the phase in which it ended; None where nothing tells. `phase_says` is that in words.
        system: whose paths the text has; None where it has none.
        trainers: those whose console it may be; none where it may be anybody's.
    """

    failure: Failure | None
    match: Match | None
    phase: str | None
    system: System | None
    trainers: Collection[str]
    phase_says: str | None = None

    @property
    def ends(self) -> KindEnd:
        """How the session ended: as its kind says, else by whether anything failed."""
        if self.match is not None:
            return self.match.kind.ends
        return KindEnd.DIED if self.failure is not None else KindEnd.NONE

    @property
    def error(self) -> Line | None:
        """The line that tells of the end: the first one of the error, or of what was recognised without one."""
        if self.failure is not None and self.ends is KindEnd.DIED:
            return self.failure.error.message[0]
        return self.match.line if self.match is not None else None

    @property
    def cause(self) -> Line | None:
        """What the error followed from: an earlier error of its chain, or what its kind needs to have come before."""
        found = [self.match.cause] if self.match is not None and self.match.cause is not None else []
        if self.failure is not None and len(self.failure.chain) > 1:
            found.append(self.failure.chain[0].message[0])
        error = self.error
        first = min(found, key=lambda line: line.number, default=None)
        return first if error is not None and first is not None and first.text != error.text else None

    def advice(self, switched: Mapping[str, bool]) -> tuple[str, ...]:
        """Return what to do, in order, beside the switches of the config, by the settings' names."""
        if self.match is None:
            return ()
        return self.match.kind.advice_for(self.trainers, self.phase, self.system, switched)

    @property
    def versions(self) -> tuple[HeldVersions, ...]:
        """The versions that its kind is known of, as far as they may be this run's; those that were read come first.

        Where a kind needs certain versions, they are told even if others were read.
        """
        held = self.match.versions if self.match is not None else ()
        possible = [each for each in held if each.fit is not Fit.NONE_OF_THEM or each.known.needed]
        return tuple(sorted(possible, key=lambda each: each.fit is Fit.UNKNOWN))

    @property
    def shown(self) -> tuple[str, ...]:
        """The values worth showing, in words; those without a value are left out."""
        if self.match is None:
            return ()
        values = self.match.values
        return tuple(_filled(text, values) for text in self.match.kind.shows if _known(text, values))


def read_end(
    end: EndText,
    kinds: Mapping[str, CrashKind],
    phases: Mapping[str, Phase],
    *,
    trainers: Collection[str] = (),
    trained: bool = False,
    pasted: bool = False,
    versions: ReadVersions = NOTHING_READ,
) -> HowItEnded:
    """Return how a console ends, beside the versions read. `trained`: this start of the trainer had trained a step."""
    found = end.failure()
    frames = [line for error in found.chain for line in error.frames] if found is not None else []
    marked = phase_of_lines(end.lines, phases, trainers)
    if trained and marked is not None and phases[marked].opening:  # printed late, or before the step
        marked = None
    phase = phase_of_frames(frames, phases) or marked
    phase = phase or (TRAINING if trained and TRAINING in phases else None)
    if phase == TRAINING and not trained and (marked == FIRST_STEP or not end.torn) and FIRST_STEP in phases:
        phase = FIRST_STEP
    console = Console(end, found, trainers, phase, pasted, versions)
    match = best_match(console, kinds.values())
    if match is not None and match.kind.ends is KindEnd.STOPPED:
        failed, died = _before_the_stop(console, match, kinds)
        found, match = (failed, died) if died is not None else (found, match)
    says = phases[phase].says if phase is not None else None
    return HowItEnded(found, match, phase, _system(end), trainers, says)


def _before_the_stop(
    console: Console, stop: Match, kinds: Mapping[str, CrashKind]
) -> tuple[Failure | None, Match | None]:
    """Return what had failed before somebody stopped what was left of it; None where nothing known had.

    Processes that are stopped fail in ways of their own, so an error that no kind knows counts as one of them.
    """
    first = next((line.number for line in console.end.deadly if signed(stop.kind, line.text)), 0)
    before = EndText(tuple(line for line in console.end.lines if line.number < first), console.end.outlived)
    failed = before.failure()
    if failed is None:
        return None, None
    died = best_match(replace(console, end=before, failure=failed, pasted=False), kinds.values())
    sound = died is not None and died.kind.ends is KindEnd.DIED and died.kind.id not in stop.kind.before
    return (failed, died) if sound else (None, None)


def read_text(
    text: str, kinds: Mapping[str, CrashKind], phases: Mapping[str, Phase], *, trainers: Collection[str] = ()
) -> HowItEnded:
    """Return how a piece of a console ends that somebody picked out."""
    region = EndRegion()
    for number, raw in enumerate(re.split(rb"\r\n|[\r\n]", text.encode("utf-8", "replace")), start=1):
        for line in plain(raw):
            region.add(number, line.rstrip())
    return read_end(region.text(torn=True), kinds, phases, trainers=trainers, pasted=True)


def _system(end: EndText) -> System | None:
    for line in reversed(end.lines):
        if _WINDOWS.search(line.text):
            return System.WINDOWS
        if _POSIX.match(line.text):
            return System.LINUX
    return None


def _known(text: str, values: Mapping[str, str]) -> bool:
    return all(name in values for name in re.findall(r"\{(\w+)\}", text))


def _filled(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], text)
