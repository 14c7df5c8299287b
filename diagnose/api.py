"""The Python interface: one function per use, each returning the report that every view renders."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from msgspec.structs import replace

from diagnose.core.version import __version__
from diagnose.engine.infer import ready
from diagnose.facts.pair import collect_pair
from diagnose.inputs import Inputs, Measure, Source, config_inputs, facts_ahead, facts_of, inputs_of, run_inputs
from diagnose.settings import Settings
from diagnose.verdict.consult import Consultation, consult
from diagnose.verdict.judge import judge
from diagnose.verdict.next.second_look import look_again
from diagnose.verdict.report import Report


@ready()
def postmortem(
    run_dir: Path | str,
    settings: Settings | None = None,
    *,
    partner: Path | str | None = None,
    config: Path | None = None,
    log: Path | None = None,
    measure: Measure | None = None,
) -> Report:
    """Judge a finished, dead or running run from its folder, which is never written to.

    Args:
        run_dir: the run's folder.
        settings: how to judge.
        partner: the run of the other expert, for a trainer that trains one expert in a run; the two are judged as a
            pair, and the report has no next config.
        config: a config to read instead of the folder's.
        log: a log to read instead of the folder's.
        measure: replaces the measuring of checkpoints, for progress bars.

    Raises:
        DiagnoseError: there is no run here, a named file or parameter cannot be used, or the two are no pair.
    """
    inputs = run_inputs(Path(run_dir), settings, config=config, log=log, measure=measure)
    if partner is None:
        return _report(inputs)
    other = replace(run_inputs(Path(partner), settings, measure=measure), settings=inputs.settings, base=inputs.base)
    known = collect_pair(list(map(facts_of, (inputs, other))), inputs.base.knowledge.facts)
    held = consult(inputs.base, known, before_a_run=False)
    return judge(held, known.evidence.everything, strategy=inputs.settings.strategy, version=__version__)


@ready()
def preflight(config: Source, settings: Settings | None = None, *, dataset: Path | str | None = None) -> Report:
    """Judge a config before it is run, with the document's checklist ticked off.

    Args:
        config: the config; a project file `diagnose.yaml` beside it says what the settings leave open.
        settings: how to judge.
        dataset: the data set's folder; None: as the settings say, else where the config says, if that is here.

    Raises:
        DiagnoseError: the config, the project file or the data set cannot be read, or a parameter cannot be used.
    """
    wanted = replace(settings or Settings(), dataset=Path(dataset)) if dataset is not None else settings
    return _report(config_inputs(config, wanted))


@ready()
def next_config(source: Source, settings: Settings | None = None, *, measure: Measure | None = None) -> Report:
    """Judge a run folder, or a config by itself, for the sake of the report's `next`.

    Raises:
        DiagnoseError: as for `postmortem`; or the config cannot be read, or not be split where that is asked for.
    """
    return _report(inputs_of(source, settings, measure=measure))


@ready()
def understand(source: Source, settings: Settings | None = None, *, measure: Measure | None = None) -> Consultation:
    """Hold the rules against a run folder, or a config by itself, for those who ask why.

    Raises:
        DiagnoseError: as for `postmortem`; or the config cannot be read.
    """
    return _consulted(inputs_of(source, settings, measure=measure))


def _report(inputs: Inputs) -> Report:
    settings, held = inputs.settings, _consulted(inputs)
    report = judge(held, inputs.readings, strategy=settings.strategy, version=__version__, split=settings.split)
    return look_again(report, held, partial(facts_ahead, inputs, held.known))


def _consulted(inputs: Inputs) -> Consultation:
    return consult(inputs.base, facts_of(inputs), before_a_run=inputs.before_a_run)
