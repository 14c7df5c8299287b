"""The next run as two, an expert each: what changes in which of the two configs, and what to know of such a pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagnose.report.escape import code, prose
from diagnose.report.tables import table
from diagnose.report.wording import EXPERT, bullets, setting
from diagnose.rulebase.knowledge import SPLIT, PlanItem
from diagnose.rulebase.rule import ChangeOp
from diagnose.verdict.judgement import Change
from diagnose.verdict.next.next_config import ExpertConfig

UNCHANGED = "as it is"


def two_runs(configs: Sequence[ExpertConfig]) -> list[str]:
    """The changes of both configs in one table."""
    header = ["Key", "From", *(f"To, for the {EXPERT[each.expert]}" for each in configs), "Why"]
    rows = [
        [code(path), setting(first.old), *(_to(change_of(each, path)) for each in configs), prose(first.because)]
        for path, first in by_path(configs)
    ]
    return [table(header, rows), *_names(configs)]


def about_pairs(plan: Sequence[PlanItem]) -> list[str]:
    """What must be known of training the experts apart; nothing where they are trained together."""
    items = [item for item in plan if item.part == SPLIT]
    lines = bullets(f"{prose(item.says)} ({', '.join(item.claims)})" for item in items)
    return ["**One expert at a time: what to know.**", lines] if items else []


def by_path(configs: Sequence[ExpertConfig]) -> Iterator[tuple[str, Change]]:
    """Yield every key that changes in either config, once, with its first change."""
    seen: dict[str, Change] = {}
    for each in configs:
        for change in each.changes:
            seen.setdefault(change.path, change)
    yield from seen.items()


def change_of(config: ExpertConfig, path: str) -> Change | None:
    """Return what becomes of a key in a config; None where it stays as it is."""
    return next((change for change in config.changes if change.path == path), None)


def _to(change: Change | None) -> str:
    if change is None:
        return UNCHANGED
    return "removed" if change.op is ChangeOp.REMOVE else setting(change.new)


def _names(configs: Sequence[ExpertConfig]) -> list[str]:
    if all(each.name is not None for each in configs):
        return []
    return ["The config has no name: start each run under one of its own, or the two write into one folder."]
