"""The report on one screen: verdict, what matters first, the experts, what changes, counts of the rest."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from diagnose.core.model import Severity
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.weights.steps import in_words
from diagnose.report.escape import plain, spoken
from diagnose.report.figures import NOT_LOGGED, UNKNOWN, Kind, counted, exact, figure
from diagnose.report.priorities import highlights, others
from diagnose.report.sections.actions import NOTHING, steps
from diagnose.report.sections.checklist import counts
from diagnose.report.sections.opening import outcome, tally
from diagnose.report.sections.supposed import hangs_on_it
from diagnose.report.sections.two_runs import by_path, change_of
from diagnose.report.wording import SEVERITY, STATUS
from diagnose.rulebase.rule import ChangeOp
from diagnose.verdict.judgement import Change
from diagnose.verdict.next.next_config import NextConfig
from diagnose.verdict.report import Report
from diagnose.verdict.run_tables import ExpertFigures
from diagnose.verdict.stories import Status, Story

_HEIGHT = 50
_MOST_CHANGES = 12
_MOST_STEPS = 6
_STATUS_STYLE = {
    Status.HEALTHY: "bold green",
    Status.ATTENTION: "bold yellow",
    Status.FAILING: "bold red",
    Status.BLOCKED: "bold red",
}
_SEVERITY_STYLE = {
    Severity.BLOCKER: "bold red",
    Severity.CRITICAL: "bold red",
    Severity.MAJOR: "bold yellow",
    Severity.MINOR: "yellow",
}


def to_terminal(report: Report, *, width: int, color: bool) -> str:
    """Return the summary, `width` columns wide; without `color` it holds no escape sequence at all."""
    console = Console(
        file=StringIO(),
        width=width,
        height=_HEIGHT,
        force_terminal=color,
        force_jupyter=False,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
        _environ={},
    )
    with console.capture() as captured:
        console.print(Group(*_screen(report)))
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def _screen(report: Report) -> Iterable[RenderableType]:
    shown = highlights(report)
    yield _verdict(report)
    yield from _set(report)
    yield Text(spoken(" · ".join(tally(report))), style="dim")
    yield from _supposed(report)
    yield Text()
    yield from _steps(report)
    for index, story in enumerate(shown, start=1):
        yield from _finding(index, story)
    if report.checklist:
        yield Text(f"checklist: {', '.join(counts(report))}")
    else:
        yield _experts(report)
    yield _ratios(report)
    yield from _keep(report)
    yield Text()
    yield from _changes(report)
    yield Text(_rest(report, len(others(report, shown))), style="dim")


def _verdict(report: Report) -> Text:
    verdict = report.verdict
    stop = "" if verdict.headline.endswith(".") else "."
    return Text.assemble(
        (plain(report.run.name) or "unnamed run", "bold"),
        "  ",
        (STATUS[verdict.status].upper(), _STATUS_STYLE[verdict.status]),
        "  ",
        plain(verdict.headline),
        f"{stop} {spoken(meaning)}" if (meaning := outcome(report)) else "",
    )


def _steps(report: Report) -> Iterable[RenderableType]:
    """The list of the page, in the same words."""
    yield Text("What to do now", style="bold")
    items = steps(report)
    if not items:
        yield Text(f"   {NOTHING}")
    for index, item in enumerate(items[:_MOST_STEPS], start=1):
        yield Padding(Text(f"{index}. {spoken(item)}"), (0, 0, 0, 3))
    if len(items) > _MOST_STEPS:
        yield Text(f"   and {len(items) - _MOST_STEPS} more")
    yield Text()


def _supposed(report: Report) -> Iterable[RenderableType]:
    """Say what each answer to --intent would add, where nothing tells the intent."""
    hanging = hangs_on_it(report)
    if hanging:
        yield Text(f"intent unknown: {spoken(hanging)}")


def _set(report: Report) -> Iterable[RenderableType]:
    """Name the thresholds that the user set, each with the value it stands in place of."""
    own = [
        f"{param.name} {exact(param.value)} (was {exact(param.replaced)})"
        for param in report.parameters
        if param.overridden
    ]
    if own:
        yield Text(f"set by you: {plain(', '.join(own))}")


def _finding(index: int, story: Story) -> Iterable[RenderableType]:
    item = story.head
    label = (SEVERITY[item.severity].lower(), _SEVERITY_STYLE.get(item.severity, ""))
    yield Text.assemble(f"{index}. ", label, "  ", (plain(item.title), "bold"))
    yield Padding(Text(plain(item.message)), (0, 0, 0, 3))
    for how, members in (("likely cause: ", story.causes), ("explains ", story.explained)):
        for each in members:
            line = Text.assemble(how, (each.severity.value, _SEVERITY_STYLE.get(each.severity, "")))
            yield Padding(line.append(f"  {plain(each.title)}"), (0, 0, 0, 3))
    yield Text()


def _experts(report: Report) -> Table:
    figures = dict(report.experts)
    grid = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    grid.add_column("")
    grid.add_column("high noise", justify="right")
    grid.add_column("low noise", justify="right")
    pair = [figures.get(expert) for expert in Expert]
    grid.add_row("learning rate, last", *(_cell(e, "lr_last", Kind.RATE, _no_rate(report)) for e in pair))
    grid.add_row("loss, mean", *(_cell(e, "loss_mean", Kind.LOSS) for e in pair))
    grid.add_row("weight magnitude", *(_cell(e, "magnitude", Kind.MAGNITUDE) for e in pair))
    grid.add_row("growth, late", *(_cell(e, "growth", Kind.GROWTH) for e in pair))
    return grid


def _no_rate(report: Report) -> str:
    """Say what stands in place of an expert's own rate: that of a log which mixes them, or nothing."""
    mixed = report.lr_shared_last
    return NOT_LOGGED if mixed is None else f"{figure(mixed, Kind.RATE)} (mixed)"


