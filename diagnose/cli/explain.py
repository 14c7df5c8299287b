"""`diagnose explain NAME [--run RUN_DIR|CONFIG]`: what it says, and with a run why it fired, or why not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from diagnose import api
from diagnose.cli.explaining.claim import claim_lines
from diagnose.cli.explaining.fact import conclusion_lines, fact_lines
from diagnose.cli.explaining.names import Kind, find
from diagnose.cli.explaining.others import recipe_lines, rival_lines, threshold_lines
from diagnose.cli.explaining.rule import rule_lines
from diagnose.cli.options import add_judging, settings_of
from diagnose.rulebase.base import RuleBase
from diagnose.verdict.consult import Consultation


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("explain", help="explain a rule, a claim or a fact; with a run: why, or why not")
    parser.add_argument(
        "name",
        metavar="RULE|CLAIM|FACT",
        help="lr-ratio-too-small, LRN001, WGT-02, weights.ratio; also a recipe, a threshold or a rival explanation",
    )
    parser.add_argument(
        "--run", dest="source", metavar="RUN_DIR|CONFIG", type=Path, help="hold it against this run, or this config"
    )
    add_judging(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the explanation.

    Raises:
        DiagnoseError: nothing has the name, or the run cannot be read.
    """
    settings = settings_of(options)
    base = api.rule_base(settings)
    kind, name = find(options.name, base)  # a slip in the name is told before a run is measured
    held = api.understand(options.source, settings) if options.source else None
    sys.stdout.write("\n".join(KINDS[kind](name, base, held)) + "\n")
    return 0


Explain: TypeAlias = "Callable[[str, RuleBase, Consultation | None], Iterator[str]]"

KINDS: Mapping[Kind, Explain] = {
    Kind.RULE: rule_lines,
    Kind.CLAIM: claim_lines,
    Kind.FACT: fact_lines,
    Kind.CONCLUSION: conclusion_lines,
    Kind.RECIPE: recipe_lines,
    Kind.THRESHOLD: threshold_lines,
    Kind.RIVAL: rival_lines,
}
"""What to say about each kind of thing, given its name as `find` returns it."""
