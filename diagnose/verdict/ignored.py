"""Rules that the user ignores: their findings count for nothing, and the report names them with the user's reason."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from diagnose.core.errors import DiagnoseError, nearest
from diagnose.core.values import Place, Severity
from diagnose.rulebase.base import RuleBase
from diagnose.verdict.consult import Consultation


class Wish(Struct, frozen=True):
    """What the user said of one rule: why it is ignored, "" for no reason, and where that was said."""

    reason: str
    source: Place | None = None


class Ignored(Struct, frozen=True):
    """A finding there would be if its rule were not ignored."""

    name: str
    rule: str
    subject: str
    severity: Severity
    title: str
    message: str
    reason: str
    source: Place | None


def ignored_rules(base: RuleBase, ignore: Mapping[str, str], places: Mapping[str, Place]) -> dict[str, Wish]:
    """Return what the user said of each ignored rule, by the rule's id.

    Args:
        base: the rules.
        ignore: the reason by a rule's id or name.
        places: where each was said, by the name that was given.

    Raises:
        DiagnoseError: no rule has such a name.
    """
    known = {key.lower(): rule.id for rule in base.rules for key in (rule.id, rule.name)}
    found = {}
    for name, reason in ignore.items():
        if name.lower() not in known:
            at = f"{places[name]}: " if name in places else ""
            raise DiagnoseError(f"{at}ignore {name}: no rule has this id or name{nearest(name, known)}")
        found[known[name.lower()]] = Wish(reason, places.get(name))
    return found


def ignored_findings(held: Consultation, wishes: Mapping[str, Wish]) -> tuple[Ignored, ...]:
    """Return the findings of ignored rules, worst first, where `held` still has these rules."""
    found = [(each, wishes[each.rule]) for each in held.findings() if each.rule in wishes]
    return tuple(
        Ignored(f.name, f.rule, f.subject, f.severity, f.title, f.message, wish.reason, wish.source)
        for f, wish in found
    )
