"""What a name given to `explain` means: a rule, a claim, a fact, a conclusion, a recipe, a threshold or a rival."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from enum import Enum

from diagnose.core.errors import DiagnoseError
from diagnose.rulebase.base import RuleBase

_CLAIM = re.compile(r"([A-Za-z]{2,4})[-_ ]?([0-9]{1,2})")


class Kind(Enum):
    """What can be explained, in the order in which a name is looked up."""

    RULE = "rule"
    CLAIM = "claim"
    FACT = "fact"
    CONCLUSION = "conclusion"
    RECIPE = "recipe"
    THRESHOLD = "threshold"
    RIVAL = "rival explanation"


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
    raise DiagnoseError(f"{name}: nothing has this name{_nearest(name, base)}")


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
    }


def _own_thresholds(base: RuleBase) -> list[str]:
    shared = base.knowledge.parameters
    return [f"{rule.name}.{param.name}" for rule in base.rules for param in rule.params if param.name not in shared]


def _same(names: Iterable[str]) -> dict[str, str]:
    return {name: name for name in names}


def _spellings(name: str) -> list[str]:
    """The name folded, without its subject; and as a claim's id, where it looks like one."""
    found = [_folded(name.partition("@")[0])]
    if claim := _CLAIM.fullmatch(name.strip()):
        found.append(_folded(f"{claim[1]}-{int(claim[2]):02d}"))
    return found


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "-", name.strip().lower())


def _nearest(name: str, base: RuleBase) -> str:
    names = {_folded(each): each for kind in _names(base).values() for each in kind}
    near = get_close_matches(_folded(name), names, n=3, cutoff=0.6)
    return f"; did you mean {', '.join(names[each] for each in near)}?" if near else "; see diagnose rules list"
