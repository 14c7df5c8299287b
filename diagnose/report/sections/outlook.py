"""What the learning rates come to under this config and the next, and whether that is the ratio wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diagnose.report.escape import prose
from diagnose.report.figures import Kind, figure
from diagnose.report.tables import drop_empty_columns, table
from diagnose.verdict.next.next_config import NextConfig, Outlook, Reach

_HEADER = ("Config", "At step", "High LR", "Low LR", "Ratio high/low", "Nine in ten within", "Wanted ratio from step")


def outlook(plan: NextConfig) -> list[str]:
    """The answer in a sentence, and this config beside the next one of either strategy; nothing without a config."""
    if not plan.outlook:
        return []
    this, *nexts = plan.outlook
    chosen = next(each for each in nexts if each.config == plan.strategy)
    blocks = ["**What the learning rates come to.** " + _answer(this, chosen, plan)]
    if any(rate is not None for each in plan.outlook for rate in each.lr.values()):
        rows = [_row(each, name) for name, each in _named(this, nexts)]
        blocks.append(table(*drop_empty_columns(_HEADER, rows, ""), numbers_from=1))
    return blocks


def _named(this: Outlook, nexts: Sequence[Outlook]) -> list[tuple[str, Outlook]]:
    """Name the rows, one for both strategies where they come to the same."""
    if any(replace(each, config=nexts[0].config) != nexts[0] for each in nexts):
        return [(this.config, this), *((f"next, {each.config}", each) for each in nexts)]
    return [(this.config, this), ("next, either strategy", nexts[0])]


def _answer(this: Outlook, chosen: Outlook, plan: NextConfig) -> str:
    """Say what this config comes to, what the next one does, and that it misses where it does."""
    unchanged = plan.diff is None and not plan.configs
    same = (this.step, this.lr_ratio, this.note) == (chosen.step, chosen.lr_ratio, chosen.note)
    whose = "this config" if unchanged or not same else "this config and with the next"
    sentences = [f"With {whose} the ratio high/low {_ratio(this, plan)}."]
    if not same:
        sentences.append(f"With the next {'two' if plan.configs else 'one'} it {_ratio(chosen, plan)}.")
    missing = [each for each in plan.outlook[1:] if each.reach in {Reach.UNDER, Reach.OVER}]
    if len(missing) == len(plan.outlook[1:]):
        sentences.append("**Neither strategy comes to the ratio that motion wants.**")
    elif missing:
        missed = "falls short of" if missing[0].reach is Reach.UNDER else "overshoots"
        sentences.append(f"**The {missing[0].config} strategy {missed} the ratio that motion wants.**")
    return " ".join(sentences)


def _ratio(each: Outlook, plan: NextConfig) -> str:
    if each.lr_ratio is None:
        return f"cannot be told: {prose(each.note)}"
    ratio = figure(each.lr_ratio, Kind.RATIO)
    value = f"is {ratio} throughout" if each.step is None else f"comes to about {ratio} at step {each.step}"
    because = f" ({prose(each.note)})" if each.note else ""
    return f"{value}{_reach(each, plan)}{because}"


def _reach(each: Outlook, plan: NextConfig) -> str:
    if each.reach is None or plan.lr_ratio_wanted is None:
        return ""
    lowest, highest = (figure(bound, Kind.OTHER) for bound in plan.lr_ratio_wanted)
    return {
        Reach.UNDER: f", under the {lowest} that motion wants",
        Reach.WITHIN: f", within the {lowest} to {highest} that motion wants",
        Reach.OVER: f", over the {highest} that motion wants at most",
    }[each.reach]


def _row(each: Outlook, name: str) -> list[str]:
    band = f"{figure(each.band[0], Kind.RATIO)} to {figure(each.band[1], Kind.RATIO)}" if each.band else ""
    return [
        name,
        figure(each.step, Kind.COUNT, ""),
        *(figure(rate, Kind.RATE, "") for rate in each.lr.values()),
        figure(each.lr_ratio, Kind.RATIO),
        band,
        figure(each.wanted_from, Kind.COUNT, ""),
    ]
