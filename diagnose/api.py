"""The Python interface: one function per use, each returning the report that every view renders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from diagnose.errors import DiagnoseError
from diagnose.facts.collect import Known, collect
from diagnose.facts.dataset.captions import Words
from diagnose.facts.dataset.record import Yardstick
from diagnose.facts.live_rates import logs_rates
from diagnose.facts.series import build_series
from diagnose.model import Intent, Place, Remark, Trainer
from diagnose.resources import knowledge_dir, rules_dir
from diagnose.rulebase.load import RuleBase, load_rulebase
from diagnose.rulebase.trainers import load_trainers
from diagnose.sources.config.read import read_config
from diagnose.sources.project import Project, find_project
from diagnose.sources.readings import CheckpointFile, RunReadings
from diagnose.verdict.judge import judge
from diagnose.verdict.report import Report
from diagnose.version import __version__
from diagnose.weights.measurement import FileMeasurement
from diagnose.weights.optimizer_reading import OptimizerReading

Measure = Callable[[Sequence[CheckpointFile]], Sequence[FileMeasurement]]
STRATEGIES = ("recommended", "conservative")


@dataclass(frozen=True, slots=True)
class Settings:
    """How to judge: what the user says about the run, and which rules and thresholds to use.

    `parameters` overrides thresholds by name ("lr_ratio_min": "2.5"); `rules` are folders beside our own.
    """

    trainer: Trainer | None = None
    intent: Intent | None = None
    strategy: str = "recommended"
    parameters: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Path, ...] = ()
    agreement: float | None = None
    """Sign agreement for the forecast; None: from the log, else the document's."""
    motion_words: tuple[str, ...] = ()
    """The user's words for the motion; empty: a general list."""
    dataset: Path | None = None
    """The data set's folder, or the one that holds several; None: none, or for a pre-flight where the config says."""
    declared: Mapping[str, Place] = field(default_factory=dict)
    """Where a project file declares what is not said here: "intent", "parameters.NAME", ..."""


def postmortem(
    run_dir: Path | str,
    settings: Settings | None = None,
    *,
    config: Path | None = None,
    log: Path | None = None,
    measure: Measure | None = None,
) -> Report:
    """Judge a finished, dead or running run from its folder, which is never written to.

    `measure` replaces the measuring of checkpoints, for progress bars. A project file `diagnose.yaml` in the folder,
    or beside `config`, says what the settings leave open. The data set is looked at only where one of them names it.

    Raises:
        DiagnoseError: there is no run here, or a named file or parameter cannot be used.
    """
    from diagnose.sources.run import read_run  # noqa: PLC0415 - a pre-flight does not wait for the log readers

    readings = read_run(Path(run_dir), config=config, log=log)
    folders = [Path(run_dir), *([config.parent] if config is not None else [])]
    readings, settled = _prepared(readings, settings, folders)
    return _report(readings, _measured(readings, measure), settled)


def preflight(config: Path | str, settings: Settings | None = None, *, dataset: Path | str | None = None) -> Report:
    """Judge a config before it is run, with the document's checklist ticked off.

    Args:
        config: the config; a project file `diagnose.yaml` beside it says what the settings leave open.
        settings: how to judge.
        dataset: the data set's folder; None: as the settings say, else where the config says, if that is here.

    Raises:
        DiagnoseError: the config, the project file or the data set cannot be read, or a parameter cannot be used.
    """
    wanted = replace(settings or Settings(), dataset=Path(dataset)) if dataset is not None else settings
    readings, settled = _prepared(config_only(Path(config)), wanted, [Path(config).parent], as_written=True)
    base, known = _understand(readings, (), settled)
    return judge(readings, known, base, strategy=settled.strategy, version=__version__, before_a_run=True)


def understand(run_dir: Path | str, settings: Settings | None = None) -> tuple[RuleBase, Known]:
    """Return the rule base and every fact of a run, for those who ask why.

    Raises:
        DiagnoseError: as for `postmortem`.
    """
    from diagnose.sources.run import read_run  # noqa: PLC0415 - as above

    readings, settled = _prepared(read_run(Path(run_dir)), settings, [Path(run_dir)])
    return _understand(readings, _measured(readings, None), settled)


def next_config(source: Path | str, settings: Settings | None = None) -> Report:
    """Judge a run folder, or a config by itself, for the sake of the report's `next`.

    Raises:
        DiagnoseError: as for `postmortem`; or the config cannot be read.
    """
    path = Path(source)
    if path.is_dir():
        return postmortem(path, settings)
    readings, settled = _prepared(config_only(path), settings, [path.parent])
    return _report(readings, (), settled)


