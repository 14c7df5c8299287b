"""The Python interface: one function per use, each returning the report that every view renders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from diagnose.cache import default_cache
from diagnose.errors import DiagnoseError
from diagnose.facts.collect import Known, collect
from diagnose.facts.live_rates import logs_rates
from diagnose.facts.series import build_series
from diagnose.model import Intent, Place, Remark, Trainer
from diagnose.resources import knowledge_dir, rules_dir
from diagnose.rulebase.kept import kept_rulebase
from diagnose.rulebase.load import RuleBase
from diagnose.rulebase.trainers import load_trainers
from diagnose.sources.config.read import read_config
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


def postmortem(
    run_dir: Path | str,
    settings: Settings | None = None,
    *,
    config: Path | None = None,
    log: Path | None = None,
    measure: Measure | None = None,
) -> Report:
    """Judge a finished, dead or running run from its folder, which is never written to.

    `measure` replaces the measuring of checkpoints, for progress bars.

    Raises:
        DiagnoseError: there is no run here, or a named file or parameter cannot be used.
    """
    from diagnose.sources.run import read_run  # noqa: PLC0415 - a pre-flight does not wait for the log readers

    readings = read_run(Path(run_dir), config=config, log=log)
    return _report(readings, _measured(readings, measure), settings or Settings())


def preflight(config: Path | str, settings: Settings | None = None) -> Report:
    """Judge a config before it is run, with the document's checklist ticked off.

    Raises:
        DiagnoseError: the config cannot be read, or a parameter cannot be used.
    """
    readings = config_only(Path(config))
    base, known = _understand(readings, (), settings or Settings())
    strategy = (settings or Settings()).strategy
    return judge(readings, known, base, strategy=strategy, version=__version__, before_a_run=True)


def understand(run_dir: Path | str, settings: Settings | None = None) -> tuple[RuleBase, Known]:
    """Return the rule base and every fact of a run, for those who ask why.

    Raises:
        DiagnoseError: as for `postmortem`.
    """
    from diagnose.sources.run import read_run  # noqa: PLC0415 - as above

    readings = read_run(Path(run_dir))
    return _understand(readings, _measured(readings, None), settings or Settings())


def next_config(source: Path | str, settings: Settings | None = None) -> Report:
    """Judge a run folder, or a config by itself, for the sake of the report's `next`.

    Raises:
        DiagnoseError: as for `postmortem`; or the config cannot be read.
    """
    path = Path(source)
    return postmortem(path, settings) if path.is_dir() else _report(config_only(path), (), settings or Settings())


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
    folders = [rules_dir(), *settings.rules]
    return kept_rulebase(folders, knowledge_dir(), settings.parameters, cache=default_cache())


def _measured(readings: RunReadings, measure: Measure | None) -> Sequence[FileMeasurement]:
    if not readings.checkpoints:
        return ()
    if measure:
        return measure(readings.checkpoints)
    from diagnose.weights.measure import measure_run  # noqa: PLC0415 - a run without checkpoints measures nothing

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
    known = collect(
        readings,
        measured,
        declarations=base.knowledge.facts,
        trainers=load_trainers(knowledge_dir()),
        trainer=settings.trainer,
        intent=settings.intent,
        ratio_range=(float(low), float(high)),
        agreement=settings.agreement,
        optimizer=optimizer,
    )
    return base, replace(known, unmeasured=(*known.unmeasured, *unread))
