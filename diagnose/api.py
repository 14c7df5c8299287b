"""The Python interface: one function per use, each returning the report that every view renders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from diagnose.core.cache import default_cache
from diagnose.core.errors import DiagnoseError
from diagnose.core.model import Place, Remark
from diagnose.core.paths import is_folder
from diagnose.core.resources import knowledge_dir
from diagnose.core.version import __version__
from diagnose.facts.collect import collect
from diagnose.facts.config.declared import Config
from diagnose.facts.dataset.captions import Words
from diagnose.facts.dataset.record import Yardstick
from diagnose.facts.known import Known
from diagnose.facts.log.live_rates import logs_rates
from diagnose.facts.log.series import build_series
from diagnose.facts.premises import Asked
from diagnose.facts.targets import Targets
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.trainers import load_trainers
from diagnose.settings import STRATEGIES, Settings, completed, rule_base
from diagnose.sources.project import Project, project_path
from diagnose.sources.readings import CheckpointFile, ConfigReading, RunReadings
from diagnose.trainers.aitoolkit.config_file import read_config
from diagnose.trainers.aitoolkit.dataset_entries import dataset_specs
from diagnose.verdict.consult import Consultation, consult
from diagnose.verdict.judge import judge
from diagnose.verdict.judgement import Change
from diagnose.verdict.next.expected import forecast_again
from diagnose.verdict.next.prepare import plan_next_run
from diagnose.verdict.next.second_look import consult_ahead, mended, next_configs, standing, without_settled_advice
from diagnose.verdict.report import Report
from diagnose.weights.optimizer_reading import OptimizerReading
from diagnose.weights.run import RunWeights

Measure = Callable[[Sequence[CheckpointFile]], RunWeights]


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
    readings, settled = _read_run(Path(run_dir), settings, config=config, log=log)
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
    readings, settled = _read_config(Path(config), wanted)
    return _report(readings, RunWeights(), settled, before_a_run=True)


def understand(source: Path | str, settings: Settings | None = None) -> Consultation:
    """Hold the rules against a run folder, or a config by itself, for those who ask why.

    Raises:
        DiagnoseError: as for `postmortem`; or the config cannot be read.
    """
    path = Path(source)
    before_a_run = not is_folder(path)
    readings, settled = _read_config(path, settings) if before_a_run else _read_run(path, settings)
    return consult(*_understand(readings, _measured(readings, None), settled), before_a_run=before_a_run)


def next_config(source: Path | str, settings: Settings | None = None) -> Report:
    """Judge a run folder, or a config by itself, for the sake of the report's `next`.

    Raises:
        DiagnoseError: as for `postmortem`; or the config cannot be read, or not be split where that is asked for.
    """
    path = Path(source)
    return postmortem(path, settings) if is_folder(path) else preflight(path, settings)


def config_only(path: Path, reading: ConfigReading) -> RunReadings:
    """Return the readings of a config that has not been run."""
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


def _read_run(
    folder: Path, settings: Settings | None, *, config: Path | None = None, log: Path | None = None
) -> tuple[RunReadings, Settings]:
    from diagnose.trainers.run_reading import read_run  # noqa: PLC0415 - a pre-flight does not wait for the log readers

    readings = read_run(folder, config=config, log=log)
    beside = [config.parent] if config is not None else []
    return _prepared(readings, settings, [folder, *beside])


def _read_config(path: Path, settings: Settings | None) -> tuple[RunReadings, Settings]:
    return _prepared(config_only(path, read_config(path, name=path.name)), settings, [path.parent], as_written=True)


def _prepared(
    readings: RunReadings, settings: Settings | None, folders: Sequence[Path], *, as_written: bool = False
) -> tuple[RunReadings, Settings]:
    """Return the readings with the data sets, and the settings completed by the project file.

    `as_written`: look for the data sets where the config says, if nobody names their folder.
    """
    project = _project(folders)
    settled = completed(settings or Settings(), project)
    if project is not None:
        readings = replace(readings, places=(*readings.places, Place(project.path.name)))
    if readings.config is None or (settled.dataset is None and not as_written):
        return readings, settled
    from diagnose.sources.dataset.inspection import read_datasets  # noqa: PLC0415 - most runs look at no data set

    said = settled.declared.get("dataset")
    origin = str(said or "--dataset")
    datasets, remarks = read_datasets(dataset_specs(readings.config), settled.dataset, origin=origin)
    places = tuple(dict.fromkeys(Place(reading.folder.as_posix()) for reading in datasets))
    found = replace(
        readings,
        datasets=datasets,
        remarks=(*readings.remarks, *remarks),
        places=(*readings.places, *places),
    )
    return found, settled


def _project(folders: Sequence[Path]) -> Project | None:
    path = project_path(folders)
    if path is None:
        return None
    from diagnose.sources.project_file import read_project  # noqa: PLC0415 - loads pydantic, and few configs have one

    return read_project(path)


def _measured(readings: RunReadings, measure: Measure | None) -> RunWeights:
    if not readings.checkpoints:
        return RunWeights()
    if measure:
        return measure(readings.checkpoints)
    from diagnose.weights.whole import measure_weights  # noqa: PLC0415 - a run without checkpoints measures nothing

    return measure_weights(readings.checkpoints, cache=default_cache())


def _optimizer(readings: RunReadings) -> tuple[OptimizerReading | None, tuple[Remark, ...]]:
    """Read the optimizer's state: its settings, and the live rates per expert where no log has them."""
    if readings.optimizer_file is None:
        return None, ()
    from diagnose.weights import optimizer_state  # noqa: PLC0415 - few runs have one

    logged = logs_rates(build_series(readings))
    read = optimizer_state.read_optimizer_settings if logged else optimizer_state.read_optimizer
    try:
        found = read(readings.optimizer_file)
    except DiagnoseError as error:
        return None, (Remark(Place(readings.optimizer_file.name), str(error)),)
    return replace(found, file=readings.optimizer_file.name), ()


