"""How to judge: what the user says about a run, on the command line or in a project file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

from msgspec import Struct
from msgspec.structs import force_setattr, replace

from diagnose.core.cache import default_cache
from diagnose.core.errors import DiagnoseError, nearest
from diagnose.core.paths import knowledge_dir, rules_dir
from diagnose.core.values import Intent, Place
from diagnose.rulebase.base import RuleBase, kept_rulebase
from diagnose.rulebase.descriptions import trainer_names
from diagnose.sources.project import Project

LEAST_MEMORY, MOST_MEMORY = 1, 100_000
"""GB; beyond lies a number in bytes or megabytes."""
STRATEGIES = ("recommended", "conservative")


class Settings(Struct, frozen=True):
    """How to judge: what the user says about the run, and which rules and thresholds to use.

    `parameters` overrides thresholds by name ("lr_ratio_min": "2.5"); `rules` are folders beside our own.
    """

    trainer: str | None = None
    """The trainer's name; None: concluded from the evidence."""
    intent: str | None = None
    """An `Intent`, or its name; None: concluded from the evidence."""
    strategy: str = "recommended"
    parameters: Mapping[str, str] = {}
    rules: tuple[Path, ...] = ()
    agreement: float | None = None
    """Sign agreement for the forecast; None: from the log, else that of the reference run."""
    vram: float | None = None
    """Memory of the GPU in GB, as cards are sold; None: nobody says, and the run is not judged by it."""
    card: str | None = None
    """The graphics card by name, such as "RTX 4090"; None: nobody says."""
    ram: float | None = None
    """The machine's main memory in GB."""
    split: bool = False
    """Whether the next run is to be two, an expert each, for a trainer that has one rate for both."""
    motion_words: tuple[str, ...] = ()
    """The user's words for the motion; empty: a general list."""
    dataset: Path | None = None
    """The data set's folder, or the one that holds several; None: none, or for a pre-flight where the config says."""
    motion: bool = True
    """Whether the motion in the previews of a run is measured."""
    ignore: Mapping[str, str] = {}
    """Rules whose findings count for nothing, by id or name, each with the reason ("" for none)."""
    declared: Mapping[str, Place] = {}
    """Where a project file declares what is not said here: "intent", "parameters.NAME", ..."""
    command_line: bool = False
    """Whether this was said on the command line, so that a fault is told by the option's name."""

    def __post_init__(self) -> None:
        """Take names as they are given, one word or folder for several, and plain text for paths.

        Raises:
            DiagnoseError: no trainer, intent or strategy has the name that is given, or the sign agreement is no share.
        """
        for name, taken in _TAKEN.items():
            force_setattr(self, name, taken(getattr(self, name)))
        _check("trainer", self.trainer, trainer_names(knowledge_dir()))
        _check("intent", self.intent, [each.value for each in Intent])
        for name in ("vram", "ram"):
            given = getattr(self, name)
            if given is not None and not LEAST_MEMORY <= given <= MOST_MEMORY:
                raise DiagnoseError(f"{name} {given:g}: give the memory in GB, such as 24")
        _check("strategy", self.strategy, STRATEGIES)
        if self.agreement is not None and not 0 <= self.agreement <= 1:
            raise DiagnoseError(f"sign agreement {self.agreement:g}: give a share between 0 and 1; 0.5 is chance")

    @property
    def purpose(self) -> Intent | None:
        """The intent, if it is said."""
        return None if self.intent is None else Intent(self.intent)

    @property
    def origins(self) -> Mapping[str, str]:
        """Where each threshold is set, by its name: in a project file, as file:line, or on the command line."""
        here = "--set" if self.command_line else "parameters"
        declared = {name: str(place) for name, place in self.declared_of("parameters").items()}
        return {name: declared.get(name, here) for name in self.parameters}

    def declared_of(self, section: str) -> Mapping[str, Place]:
        """Return where a project file declares each name of a section: "parameters", "ignore"."""
        prefix = f"{section}."
        return {key.removeprefix(prefix): place for key, place in self.declared.items() if key.startswith(prefix)}


class Said(TypedDict, total=False):
    """What the functions of the library take by keyword: the settings, in the forms in which one has them."""

    trainer: str | None
    intent: str | None
    strategy: str
    parameters: Mapping[str, str | float]
    rules: Path | str | Sequence[Path | str]
    agreement: float | None
    vram: float | None
    card: str | None
    ram: float | None
    split: bool
    motion_words: str | Sequence[str]
    dataset: Path | str | None
    motion: bool
    ignore: str | Sequence[str] | Mapping[str, str]


def settled(settings: Settings | None, said: Mapping[str, Any]) -> Settings | None:
    """Return the settings with what is said by keyword.

    Raises:
        DiagnoseError: there is no such setting, or a value is none that it takes.
    """
    for name in said:
        if name not in Said.__annotations__:
            known = ", ".join(Said.__annotations__)
            raise DiagnoseError(f"{name}: there is no such setting{nearest(name, Said.__annotations__)}; give {known}")
    return replace(settings or Settings(), **said) if said else settings


def _several(given: str | Path | Sequence[Any]) -> tuple[Any, ...]:
    return (given,) if isinstance(given, str | Path) else tuple(given)


def _texts(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}


def _reasons(given: str | Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    return dict(given) if isinstance(given, Mapping) else dict.fromkeys(_several(given), "")


_TAKEN: Mapping[str, Callable[[Any], Any]] = {
    "parameters": _texts,
    "rules": lambda given: tuple(map(Path, _several(given))),
    "motion_words": _several,
    "dataset": lambda given: None if given is None else Path(given),
    "ignore": _reasons,
}
"""How each setting is taken that may be given in several forms."""


def completed(settings: Settings, project: Project | None) -> Settings:
    """Return the settings with what the project file declares wherever they are silent; the command line wins."""
    if project is None:
        return settings
    if settings.trainer is None:
        place = project.places.get("trainer", project.path)
        _check(f"{place}: trainer", project.trainer, trainer_names(knowledge_dir()))
    parameters = {name: text for name, text in project.parameters.items() if name not in settings.parameters}
    taken = {
        "intent": settings.intent is None,
        "trainer": settings.trainer is None,
        "dataset": settings.dataset is None,
        **{f"parameters.{name}": True for name in parameters},
        **{f"ignore.{name}": True for name in project.ignore if name not in settings.ignore},
    }
    return replace(
        settings,
        intent=settings.intent or project.intent,
        trainer=settings.trainer or project.trainer,
        motion_words=settings.motion_words or project.motion_words,
        dataset=settings.dataset or project.dataset,
        parameters={**parameters, **settings.parameters},
        ignore={**project.ignore, **settings.ignore},
        declared={key: place for key, place in project.places.items() if taken.get(key)},
    )


def rule_base(settings: Settings) -> RuleBase:
    """Load our rules and the user's, with the user's parameters.

    Raises:
        DiagnoseError: a rule file, a folder or a parameter is at fault.
    """
    folders = [rules_dir(), *settings.rules]
    return kept_rulebase(folders, knowledge_dir(), settings.parameters, settings.origins, cache=default_cache())


def _check(what: str, given: str | None, names: Collection[str]) -> None:
    if given is not None and given not in names:
        raise DiagnoseError(f"{what} {given!r}: give one of {', '.join(sorted(names))}")
