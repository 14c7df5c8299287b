"""The inputs of a judgement: the files of a run or a config, its project file and data sets, and the facts of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.cache import default_cache
from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_folder
from diagnose.core.values import Place, Remark
from diagnose.facts.collect import collect
from diagnose.facts.judged_ratio import logs_rates
from diagnose.facts.known import Known
from diagnose.facts.log.series import build_series
from diagnose.facts.premises import Asked
from diagnose.facts.targets import Machine, Targets, Words, Yardstick
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.graphics_cards import card_said
from diagnose.rulebase.knowledge import Knowledge
from diagnose.settings import Settings, completed, rule_base
from diagnose.sources.log_readings import ConsoleReading, SessionEnd
from diagnose.sources.project import project_path
from diagnose.sources.readings import CheckpointFile, ConfigReading, RunReadings
from diagnose.trainers.declared import Config
from diagnose.trainers.given_config import Source, path_of, read_given
from diagnose.trainers.rooms import dataset_specs, run_readers, trainer_models
from diagnose.trainers.trainer_model import TrainerModel
from diagnose.weights.measurement import OptimizerReading, RunWeights

if TYPE_CHECKING:
    from diagnose.motion.run import RunMotion
    from diagnose.sources.console_files import GivenConsole

Measure = Callable[[Sequence[CheckpointFile]], RunWeights]
"""How checkpoints are measured."""


class Inputs(Struct, frozen=True):
    """What was read, and the settings completed by the project file.

    Attributes:
        readings: the files of the run; of a config by itself, that file.
        settings: how to judge.
        base: the rules to judge by, with the settings' thresholds.
        measured: the weights of the checkpoints.
        before_a_run: a config by itself, that is still to be run.
        motion: the motion of the previews; None where it was not measured.
    """

    readings: RunReadings
    settings: Settings
    base: RuleBase
    measured: RunWeights
    before_a_run: bool
    motion: RunMotion | None = None


def inputs_of(source: Source, settings: Settings | None, *, measure: Measure | None = None) -> Inputs:
    """Read a run folder, a config by itself, or a console that shows its config.

    Raises:
        DiagnoseError: as for `run_inputs` and `config_inputs`.
    """
    path = path_of(source)
    if path is not None and is_folder(path):
        return run_inputs(path, settings, measure=measure)
    try:
        return config_inputs(source, settings)
    except DiagnoseError:
        found = _shown_config(source, settings)
        if found is None:
            raise
        return found


def _shown_config(source: Source, settings: Settings | None) -> Inputs | None:
    """Return what a console by itself gives, if it shows its config."""
    if isinstance(source, Mapping):
        return None
    from diagnose.sources.console_files import GivenConsole  # noqa: PLC0415 - most are configs

    path = path_of(source)
    given = GivenConsole(text=str(source).encode("utf-8", "replace")) if path is None else GivenConsole(path)
    try:
        found = console_inputs([given], settings)
    except DiagnoseError:
        return None
    return found if found.readings.config is not None else None


def run_inputs(
    folder: Path,
    settings: Settings | None,
    *,
    config: Path | None = None,
    log: Path | None = None,
    measure: Measure | None = None,
) -> Inputs:
    """Read a run from its folder. `config` and `log` go before what is found there, `measure` before our measuring.

    Raises:
        DiagnoseError: there is no run here, a named file, the project file or the data set cannot be read, or a rule or
            a parameter is at fault.
    """
    from diagnose.sources.run_reading import read_run  # noqa: PLC0415 - a pre-flight reads no folder

    readings = read_run(folder, run_readers(), config=config, log=log)
    beside = [config.parent] if config is not None else []
    readings, settled = _prepared(readings, settings, [folder, *beside])
    base = rule_base(settled)  # a rule or a threshold at fault is told before minutes of measuring
    motion = _motion(readings) if settled.motion else None
    return Inputs(readings, settled, base, _measured(readings, measure), before_a_run=False, motion=motion)


def console_inputs(given: Sequence[GivenConsole], settings: Settings | None) -> Inputs:
    """Read consoles by themselves, the earliest first.

    Raises:
        DiagnoseError: one of them cannot be read or is no console, or a rule or a parameter is at fault.
    """
    from diagnose.sources.console_files import read_consoles  # noqa: PLC0415 - for one command alone
    from diagnose.trainers.any_console import read_any_console  # noqa: PLC0415 - as above

    readings = read_consoles(given, run_readers(), read_any_console)
    readings, settled = _prepared(readings, settings, [each.path.parent for each in given if each.text is None])
    base = rule_base(settled)
    if readings.console is not None and not shows_a_training(readings.console, base.knowledge):
        far = "is no console of a training: no progress bar, no error and no end of one is in it"
        raise DiagnoseError(f"{given[-1].path}: {far}; give what the trainer printed")
    return Inputs(readings, settled, base, RunWeights(), before_a_run=False)


def shows_a_training(console: ConsoleReading, knowledge: Knowledge) -> bool:
    """Return whether a console shows a step or an end; the text of anything is read as one."""
    from diagnose.crashes.session_end import with_ends  # noqa: PLC0415 - for one command alone

    if not console.anyones or console.log.rows:
        return True
    last = console.sessions[-1]
    if last.total_steps is not None or last.end is SessionEnd.FINISHED:
        return True
    _, ended = with_ends(console, knowledge.crashes, knowledge.phases)
    return ended is not None and ended.error is not None


def config_inputs(source: Source, settings: Settings | None) -> Inputs:
    """Read a config that is still to be run; its data sets too, where they are here.

    Raises:
        DiagnoseError: the config, the project file or the data set cannot be read, or a rule or a parameter is at
            fault.
    """
    path, reading = read_given(source)
    readings, settled = _prepared(config_only(path, reading), settings, [path.parent], as_written=True)
    return Inputs(readings, settled, rule_base(settled), RunWeights(), before_a_run=True)


def config_only(path: Path, reading: ConfigReading) -> RunReadings:
    """Return the readings of a config that has not been run."""
    return RunReadings(path, reading.job or path.stem, reading, places=(Place(reading.file),))


def facts_at_a_glance(folder: Path) -> Known:
    """Return what is known of a run whose checkpoints and previews nobody measures.

    Raises:
        DiagnoseError: as for `run_inputs`.
    """
    return facts_of(run_inputs(folder, Settings(motion=False), measure=lambda _: RunWeights()))


def facts_of(inputs: Inputs) -> Known:
    """Return all that is known of a run or a config."""
    optimizer, unread = _optimizer(inputs.readings)
    known = _facts(inputs, trainer_models(inputs.base.knowledge.trainers), optimizer)
    return replace(known, unmeasured=(*known.unmeasured, *unread))


def facts_ahead(inputs: Inputs, known: Known, config: Config) -> Known:
    """Return what is known of a config that the next run may have, where `known` is known of this one."""
    unrun = replace(config_only(inputs.readings.path, config.reading), datasets=inputs.readings.datasets)
    trainer, intent = known.trainer.trainer, known.intent.intent
    settled = replace(inputs.settings, trainer=trainer, intent=intent, agreement=known.evidence.agreement)
    settled = replace(settled, vram=settled.vram or known.number("machine.gpu"))
    ahead = Inputs(unrun, settled, inputs.base, RunWeights(), before_a_run=True)
    carried = known.number("needs.without_checkpointing") if known.evidence.trained else None
    return _facts(ahead, known.evidence.trainers, None, carried=carried or 0.0)


def _prepared(
    readings: RunReadings, settings: Settings | None, folders: Sequence[Path], *, as_written: bool = False
) -> tuple[RunReadings, Settings]:
    """Return the readings with the data sets, and the settings completed by the project file.

    `as_written`: look for the data sets where the config says, if the user names no folder.
    """
    path, project = project_path(folders), None
    if path is not None:
        from diagnose.sources.project_file import read_project  # noqa: PLC0415 - loads pydantic; few configs have one

        project = read_project(path)
    settled = completed(settings or Settings(), project)
    if project is not None:
        readings = replace(readings, places=(*readings.places, Place(project.path.name)))
    if readings.config is None or (settled.dataset is None and not as_written):
        return readings, settled
    from diagnose.sources.dataset.inspection import read_datasets  # noqa: PLC0415 - most runs look at no data set

    said = settled.declared.get("dataset")
    origin = str(said or ("--dataset" if settled.command_line else "dataset"))
    datasets, remarks = read_datasets(dataset_specs(readings.config), settled.dataset, origin=origin)
    places = tuple(dict.fromkeys(Place(reading.folder.as_posix()) for reading in datasets))
    found = replace(
        readings,
        datasets=datasets,
        remarks=(*readings.remarks, *remarks),
        places=(*readings.places, *places),
    )
    return found, settled


def _measured(readings: RunReadings, measure: Measure | None) -> RunWeights:
    if not readings.checkpoints:
        return RunWeights()
    if measure:
        return measure(readings.checkpoints)
    from diagnose.weights.measure import measure_weights  # noqa: PLC0415 - a run without checkpoints measures nothing

    return measure_weights(readings.checkpoints, cache=default_cache())


def _motion(readings: RunReadings) -> RunMotion | None:
    if not readings.samples:
        return None
    from diagnose.motion.run import measure_run  # noqa: PLC0415 - a run without previews measures nothing

    return measure_run(readings, default_cache())


def _optimizer(readings: RunReadings) -> tuple[OptimizerReading | None, tuple[Remark, ...]]:
    """Read the optimizer's state: its settings, and the live rates per expert where no log has them."""
    if readings.optimizer_file is None:
        return None, ()
    from diagnose.weights.optimizer_state import read_optimizer  # noqa: PLC0415 - few runs have one

    try:
        live = not logs_rates(build_series(readings))
        return read_optimizer(readings.optimizer_file, live=live), ()
    except DiagnoseError as error:
        return None, (Remark(Place(readings.optimizer_file.name), str(error)),)