def _report(readings: RunReadings, measured: RunWeights, settings: Settings, *, before_a_run: bool = False) -> Report:
    base, known = _understand(readings, measured, settings)
    report = judge(
        readings,
        known,
        base,
        strategy=settings.strategy,
        version=__version__,
        before_a_run=before_a_run,
        split=settings.split,
    )
    return _foreseen(report, readings, known, base, settings)


def _foreseen(report: Report, readings: RunReadings, known: Known, base: RuleBase, settings: Settings) -> Report:
    """Return the report with what a pre-flight of its next config would still find, and no advice it settles."""
    plan, config = report.next, known.config
    if config is None:
        return report
    settled = replace(settings, trainer=known.trainer.trainer, intent=known.intent.intent)

    def look(ahead: Config) -> Consultation:
        """Hold the rules against a next config."""
        unrun = replace(config_only(readings.path, ahead.reading), datasets=readings.datasets)
        return consult_ahead(base, _facts(unrun, RunWeights(), settled, base, None))

    def ask(held: Consultation) -> Sequence[Change]:
        """Return what a pre-flight of that config would change, but for what is to wait."""
        rules, inference = held.grounds.rules, held.inference
        more = plan_next_run(rules, inference, held.known, base, plan.strategy, split=False, beside=None).changes
        return [change for change in more if change.path not in waiting]

    waiting = {each.change.path for each in plan.later}
    grown = mended(plan, config, look, ask)
    plan = grown if grown.changes == plan.changes else forecast_again(grown, known)
    if plan.advised is not None:
        two = mended(plan.shown, config, look, ask)
        faults = standing([look(each).findings() for each in next_configs(two, config)])
        plan = replace(plan, advised=replace(plan.advised, configs=two.configs, standing=faults))
    if report.checklist and plan.diff is None and not plan.configs:
        return replace(report, next=replace(plan, standing=standing([report.findings])))
    one = [look(each) for each in next_configs(plan, config)]
    found = standing([held.findings() for held in one])
    return without_settled_advice(replace(report, next=replace(plan, standing=found)), one)


def _understand(readings: RunReadings, measured: RunWeights, settings: Settings) -> tuple[RuleBase, Known]:
    if settings.strategy not in STRATEGIES:
        raise DiagnoseError(f"--strategy {settings.strategy}: give one of {', '.join(STRATEGIES)}")
    base = rule_base(settings)
    optimizer, unread = _optimizer(readings)
    known = _facts(readings, measured, settings, base, optimizer)
    return base, replace(known, unmeasured=(*known.unmeasured, *unread))


def _facts(
    readings: RunReadings,
    measured: RunWeights,
    settings: Settings,
    base: RuleBase,
    optimizer: OptimizerReading | None,
) -> Known:
    static = float(base.knowledge.parameters["static_movement"].value)
    general = tuple(word for words in base.knowledge.motion_words.values() for word in words)
    asked = Asked(
        targets=Targets.of(base.knowledge.parameters),
        yardstick=Yardstick(static, Words(settings.motion_words or general, own=bool(settings.motion_words))),
        trainer=settings.trainer,
        intent=settings.intent,
        agreement=settings.agreement,
        said_at=settings.declared,
    )
    trainers = load_trainers(knowledge_dir())
    return collect(
        readings, measured, declarations=base.knowledge.facts, trainers=trainers, asked=asked, optimizer=optimizer
    )
