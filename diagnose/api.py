"""The Python interface: one function per use, each returning the report that every view renders."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from diagnose.core.errors import DiagnoseError
from diagnose.core.version import __version__
from diagnose.engine.infer import ready
from diagnose.facts.known import Known
from diagnose.facts.log.series import build_series
from diagnose.inputs import Inputs, Measure, config_inputs, console_inputs, facts_ahead, facts_of, inputs_of, run_inputs
from diagnose.settings import Said, Settings, settled
from diagnose.sources.log_rows import LogRow
from diagnose.trainers.given_config import Source
from diagnose.trainers.rooms import run_readers
from diagnose.verdict.consult import Consultation, consult
from diagnose.verdict.gate import Gate
from diagnose.verdict.ignored import Wish, ignored_findings, ignored_rules
from diagnose.verdict.judge import judge
from diagnose.verdict.next.second_look import look_again
from diagnose.verdict.report import Report, show_with

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from diagnose.sources.console_files import GivenConsole


@ready()
def postmortem(
    run_dir: Path | str,
    settings: Settings | None = None,
    *,
    partner: Path | str | None = None,
    config: Path | str | None = None,
    log: Path | str | None = None,
    measure: Measure | None = None,
    **said: Unpack[Said],
) -> Report:
    """Judge a finished, dead or running run from its folder, which is never written to.

        report = postmortem("output/my_lora", intent="motion")
        report.verdict.headline, [finding.name for finding in report.findings]
        report.save("report.html")

    Args:
        run_dir: the run's folder.
        settings: how to judge; `said` are the same by keyword: intent, trainer, parameters, ...
        partner: the run of the other expert, for a trainer that trains one expert in a run; the two are judged as a
            pair, and the report has no next config.
        config: a config to read instead of the folder's.
        log: a log to read instead of the folder's.
        measure: replaces the measuring of checkpoints, for progress bars.

    Raises:
        DiagnoseError: there is no run here, a named file or parameter cannot be used, or the two are no pair.
    """
    settings = settled(settings, said)
    inputs = run_inputs(Path(run_dir), settings, config=_path(config), log=_path(log), measure=measure)
    if partner is None:
        return _report(inputs)
    from diagnose.facts.pair import collect_pair  # noqa: PLC0415 - for a pair alone

    other = replace(run_inputs(Path(partner), settings, measure=measure), settings=inputs.settings, base=inputs.base)
    known = collect_pair(list(map(facts_of, (inputs, other))), inputs.base.knowledge.facts)
    wishes = _wishes(inputs)
    held = consult(inputs.base.without(wishes), known, before_a_run=False)
    report = judge(held, known.evidence.everything, strategy=inputs.settings.strategy, version=__version__)
    return _with_ignored(report, inputs, known, wishes)


@ready()
def console(*given: Path | str | bytes, settings: Settings | None = None, **said: Unpack[Said]) -> Report:
    """Judge a run by nothing but its console, whole or in part, as a file or as a pasted text.

        report = console("nohup.out")
        report = console(completed.stderr, trainer="ai-toolkit")      # a text of several lines

    Args:
        given: consoles of one run, the earliest first: files, or texts.
        settings: how to judge; `said` are the same by keyword: trainer, intent, ...

    Raises:
        DiagnoseError: a file cannot be read, or a text is no console of a training.
    """
    return _report(console_inputs([_console(each) for each in given], settled(settings, said)))


def _console(given: Path | str | bytes) -> GivenConsole:
    from diagnose.sources.console_files import GivenConsole  # noqa: PLC0415 - for consoles alone

    if isinstance(given, bytes):
        return GivenConsole(text=given)
    if isinstance(given, str) and "\n" in given:
        return GivenConsole(text=given.encode("utf-8", "replace"))
    return GivenConsole(Path(given))


@ready()
def preflight(config: Source, settings: Settings | None = None, **said: Unpack[Said]) -> Report:
    """Judge a config before it is run, with the checklist of the reference run ticked off.

        report = preflight("my_config.yaml", intent="motion", dataset="clips")
        report = preflight({"job": "extension", "config": {"name": "wave", "process": [...]}})

    Args:
        config: the config: its file, its text of several lines, or the mapping it holds. A project file `diagnose.yaml`
            beside it (beside you, for a text or a mapping) says what the settings leave open.
        settings: how to judge; `said` are the same by keyword: intent, trainer, dataset, ...

    Raises:
        DiagnoseError: the config, the project file or the data set cannot be read, or a parameter cannot be used.
    """
    return _report(config_inputs(config, settled(settings, said)))


@ready()
def next_config(
    source: Source, settings: Settings | None = None, *, measure: Measure | None = None, **said: Unpack[Said]
) -> Report:
    """Judge a run folder, or a config by itself, for the sake of the report's `next`: the config to start now.

        plan = next_config("output/my_lora", strategy="conservative").next
        plan.config                                   # the text to save; None where there is none: plan.note says why
        [(change.path, change.old, change.new, change.because) for change in plan.changes]

    Raises:
        DiagnoseError: as for `postmortem`; or the config cannot be read, or not be split where that is asked for.
    """
    return _report(inputs_of(source, settled(settings, said), measure=measure))


@ready()
def require(
    config: Source,
    settings: Settings | None = None,
    *,
    fail_on: str = "blocker",
    min_confidence: str | None = None,
    **said: Unpack[Said],
) -> Report:
    """Judge a config at the start of a training script, and stop the script where the run would be wasted.

        from diagnose import require

        require(config)      # the file, its text or the mapping; raises diagnose.UnfitError on a blocker

    Args:
        config: as for `preflight`.
        settings: how to judge; `said` are the same by keyword.
        fail_on: the least severity that stops the run; "never" for none.
        min_confidence: the least confidence with which it must be found; None for any.

    Raises:
        UnfitError: there are such findings; its text names them, and its `report` says all about them.
        DiagnoseError: as for `preflight`.
    """
    gate = Gate(fail_on, min_confidence)
    report = _report(config_inputs(config, settled(settings, said)))
    outcome = gate.opened(report)
    if outcome.stopping:
        raise UnfitError(report, f"{report.run.name}: {report.verdict.headline} ({outcome.words})")
    return report


class UnfitError(DiagnoseError):
    """A config that is not fit to be run; `report` says why."""

    def __init__(self, report: Report, text: str) -> None:
        super().__init__(text)
        self.report = report


def log_rows(
    run_dir: Path | str, *, config: Path | str | None = None, log: Path | str | None = None
) -> tuple[LogRow, ...]:
    """Return what the log of a run says of each step, in order: loss, expert, learning rates, ...

        [(row.step, row.loss) for row in log_rows("output/my_lora") if row.expert == "high"]

    Raises:
        DiagnoseError: there is no run here, or a named file cannot be used.
    """
    from diagnose.sources.run_reading import read_run  # noqa: PLC0415 - a pre-flight reads no folder

    readings = read_run(Path(run_dir), run_readers(), config=_path(config), log=_path(log))
    series = build_series(readings)
    return tuple(series.rows) if series is not None else ()


def understand(source: Source, settings: Settings | None = None, *, measure: Measure | None = None) -> Consultation:
    """Hold the rules against a run folder, or a config by itself, for those who ask why. The matcher answers.

    Raises:
        DiagnoseError: as for `postmortem`; or the config cannot be read.
    """
    inputs = inputs_of(source, settings, measure=measure)
    return consult(inputs.base, facts_of(inputs), before_a_run=inputs.before_a_run, engine="matcher")


def _report(inputs: Inputs) -> Report:
    settings, wishes = inputs.settings, _wishes(inputs)
    held = consult(inputs.base.without(wishes), facts_of(inputs), before_a_run=inputs.before_a_run)
    report = judge(held, inputs.readings, strategy=settings.strategy, version=__version__, split=settings.split)
    report = look_again(report, held, partial(facts_ahead, inputs, held.known))
    return _with_ignored(report, inputs, held.known, wishes)


def _wishes(inputs: Inputs) -> dict[str, Wish]:
    return ignored_rules(inputs.base, inputs.settings.ignore, inputs.settings.declared_of("ignore"))


def _with_ignored(report: Report, inputs: Inputs, known: Known, wishes: Mapping[str, Wish]) -> Report:
    if not wishes:
        return report
    whole = consult(inputs.base, known, before_a_run=inputs.before_a_run, engine="matcher")
    return replace(report, ignored=ignored_findings(whole, wishes))


def _path(given: Path | str | None) -> Path | None:
    return None if given is None else Path(given)


class _Views:
    """What shows a report, for the report's own methods: they are on a lower floor than the views."""

    def render(self, report: Report, form: str, *, width: int, full: bool) -> str:
        from diagnose.report.formats import render  # noqa: PLC0415 - a view is loaded when it is asked for

        return render(report, form, width=width, full=full)

    def save(self, report: Report, path: Path, form: str | None) -> None:
        from diagnose.report.formats import save  # noqa: PLC0415 - as above

        save(report, path, form)


show_with(_Views())