def _facts(
    inputs: Inputs,
    trainers: Mapping[str, TrainerModel],
    optimizer: OptimizerReading | None,
    *,
    carried: float = 0.0,
) -> Known:
    settings, knowledge = inputs.settings, inputs.base.knowledge
    static = float(knowledge.parameters["static_movement"].value)
    general = tuple(word for words in knowledge.motion_words.values() for word in words)
    card, memory = card_said(settings.card, knowledge.cards)
    ahead = inputs.readings.beside is None  # a run that was made needs no word on whether it fits
    asked = Asked(
        targets=Targets.of(knowledge.parameters),
        yardstick=Yardstick(
            static,
            Words(settings.motion_words or general, own=bool(settings.motion_words)),
            knowledge.domain.frame_rates,
            knowledge.domain.network,
        ),
        trainer=settings.trainer,
        intent=settings.purpose,
        agreement=settings.agreement,
        said_at=settings.declared,
        machine=Machine(memory if settings.vram is None and ahead else settings.vram, settings.ram, carried),
        card=card,
        cards=knowledge.cards,
        combinations=knowledge.environments,
    )
    return collect(
        inputs.readings,
        inputs.measured,
        inputs.motion,
        declarations=knowledge.facts,
        trainers=trainers,
        asked=asked,
        optimizer=optimizer,
        kinds=knowledge.crashes,
        phases=knowledge.phases,
    )
