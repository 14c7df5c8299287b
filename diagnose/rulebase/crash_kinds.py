"""What is known of crashes: the kinds of them, and the phases of a run by what the console says of each.

`knowledge/crashes/` has a file a kind, `knowledge/phases.yaml` the phases. Nothing here reads a console;
`diagnose.crashes` does.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import Enum

from msgspec import Struct

from diagnose.core.values import Confidence
from diagnose.rulebase.crash_versions import KindVersions
from diagnose.rulebase.domain import ANY

CRASHES = "crashes"
"""The folder of the kinds, a file each."""


class KindEnd(str, Enum):
    """How a session ends whose console shows a kind."""

    DIED = "died"
    """The trainer, or a process of its, failed."""
    KILLED = "killed"
    """The system took the process."""
    STOPPED = "stopped"
    """The user, or whoever owns the machine, ended it."""
    NONE = "none"
    """It reads like an error, and the trainer goes on."""


class RunsOutOf(str, Enum):
    """What a run can run out of."""

    GRAPHICS_MEMORY = "graphics memory"
    MAIN_MEMORY = "main memory"
    DISK = "disk"


class System(str, Enum):
    """The systems whose users need a word of their own."""

    LINUX = "linux"
    WINDOWS = "windows"


class Near(Struct, frozen=True):
    """What a kind looks for beside its message: in the frames of the traceback, and in the lines around it.

    It is needed, or it makes the kind as sure as `sure`, or it only gives values.
    """

    pattern: str
    needs: bool = False
    sure: Confidence | None = None


class KindAdvice(Struct, frozen=True):
    """One thing to do, and for whom; an empty list is everybody."""

    say: str
    trainers: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    systems: tuple[System, ...] = ()
    sets: Mapping[str, bool] = {}
    """The switches that it asks for: settings by name. Where the config has them all so, it is left out."""


class Behind(Struct, frozen=True):
    """A setting that a crash comes from where it is on; of a section, the entry that a value of the kind names."""

    setting: str
    entry: str | None = None


class KindText(Struct, frozen=True):
    """A text that a kind must recognise, and the values that it must find there."""

    text: str
    kind_values: Mapping[str, str] = {}


class CrashKind(Struct, frozen=True):
    """One kind of crash.

    Attributes:
        signatures: regular expressions; the message of an error in which one is found is of this kind.
        excluded: a message in which one of these is found is not.
        alone: one such line shows the death by itself; without it there must be a traceback or the trainer's word.
        by_others: another program is the cause; no setting of the run helps.
        phases: only then; empty for any.
        before: the kinds that this one goes before where both match.
        told_by: the rules that are the cause of this kind where they fire, so that it is told within their story.
        behind: the settings that it comes from; the first that is on is told.
        shows: texts with the named groups of the patterns in braces.
        match, near_misses: texts that must be of this kind, and texts that must not.
    """

    id: str
    title: str
    means: str
    signatures: tuple[str, ...]
    sure: Confidence
    ends: KindEnd = KindEnd.DIED
    runs_out_of: RunsOutOf | None = None
    by_others: bool = False
    trainers: tuple[str, ...] = (ANY,)
    alone: bool = False
    near: tuple[Near, ...] = ()
    excluded: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    told_by: tuple[str, ...] = ()
    behind: tuple[Behind, ...] = ()
    advice: tuple[KindAdvice, ...] = ()
    shows: tuple[str, ...] = ()
    versions: tuple[KindVersions, ...] = ()
    sources: tuple[str, ...] = ()
    match: tuple[KindText, ...] = ()
    near_misses: tuple[str, ...] = ()

    def concerns(self, trainers: Collection[str]) -> bool:
        """Return whether a run of one of these trainers may end so; without a name it may be any trainer's."""
        return not trainers or not {ANY, *trainers}.isdisjoint(self.trainers)

    @property
    def switches(self) -> frozenset[str]:
        """The settings that its advice asks to switch."""
        return frozenset(name for each in self.advice for name in each.sets)

    def advice_for(
        self,
        trainers: Collection[str] = (),
        phase: str | None = None,
        system: System | None = None,
        switched: Mapping[str, bool] = {},
    ) -> tuple[str, ...]:
        """Return what to do, in order; what is for others or is so already is left out, unless that is everything.

        `trainers` are those that it may be, `switched` the switches of the config, by the settings' names. What is
        for all of them comes first, then what is for some of them, by name.
        """
        here = [
            each
            for each in self.advice
            if (not each.phases or phase is None or phase in each.phases)
            and (not each.systems or system is None or system in each.systems)
            and not (each.sets and all(switched.get(name) is value for name, value in each.sets.items()))
        ]
        own = _by_trainer(here, frozenset(trainers)) if trainers else ()
        return own or _by_trainer(
            here or self.advice, frozenset(name for each in self.advice for name in each.trainers)
        )


def _by_trainer(advice: Iterable[KindAdvice], trainers: frozenset[str]) -> tuple[str, ...]:
    """Return what is for all of some trainers, then what is for fewer, in one piece with their names."""
    groups: dict[tuple[str, ...], list[str]] = {(): []}
    for each in advice:
        own = tuple(name for name in each.trainers if name in trainers)
        if own or not each.trainers:
            groups.setdefault(() if len(own) == len(trainers) else own, []).append(each.say)
    named = (
        f"with {' or '.join(names)}: {', or '.join(say.removeprefix('or ') for say in says)}"
        for names, says in groups.items()
        if names
    )
    return (*groups[()], *named)


class Phase(Struct, frozen=True):
    """A phase of a run: how to say when, the lines that open it, by trainer, and the functions that run in it.

    `says` completes "it died": "while a preview was made". `opening`: it is over once a step is trained.
    """

    says: str
    markers: Mapping[str, tuple[str, ...]] = {}
    frames: tuple[str, ...] = ()
    opening: bool = False
