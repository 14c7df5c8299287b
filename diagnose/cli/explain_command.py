"""`diagnose explain NAME [--run RUN_DIR|CONFIG]`: what it says, and with a run why it fired, or why not."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from diagnose.cli.explain_crash import crash_lines
from diagnose.cli.explain_knowledge import (
    claim_lines,
    conclusion_lines,
    fact_lines,
    recipe_lines,
    rival_lines,
    term_lines,
    threshold_lines,
)
from diagnose.cli.explain_rule import rule_lines
from diagnose.cli.messages import printed
from diagnose.cli.options import add_judging, settings_of
from diagnose.cli.progress import follow_with_progress, working
from diagnose.cli.targets import existing
from diagnose.core.errors import DiagnoseError, nearest
from diagnose.settings import rule_base

if TYPE_CHECKING:
    from diagnose.rulebase.base import RuleBase
    from diagnose.verdict.consult import Consultation


def add_explain(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `explain`."""
    parser.add_argument(
        "name",
        metavar="RULE|CLAIM|FACT|TERM",
        help="lr-ratio-too-small, LRN001, WGT-02, weights.ratio; also a recipe, a threshold, a rival explanation, a "
        "kind of crash such as oom-vram, or a term such as 'update norm'",
    )
    parser.add_argument(
        "--run", dest="source", metavar="RUN_DIR|CONFIG", type=Path, help="hold it against this run, or this config"
    )
    add_judging(parser)
    parser.set_defaults(run=explain)


def explain(options: argparse.Namespace) -> int:
    """Print the explanation.

    Raises:
        DiagnoseError: nothing has the name, or the run cannot be read.
    """
    settings = settings_of(options)
    base = rule_base(settings)
    kind, name = find(options.name, base)  # a slip in the name is told before a run is measured
    held = None
    if options.source:
        from diagnose.api import understand  # noqa: PLC0415 - loads what reads a run
        from diagnose.cli.judge_commands import source_of  # noqa: PLC0415 - as above

        with working("judging"):
            held = understand(source_of(existing(options.source)), settings, measure=follow_with_progress)
    print(printed("\n".join(KINDS[kind](name, base, held))))
    return 0


class Kind(Enum):
    """What can be explained, in the order in which a name is looked up."""

    RULE = "rule"
    CLAIM = "claim"
    FACT = "fact"
    CONCLUSION = "conclusion"
    RECIPE = "recipe"
    THRESHOLD = "threshold"
    RIVAL = "rival explanation"
    CRASH = "kind of crash"
    TERM = "term"


Explain: TypeAlias = "Callable[[str, RuleBase, Consultation | None], Iterator[str]]"

KINDS: Mapping[Kind, Explain] = {
    Kind.RULE: rule_lines,
    Kind.CLAIM: claim_lines,
    Kind.FACT: fact_lines,
    Kind.CONCLUSION: conclusion_lines,
    Kind.RECIPE: recipe_lines,
    Kind.THRESHOLD: threshold_lines,
    Kind.RIVAL: rival_lines,
    Kind.CRASH: crash_lines,
    Kind.TERM: term_lines,
}
"""What to say about each kind of thing, given its name as `find` returns it."""


def find(name: str, base: RuleBase) -> tuple[Kind, str]:
    """Return the kind and the exact name of what is meant: a rule by its id, all else by its key.

    Case does not matter, and spaces, hyphens and underscores are one: "Low noise overpowering", "wgt_2". A rule's own
    threshold needs no rule before it where no other rule has one of its name.

    Raises:
        DiagnoseError: nothing has this name, or several rules' thresholds have; the nearest, or all of them, are given.
    """
    for kind, names in _names(base).items():
        known = {_folded(each): key for each, key in names.items()}
        for spelling in _spellings(name):
            if spelling in known:
                return kind, known[spelling]
    own = sorted(each for each in _own_thresholds(base) if _folded(each.partition(".")[2]) == _folded(name))
    if len(own) == 1:
        return Kind.THRESHOLD, own[0]
    if own:
        raise DiagnoseError(f"{name}: {len(own)} rules have a threshold of this name; write {' or '.join(own)}")
    every = [each for names in _names(base).values() for each in names]
    raise DiagnoseError(f"{name}: nothing has this name{nearest(name, every) or '; see diagnose rules list'}")


def _names(base: RuleBase) -> dict[Kind, dict[str, str]]:
    """What every kind is called, with its exact name."""
    knowledge = base.knowledge
    return {
        Kind.RULE: {name: rule.id for rule in base.rules for name in (rule.id, rule.name)},
        Kind.CLAIM: _same(knowledge.claims),
        Kind.FACT: _same(knowledge.facts),
        Kind.CONCLUSION: _same(name for rule in base.rules for name in rule.derives),
        Kind.RECIPE: _same(knowledge.recipes),
        Kind.THRESHOLD: _same([*knowledge.parameters, *_own_thresholds(base)]),
        Kind.RIVAL: _same(knowledge.rivals),
        Kind.CRASH: _same(knowledge.crashes),
        Kind.TERM: _same(knowledge.glossary),
    }


def _own_thresholds(base: RuleBase) -> list[str]:
    shared = base.knowledge.parameters
    return [f"{rule.name}.{param.name}" for rule in base.rules for param in rule.params if param.name not in shared]


def _same(names: Iterable[str]) -> dict[str, str]:
    return {name: name for name in names}


def _spellings(name: str) -> list[str]:
    """The name folded, without its subject; and as a claim's id, where it looks like one."""
    found = [_folded(name.partition("@")[0])]
    if claim := re.fullmatch(r"([A-Za-z]{2,4})[-_ ]?([0-9]{1,2})", name.strip()):
        found.append(_folded(f"{claim[1]}-{int(claim[2]):02d}"))
    return found


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "-", name.strip().lower())
