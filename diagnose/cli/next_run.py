"""`diagnose next RUN_DIR|CONFIG`: the config to start now, with the reasons for every change."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from diagnose import api
from diagnose.cli.options import FORMATS, add_judging, settings_of
from diagnose.cli.output import hand_over, refuse_inside, write_whole
from diagnose.errors import DiagnoseError
from diagnose.paths import is_folder
from diagnose.verdict.planned import NextConfig

_SPLIT = """write two configs, NEXT.high.yaml and NEXT.low.yaml, that train an expert each at a rate of its own:
for upstream ai-toolkit, which has one rate for both in one run"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("next", help="write the config for the next run")
    parser.add_argument("source", metavar="RUN_DIR|CONFIG", type=Path)
    parser.add_argument("-o", "--output", metavar="NEXT.yaml", type=Path, help="write the config there")
    parser.add_argument("--split", action="store_true", help=_SPLIT)
    parser.add_argument("--format", choices=FORMATS, help="print the report that explains the config instead of it")
    add_judging(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the next config, or with --split the two; without -o and --format, print the one."""
    if is_folder(options.source):
        refuse_inside(options.output, options.source)
    if options.split and options.output is None and options.format is None:
        raise DiagnoseError("--split: two configs need -o NEXT.yaml; they become NEXT.high.yaml and NEXT.low.yaml")
    report = api.next_config(options.source, replace(settings_of(options), split=options.split))
    plan = report.next
    for conflict in plan.conflicts:
        print(f"diagnose: {conflict.path} is left as it is: the rules disagree about it", file=sys.stderr)
    if options.output is not None:
        for path, text, count in _files(plan, options):
            write_whole(path, text)
            print(f"wrote {path} ({count} changes)", file=sys.stderr)
    if options.format is not None:
        hand_over(report, options.format, None)
    elif options.output is None:
        sys.stdout.write(_text(plan, options))
    return 0


def _files(plan: NextConfig, options: argparse.Namespace) -> list[tuple[Path, str, int]]:
    """Return what to write where, with the number of changes."""
    if not plan.configs:
        return [(options.output, _text(plan, options), len(plan.changes))]
    return [(_beside(options.output, each.expert.value), each.config, len(each.changes)) for each in plan.configs]


def _beside(path: Path, word: str) -> Path:
    """Return the path with a word before its suffix."""
    return path.with_name(f"{path.stem}.{word}{path.suffix}")


def _text(plan: NextConfig, options: argparse.Namespace) -> str:
    if plan.config is None:
        raise DiagnoseError(f"{options.source}: no next config: {plan.note}")
    return plan.config
