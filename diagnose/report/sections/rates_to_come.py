"""The learning rates to expect: with these settings, and with this config beside the next."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from diagnose.facts.outlook.forecast import ForecastPoint
from diagnose.report.blocks import Block, drop_empty_columns, heading, paragraph, table
from diagnose.report.figures import Kind, between, figure
from diagnose.report.spans import Line, capital, join, line, prose, strong
from diagnose.verdict.next.next_config import NextConfig, Outlook, Reach
from diagnose.verdict.report import Report

MOST_ROWS = 6
_RATES = ("High LR", "Low LR", "Ratio high/low", "90 % range")
_FORECAST = ("Steps trained", *_RATES)
_OUTLOOK = ("Config", "At step", *_RATES, "Reaches target at step")


def forecast(report: Report) -> list[Block]:
    """What the rates will do, or were to do, under these settings, and what was assumed; nothing where unknown."""
    expected = report.forecast
    if expected is None:
        return []
    assumed = paragraph("Assumed: ", join(" ", map(capital, expected.assumptions)))
    return [heading(2, "Learning-rate forecast"), _course(expected.points), assumed]


def _course(points: Sequence[ForecastPoint]) -> Block:
    """Return a few of the points as a table; where the experts have the same settings, a sentence says it all."""
    last = points[-1]
    if all(point.lr_high == point.lr_low for point in points):
        rate = figure(last.lr_high, Kind.RATE)
        same = "Both experts have the same settings, so the LR ratio high/low stays 1; "
        return paragraph(f"{same}the rate is {rate} at step {last.step}.")
    rows = [
        [
            figure(point.step, Kind.COUNT),
            figure(point.lr_high, Kind.RATE),
            figure(point.lr_low, Kind.RATE),
            figure(point.lr_ratio, Kind.RATIO),
            between(point.band, Kind.RATIO),
        ]
        for point in _few(points)
    ]
    return table(_FORECAST, rows, numbers_from=0)


def _few(points: Sequence[ForecastPoint]) -> Sequence[ForecastPoint]:
    """Return at most MOST_ROWS points, evenly spread, the last among them; JSON has them all."""
    stride = -(-len(points) // MOST_ROWS)
    return points[::-1][::stride][::-1]


def outlook(plan: NextConfig) -> list[Block]:
    """The answer in a sentence, and this config beside the next one of either strategy; nothing without a config."""
    chosen = plan.expected
    if chosen is None:
        return []
    this, *nexts = plan.outlook
    lead = strong("Expected learning rates.")
    blocks: list[Block] = [paragraph(lead, " ", _answer(this, chosen, plan))]
    if any(rate is not None for each in plan.outlook for rate in each.lr.values()):
        rows = [_row(each, name) for name, each in _named(this, nexts)]
        blocks.append(table(*drop_empty_columns(_OUTLOOK, rows, ""), numbers_from=1))
    return blocks


def expected_ratios(plan: NextConfig) -> str:
    """Say in a few words which ratio is wanted, and what the next config is expected to come to."""
    wanted, chosen = plan.lr_ratio_wanted, plan.expected
    target = f"target {between(wanted, Kind.OTHER)}" if wanted else ""
    ratio = chosen.lr_ratio if chosen is not None and plan.improves else None
    return ", ".join(filter(None, [target, f"next config {figure(ratio, Kind.RATIO)}" if ratio is not None else ""]))


def _named(this: Outlook, nexts: Sequence[Outlook]) -> list[tuple[str, Outlook]]:
    """Name the rows, one for both strategies where they come to the same."""
    if any(replace(each, config=nexts[0].config) != nexts[0] for each in nexts):
        return [(this.config, this), *((f"next, {each.config}", each) for each in nexts)]
    return [(this.config, this), ("next, either strategy", nexts[0])]


def _answer(this: Outlook, chosen: Outlook, plan: NextConfig) -> Line:
    """Say what this config comes to, what the next one does, and that it misses where it does."""
    unchanged = plan.diff is None and not plan.configs
    same = (this.step, this.lr_ratio, this.note) == (chosen.step, chosen.lr_ratio, chosen.note)
    whose = "this config" if unchanged or not same else "this config and the next"
    sentences = [line(f"With {whose}, the LR ratio high/low ", _ratio(this, plan), ".")]
    if not same:
        sentences.append(line(f"With the next {'two' if plan.configs else 'one'}, it ", _ratio(chosen, plan), "."))
    missing = [each for each in plan.outlook[1:] if each.reach in {Reach.UNDER, Reach.OVER}]
    if len(missing) == len(plan.outlook[1:]):
        sentences.append(strong("Neither strategy hits the target."))
    elif missing:
        missed = "stays under" if missing[0].reach is Reach.UNDER else "goes over"
        sentences.append(strong(f"The {missing[0].config} strategy {missed} the target."))
    return join(" ", sentences)


def _ratio(each: Outlook, plan: NextConfig) -> Line:
    if each.lr_ratio is None:
        return line("is unknown: ", prose(each.note))
    ratio = figure(each.lr_ratio, Kind.RATIO)
    value = f"stays {ratio}" if each.step is None else f"is about {ratio} at step {each.step}"
    because = line(" (", prose(each.note), ")") if each.note else ()
    return line(value, _reach(each, plan), because)


def _reach(each: Outlook, plan: NextConfig) -> str:
    if each.reach is None or plan.lr_ratio_wanted is None:
        return ""
    return f", {each.reach.value} the target of {between(plan.lr_ratio_wanted, Kind.OTHER)}"


def _row(each: Outlook, name: str) -> list[str]:
    return [
        name,
        figure(each.step, Kind.COUNT, ""),
        *(figure(rate, Kind.RATE, "") for rate in each.lr.values()),
        figure(each.lr_ratio, Kind.RATIO),
        between(each.band, Kind.RATIO) if each.band else "",
        figure(each.wanted_from, Kind.COUNT, ""),
    ]
