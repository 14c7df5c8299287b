"""`diagnose postmortem RUN_DIR ...` and `preflight CONFIG ...`: judge a run or a config, or several in a table."""

from __future__ import annotations

import argparse
import shlex
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.cli.messages import detail, tell
from diagnose.cli.options import add_card, add_dataset, add_judging, add_machine, add_output, settings_of
from diagnose.cli.output import exit_status, hand_over, prepare_output
from diagnose.cli.output_file import check_output
from diagnose.cli.page_options import add_page, check_tab, with_previews, write_tab
from diagnose.cli.progress import follow_with_progress, working
from diagnose.cli.targets import STDIN, config_in, existing, holds_a_run, piped, runs_in
from diagnose.core.cache import default_cache
from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_folder, write_whole
from diagnose.core.values import NEVER, Severity

if TYPE_CHECKING:
    from diagnose.verdict.report import Report

SERIES = (".csv", ".json")
_SHOWN = 3


def add_postmortem(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `postmortem`."""
    parser.add_argument(
        "paths",
        metavar="RUN_DIR",
        type=Path,
        nargs="+",
        help="the folder of the run; two of a pair, or several for a table",
    )
    parser.add_argument("--config", metavar="FILE", type=Path, help="the config, if it is not in the folder")
    parser.add_argument("--log", metavar="FILE", type=Path, help="the log, if it is not in the folder")
    add_dataset(parser, "default: it is not looked at")
    add_judging(parser)
    add_card(parser, "for the time of a step")
    add_output(parser, fail_on=NEVER)
    series = "also write what the log says of each step, to a .csv or .json file"
    parser.add_argument("--series", metavar="FILE", type=Path, help=series)
    add_page(parser)
    parser.set_defaults(run=postmortem)


def postmortem(options: argparse.Namespace) -> int:
    """Judge a finished, dead or running run from its folder, or the two of a pair; of several, each in a line.

    Raises:
        DiagnoseError: there is no run here, or several runs cannot share what is asked for.
    """
    if len(options.paths) > 1:
        if options.config or options.log or options.series or options.ui_tab:
            alone = "--config, --log, --series and --ui-tab"
            raise DiagnoseError(f"{alone} go with one run; give one folder, or leave them out")
        if not _are_a_pair(options.paths):
            return _several(options)
        both = shlex.join(map(str, options.paths))
        tell(f"judged as the two runs of a pair, an expert each; diagnose runs {both} gives a line each")
    run_dir = existing(options.paths[0])
    inputs = [*options.paths, options.config, options.log]
    form = prepare_output(options, inputs)
    series = options.series
    if series is not None:
        if series.suffix.lower() not in SERIES:
            raise DiagnoseError(f"--series {series}: the ending says the format; give a file in {' or '.join(SERIES)}")
        check_output(series, inputs=inputs, force=options.force)
    check_tab(run_dir, options)
    partner = next(iter(options.paths[1:]), None)
    status = judged(options, form, lambda: judge_run(run_dir, options, partner))
    if series is not None:
        _write_series(series, run_dir, options)
    return status


def _write_series(path: Path, run_dir: Path, options: argparse.Namespace) -> None:
    from diagnose.api import log_rows  # noqa: PLC0415 - asking for help does not wait for it
    from diagnose.report.series import as_csv, as_json  # noqa: PLC0415 - as above

    rows = log_rows(run_dir, config=options.config, log=options.log)
    write_whole(path, as_csv(rows) if path.suffix.lower() == SERIES[0] else as_json(rows))
    tell(f"wrote {path} ({len(rows)} rows)")


def judge_run(run_dir: Path, options: argparse.Namespace, partner: Path | None = None) -> Report:
    """Return the report on a run, or on it and the one of the other expert.

    Raises:
        DiagnoseError: it cannot be read; a folder of runs names them.
    """
    from diagnose import api  # noqa: PLC0415 - asking for help does not wait for it

    config, log = getattr(options, "config", None), getattr(options, "log", None)
    if is_folder(run_dir) and not (config or log or holds_a_run(run_dir)) and (inside := runs_in(run_dir)):
        names = ", ".join(each.name for each in inside[:_SHOWN])
        more = f" and {len(inside) - _SHOWN} more" if inside[_SHOWN:] else ""
        raise DiagnoseError(
            f"{run_dir}: holds {len(inside)} runs, {names}{more}; give one, or diagnose {run_dir} to list them"
        )
    said = settings_of(options)
    return api.postmortem(run_dir, said, partner=partner, config=config, log=log, measure=follow_with_progress)


def _are_a_pair(paths: list[Path]) -> bool:
    """Return whether these are two runs that train one expert each, and not the same."""
    from diagnose.inputs import facts_at_a_glance  # noqa: PLC0415 - only where there are several

    two = len(paths) == 2  # noqa: PLR2004 - a pair
    if not two or not all(is_folder(existing(path)) and holds_a_run(path) for path in paths):
        return False
    try:
        experts = [facts_at_a_glance(path).training.experts for path in paths]
    except DiagnoseError:
        return False
    return all(len(each) == 1 for each in experts) and experts[0] != experts[1]


def add_preflight(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `preflight`."""
    parser.add_argument(
        "paths", metavar="CONFIG", type=Path, nargs="+", help="a config, a run's folder, or - for standard input"
    )
    add_dataset(parser, "default: the config's own, if it is on this machine")
    add_judging(parser)
    add_machine(parser)
    add_output(parser, fail_on=Severity.BLOCKER.value)
    parser.set_defaults(run=preflight)


def preflight(options: argparse.Namespace) -> int:
    """Check a config before a day of GPU is spent on it; the exit status gates a launch.

    Raises:
        DiagnoseError: the config cannot be read.
    """
    if len(options.paths) > 1:
        return _several(options)
    config = existing(options.paths[0])
    form = prepare_output(options, inputs_of(config))
    return judged(options, form, lambda: judge_config(config, options))


def inputs_of(config: Path) -> Iterator[Path]:
    """Yield what must not be written to where a config is judged: it, and the run that it lies in."""
    if config != STDIN:
        yield config
        if not is_folder(config) and holds_a_run(config.parent):
            yield config.parent


def judge_config(config: Path, options: argparse.Namespace) -> Report:
    """Return the pre-flight of a config.

    Raises:
        DiagnoseError: it cannot be read.
    """
    from diagnose import api  # noqa: PLC0415 - as above

    source = source_of(config)
    if isinstance(source, Path) and is_folder(source):
        source = config_in(source)
    return api.preflight(source, settings_of(options))


def source_of(path: Path) -> Path | str:
    """Return the path itself, or the text of standard input.

    Raises:
        DiagnoseError: standard input is empty, too long or no UTF-8.
    """
    if path != STDIN:
        return path
    try:
        text = piped("config", "diagnose preflight - < config.yaml").decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DiagnoseError("standard input: not UTF-8; give a config in UTF-8") from error
    return text if text.endswith("\n") else f"{text}\n"


def judged(options: argparse.Namespace, form: str, judge: Callable[[], Report]) -> int:
    """Judge, hand the report over, and return the exit status."""
    start = time.monotonic()
    with working("judging"):
        report = judge()
    _details(report, time.monotonic() - start)
    hand_over(with_previews(report, options) if form == "html" else report, form, options)
    write_tab(report, options)
    return exit_status(report, options)


def _details(report: Report, seconds: float) -> None:
    detail(f"read: {', '.join(report.run.files) or report.run.path}")
    detail(f"rules: sha256 {report.tool.rulebase[:16]}, engine {report.tool.engine}")
    detail(f"cache: {default_cache().folder or 'none'}")
    detail(f"judged in {seconds:.2f} s")


def _several(options: argparse.Namespace) -> int:
    from diagnose.cli.runs_command import judge_several  # noqa: PLC0415 - only where there are several

    return judge_several(options.paths, options)
