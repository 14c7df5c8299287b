"""How to judge: what the user says about a run, on the command line or in a project file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.cache import default_cache
from diagnose.core.errors import DiagnoseError
from diagnose.core.resources import knowledge_dir, rules_dir
from diagnose.core.values import Intent, Place
from diagnose.rulebase.base import RuleBase, kept_rulebase
from diagnose.rulebase.descriptions import trainer_names
from diagnose.sources.project import Project

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
    """Sign agreement for the forecast; None: from the log, else the document's."""
    split: bool = False
    """Whether the next run is to be two, an expert each, for a trainer that has one rate for both."""
    motion_words: tuple[str, ...] = ()
    """The user's words for the motion; empty: a general list."""
    dataset: Path | None = None
    """The data set's folder, or the one that holds several; None: none, or for a pre-flight where the config says."""
    declared: Mapping[str, Place] = {}
    """Where a project file declares what is not said here: "intent", "parameters.NAME", ..."""

    def __post_init__(self) -> None:
        """Take names as they are given.

        Raises:
            DiagnoseError: no trainer, intent or strategy has the name that is given, or the sign agreement is no share.
        """
        _check("trainer", self.trainer, trainer_names(knowledge_dir()))
        _check("intent", self.intent, [each.value for each in Intent])
        _check("strategy", self.strategy, STRATEGIES)
        if self.agreement is not None and not 0 <= self.agreement <= 1:
            raise DiagnoseError(f"sign agreement {self.agreement:g}: give a share between 0 and 1; 0.5 is chance")

    @property
    def purpose(self) -> Intent | None:
        """The intent, if it is said."""
        return None if self.intent is None else Intent(self.intent)

    @property
    def origins(self) -> Mapping[str, str]:
        """Where a project file sets each threshold, as file:line, by the threshold's name."""
        prefix = "parameters."
        return {key.removeprefix(prefix): str(place) for key, place in self.declared.items() if key.startswith(prefix)}


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
    }
    return replace(
        settings,
        intent=settings.intent or project.intent,
        trainer=settings.trainer or project.trainer,
        motion_words=settings.motion_words or project.motion_words,
        dataset=settings.dataset or project.dataset,
        parameters={**parameters, **settings.parameters},
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