def config_only(path: Path) -> RunReadings:
    """Return the readings of a config that has not been run."""
    reading = read_config(path, name=path.name)
    return RunReadings(
        path=path,
        name=path.stem,
        config=reading,
        metrics=None,
        loss_db=None,
        console=None,
        checkpoints=(),
        alpha_states=(),
        samples=(),
        optimizer_file=None,
        remarks=(),
        places=(Place(reading.file),),
    )


def rule_base(settings: Settings) -> RuleBase:
    """Load our rules and the user's, with the user's parameters.

    Raises:
        DiagnoseError: a rule file, a folder or a parameter is at fault.
    """
    origins = {
        key.removeprefix("parameters."): f"{place.file}:{place.line}"
        for key, place in settings.declared.items()
        if key.startswith("parameters.")
    }
    return load_rulebase([rules_dir(), *settings.rules], knowledge_dir(), settings.parameters, origins)


def _prepared(
    readings: RunReadings, settings: Settings | None, folders: Sequence[Path], *, as_written: bool = False
) -> tuple[RunReadings, Settings]:
    """Return the readings with the data sets, and the settings completed by the project file.

    `as_written`: look for the data sets where the config says, if nobody names their folder.
    """
    project = find_project(folders)
    settled = _completed(settings or Settings(), project)
    if project is not None:
        readings = replace(readings, places=(*readings.places, Place(project.path.name)))
    if readings.config is None or (settled.dataset is None and not as_written):
        return readings, settled
    from diagnose.sources.dataset.read import read_datasets  # noqa: PLC0415 - most runs look at no data set

    said = settled.declared.get("dataset")
    origin = f"{said.file}:{said.line}" if said is not None else "--dataset"
    datasets, remarks = read_datasets(readings.config, settled.dataset, origin=origin)
    places = tuple(dict.fromkeys(Place(reading.folder.as_posix()) for reading in datasets))
    found = replace(
        readings,
        datasets=datasets,
        remarks=(*readings.remarks, *remarks),
        places=(*readings.places, *places),
    )
    return found, settled


def _completed(settings: Settings, project: Project | None) -> Settings:
    """Return the settings with what the project file declares wherever they are silent; the command line wins."""
    if project is None:
        return settings
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


def _measured(readings: RunReadings, measure: Measure | None) -> Sequence[FileMeasurement]:
    if not readings.checkpoints:
        return ()
    if measure:
        return measure(readings.checkpoints)
    from diagnose.weights.cache import default_cache  # noqa: PLC0415 - a run without checkpoints measures nothing
    from diagnose.weights.measure import measure_run  # noqa: PLC0415 - the same

    return measure_run(readings.checkpoints, cache=default_cache())


def _optimizer(readings: RunReadings) -> tuple[OptimizerReading | None, tuple[Remark, ...]]:
    """Read the optimizer's state where it adds something: live rates per expert that no log has."""
    if readings.optimizer_file is None or logs_rates(build_series(readings)):
        return None, ()
    from diagnose.weights.optimizer_state import read_optimizer  # noqa: PLC0415 - few runs need it

    try:
        found = read_optimizer(readings.optimizer_file)
    except DiagnoseError as error:
        return None, (Remark(Place(readings.optimizer_file.name), str(error)),)
    return replace(found, file=readings.optimizer_file.name), ()


def _report(readings: RunReadings, measured: Sequence[FileMeasurement], settings: Settings) -> Report:
    base, known = _understand(readings, measured, settings)
    return judge(readings, known, base, strategy=settings.strategy, version=__version__)


def _understand(
    readings: RunReadings, measured: Sequence[FileMeasurement], settings: Settings
) -> tuple[RuleBase, Known]:
    if settings.strategy not in STRATEGIES:
        raise DiagnoseError(f"--strategy {settings.strategy}: give one of {', '.join(STRATEGIES)}")
    base = rule_base(settings)
    optimizer, unread = _optimizer(readings)
    low, high = (base.knowledge.parameters[name].value for name in ("lr_ratio_min", "lr_ratio_max"))
    static = float(base.knowledge.parameters["static_movement"].value)
    general = tuple(word for words in base.knowledge.motion_words.values() for word in words)
    known = collect(
        readings,
        measured,
        declarations=base.knowledge.facts,
        trainers=load_trainers(knowledge_dir()),
        trainer=settings.trainer,
        intent=settings.intent,
        said_at=settings.declared,
        ratio_range=(float(low), float(high)),
        yardstick=Yardstick(static, Words(settings.motion_words or general, own=bool(settings.motion_words))),
        agreement=settings.agreement,
        optimizer=optimizer,
    )
    return base, replace(known, unmeasured=(*known.unmeasured, *unread))
