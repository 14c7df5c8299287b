"""`diagnose next RUN_DIR|CONFIG`: the config to start now, with the reasons for every change."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from diagnose.cli.judge_commands import inputs_of, source_of
from diagnose.cli.messages import tell, warn
from diagnose.cli.options import add_judging, add_machine, add_place, settings_of
from diagnose.cli.output import deliver, hand_over
from diagnose.cli.output_file import check_output, write_marked
from diagnose.cli.progress import follow_with_progress, working
from diagnose.cli.targets import existing
from diagnose.core.errors import DiagnoseError
from diagnose.core.values import LEVELS, Severity
from diagnose.report.figures import counted
from diagnose.report.formats import formats
from diagnose.report.spans import plain, text_of

if TYPE_CHECKING:
    from diagnose.verdict.judgement import Change
    from diagnose.verdict.next.next_config import NextConfig
    from diagnose.verdict.report import Report

_YAML, _JSON = (".yaml", ".yml"), (".json", ".jsonc")
_SPLIT = """write two configs, NEXT.high.yaml and NEXT.low.yaml, that train an expert each at a rate of its own:
for a trainer that has one rate for both in one run"""


def add_next(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `next`."""
    parser.add_argument("source", metavar="RUN_DIR|CONFIG", type=Path)
    add_place(parser, "write the config there", "NEXT.yaml")
    parser.add_argument("--split", action="store_true", help=_SPLIT)
    parser.add_argument("--format", choices=formats(), help="print the report that explains the config instead of it")
    parser.add_argument(
        "--fail-on",
        choices=LEVELS,
        default=Severity.CRITICAL.value,
        help="end with status 1 where a pre-flight of the next config would still find that; default: critical",
    )
    add_judging(parser)
    add_machine(parser)
    parser.set_defaults(run=write_next, open=False, full=False)


def write_next(options: argparse.Namespace) -> int:
    """Write the next config, or with --split the two; without -o and --format, print the one.

    The status is that of a pre-flight of what was written: 1 where it would still be stopped.
    """
    from diagnose.api import next_config  # noqa: PLC0415 - asking for help does not wait for it
    from diagnose.verdict.gate import reaches  # noqa: PLC0415 - as above

    source = existing(options.source)
    _check_places(source, options)
    if options.split and options.output is None and options.format is None:
        raise DiagnoseError("--split: two configs need -o NEXT.yaml; they become NEXT.high.yaml and NEXT.low.yaml")
    settings = replace(settings_of(options), split=options.split)
    with working("working out the next config"):
        report = next_config(source_of(source), settings, measure=follow_with_progress)
    plan = report.next
    for conflict in plan.conflicts:
        warn(f"diagnose: {conflict.path} is left as it is: the rules disagree about it")
    if options.output is not None:
        files = _files(plan, options)
        for path, _, _ in files:
            check_output(path, inputs=[*inputs_of(source), *options.rules], force=options.force)
        for path, text, changes in files:
            write_marked(path, text, "yaml")
            tell(f"wrote {path} ({_changed(changes)})")
        _tell_what_is_left(report)
    if options.format is not None:
        options.output = None
        hand_over(report, options.format, options)
    elif options.output is None:
        deliver(_text(plan, options), "yaml", None)
    return int(any(reaches(fault.severity, options.fail_on) for fault in plan.standing))


def _check_places(source: Path, options: argparse.Namespace) -> None:
    """Refuse, before the work, a place that no config may be written to.

    Raises:
        DiagnoseError: the ending is of no config, or the file must not be written to.
    """
    output: Path | None = options.output
    if output is None:
        return
    endings = _JSON if source.suffix.lower() in _JSON else _YAML
    if output.suffix and output.suffix.lower() not in endings:
        raise DiagnoseError(
            f"-o {output}: the next config has the format of this one, {' or '.join(endings)}; "
            "for a report, leave -o out and add --format"
        )
    if not options.split:  # which files those of a split are, the plan says
        check_output(output, inputs=[*inputs_of(source), *options.rules], force=options.force)


def _files(plan: NextConfig, options: argparse.Namespace) -> list[tuple[Path, str, tuple[Change, ...]]]:
    """Return what to write where, with the keys that change there."""
    from diagnose.verdict.next.next_config import edits  # noqa: PLC0415 - as above

    if not plan.configs:
        return [(options.output, _text(plan, options), plan.written)]
    return [(_beside(options.output, each.expert), each.config, edits(each.changes)) for each in plan.configs]


def _changed(changes: tuple[Change, ...]) -> str:
    return f"{counted(len(changes), 'key', 'keys')} changed" if changes else "no key changed: your config as it was"


def _tell_what_is_left(report: Report) -> None:
    """List what only the user can change, and name what would still stop the run."""
    from diagnose.report.sections.config_tables import needs_in_words  # noqa: PLC0415 - as above
    from diagnose.report.sections.next_run_steps import questions  # noqa: PLC0415 - as above
    from diagnose.report.wording import still_at_fault  # noqa: PLC0415 - as above
    from diagnose.verdict.next.next_config import left_to_the_user  # noqa: PLC0415 - as above

    plan = report.next
    needed = needs_in_words(plan.needs) if plan.needs is not None else ""
    if needed:
        tell(f"it needs {needed}")
    for question in questions(report):
        tell(f"diagnose: {text_of(question)}")
    left = left_to_the_user(plan.changes)
    if left:
        tell(f"also do by hand ({len(left)}):")
    for change in left:
        tell(f"  - {plain(change.because if not change.path else f'{change.path}: {change.because}')}")
    if plan.stopped_by:
        warn(f"diagnose: {still_at_fault(plan)}")


def _beside(path: Path, word: str) -> Path:
    """Return the path with a word before its suffix."""
    return path.with_name(f"{path.stem}.{word}{path.suffix}")


def _text(plan: NextConfig, options: argparse.Namespace) -> str:
    if plan.config is None:
        raise DiagnoseError(f"{options.source}: no next config: {plan.note}")
    return plan.config