def _ratios(report: Report) -> Text:
    rates = report.lr_ratio
    declared = f"declared {figure(rates.declared, Kind.RATIO)}, in effect {figure(rates.effective, Kind.RATIO)}"
    if report.checklist:
        return Text(f"LR high/low: {declared}")
    weights = next((row.weight_ratio for row in reversed(report.checkpoints) if row.weight_ratio is not None), None)
    return Text(
        f"high/low: LR {figure(rates.observed_last, Kind.RATIO, NOT_LOGGED)} "
        f"({declared}), weights {figure(weights, Kind.RATIO)}"
    )


def _keep(report: Report) -> Iterable[RenderableType]:
    choice = report.evolution.keep if report.evolution is not None else None
    if choice is not None and choice.nothing:
        yield Text(f"to keep: none, {plain(choice.nothing)}")
    if choice is not None and choice.steps:
        equal = ", equals" if len(choice.steps) > 1 else ""
        yield Text(f"to keep: {in_words(choice.steps, choice.saved)}{equal}")


def _cell(expert: ExpertFigures | None, name: str, kind: Kind, unknown: str = UNKNOWN) -> str:
    return figure(getattr(expert, name) if expert else None, kind, unknown)


def _changes(report: Report) -> Iterable[RenderableType]:
    plan = report.next.shown
    lines = list(_pair(plan)) if plan.configs else [_change(c) for c in plan.changes if c.op is not ChangeOp.ADVISE]
    if not lines or not plan.improves:
        return
    yield Text("Next two runs, an expert each" if plan.configs else "Next run", style="bold")
    if plan.outlook:
        yield Padding(Text(_outlook(plan)), (0, 0, 0, 3))
    for line in lines[:_MOST_CHANGES]:
        yield Padding(Text(line), (0, 0, 0, 3))
    if len(lines) > _MOST_CHANGES:
        yield Text(f"   and {len(lines) - _MOST_CHANGES} more")
    for conflict in plan.conflicts:
        yield Text(f"   {plain(conflict.path)}: rules disagree, left as it is")
    yield Text()


def _pair(plan: NextConfig) -> Iterable[str]:
    """Yield a line for each key of two configs: one value where both agree, else one for each expert."""
    for path, first in by_path(plan.configs):
        each = [(config.expert, change_of(config, path)) for config in plan.configs]
        ends = [(expert, exact(first.old) if edit is None else _end(edit)) for expert, edit in each]
        same = len({end for _, end in ends}) == 1
        to = ends[0][1] if same else ", ".join(f"{expert} {end}" for expert, end in ends)
        yield f"{plain(path)}: {exact(first.old)} -> {to}"


def _end(edit: Change) -> str:
    return "removed" if edit.op is ChangeOp.REMOVE else exact(edit.new)


def _outlook(plan: NextConfig) -> str:
    """Set the ratios side by side: this config's, and the next one's under either strategy."""
    ratios = [f"{each.config} {figure(each.lr_ratio, Kind.RATIO)}" for each in plan.outlook]
    wanted = plan.lr_ratio_wanted
    range_ = f"; wanted {figure(wanted[0], Kind.OTHER)} to {figure(wanted[1], Kind.OTHER)}" if wanted else ""
    return f"LR high/low to expect: {', '.join(ratios)}{range_}"


def _change(edit: Change) -> str:
    if edit.op is ChangeOp.REMOVE:
        return f"{plain(edit.path)}: removed (was {exact(edit.old)})"
    return f"{plain(edit.path)}: {exact(edit.old)} -> {exact(edit.new)}"


def _rest(report: Report, other: int) -> str:
    counts = (
        counted(other, "other finding", "other findings"),
        counted(len(report.passed), "rule passed", "rules passed"),
        f"{len(report.not_evaluated)} not judged",
    )
    return f"{', '.join(counts)}; --format markdown shows all"
