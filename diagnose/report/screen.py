"""The first screen: the verdict, what matters first, the experts, what changes, and counts of the rest."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.core.values import Severity
from diagnose.facts.weights.steps import in_words
from diagnose.report.blocks import Block, Table, heading, items, paragraph, table
from diagnose.report.figures import NOT_LOGGED, UNKNOWN, Kind, counted, exact, figure
from diagnose.report.sections.config_tables import counts
from diagnose.report.sections.finding_lists import highlights, others
from diagnose.report.sections.next_config_page import by_path, change_of
from diagnose.report.sections.open_questions import hangs_on_it
from diagnose.report.sections.opening import outcome, tally
from diagnose.report.sections.to_do import NOTHING, steps
from diagnose.report.spans import Line, Tone, line, plain, prose, strong, toned
from diagnose.report.wording import STATUS, columns
from diagnose.rulebase.rule import ChangeOp
from diagnose.verdict.judgement import Change
from diagnose.verdict.next.next_config import NextConfig
from diagnose.verdict.report import Report
from diagnose.verdict.run_tables import ExpertFigures
from diagnose.verdict.stories import Status, Story

_MOST_CHANGES = 12
_MOST_STEPS = 6
_STATUS_TONE = {
    Status.HEALTHY: Tone.GOOD,
    Status.ATTENTION: Tone.WARNING,
    Status.FAILING: Tone.BAD,
    Status.BLOCKED: Tone.BAD,
}
_SEVERITY_TONE = {
    Severity.BLOCKER: Tone.BAD,
    Severity.CRITICAL: Tone.BAD,
    Severity.MAJOR: Tone.WARNING,
    Severity.MINOR: Tone.MILD,
    Severity.INFO: Tone.NONE,
    Severity.GOOD: Tone.NONE,
}


def screen(report: Report) -> Iterator[list[Block]]:
    """Yield groups of blocks that belong together."""
    shown = highlights(report)
    yield [*map(paragraph, _top(report))]
    yield _steps(report)
    for index, story in enumerate(shown, start=1):
        yield _finding(index, story)
    if report.checklist:
        figures: list[Block] = [paragraph(f"checklist: {', '.join(counts(report))}")]
    else:
        figures = [_experts(report)]
    yield [*figures, paragraph(_ratios(report)), *map(paragraph, _keep(report))]
    yield _changes(report)
    yield [paragraph(toned(Tone.QUIET, _rest(report, len(others(report, shown)))))]


def _top(report: Report) -> Iterator[Line]:
    """Yield the verdict, the thresholds that the user set, what was found, and what hangs on an unknown intent."""
    verdict = report.verdict
    stop = "" if verdict.headline.endswith(".") else "."
    meaning = outcome(report)
    yield line(
        strong(plain(report.run.name) or "unnamed run"),
        "  ",
        toned(_STATUS_TONE[verdict.status], STATUS[verdict.status].upper()),
        "  ",
        prose(verdict.headline),
        line(f"{stop} ", meaning) if meaning else "",
    )
    own = [
        f"{param.name} {exact(param.value)} (was {exact(param.replaced)})"
        for param in report.parameters
        if param.overridden
    ]
    if own:
        yield line("set by you: ", prose(", ".join(own)))
    yield toned(Tone.QUIET, " · ".join(tally(report)))
    hanging = hangs_on_it(report)
    if hanging:
        yield line("intent unknown: ", hanging)


def _steps(report: Report) -> list[Block]:
    """Return the list of the page, in the same words."""
    todo = steps(report)
    more = [paragraph(f"and {len(todo) - _MOST_STEPS} more")] if len(todo) > _MOST_STEPS else []
    nothing = [] if todo else [paragraph(NOTHING)]
    return [heading(2, strong("What to do now")), *items(todo[:_MOST_STEPS], numbered=True), *more, *nothing]


def _finding(index: int, story: Story) -> list[Block]:
    item = story.head
    blocks: list[Block] = [
        heading(3, f"{index}. ", _severity(item.severity), "  ", strong(prose(item.title))),
        paragraph(prose(item.message)),
    ]
    for how, members in (("likely cause: ", story.causes), ("explains ", story.explained)):
        blocks += [paragraph(how, _severity(each.severity), "  ", prose(each.title)) for each in members]
    return blocks


def _severity(severity: Severity) -> Line:
    return toned(_SEVERITY_TONE[severity], severity.value)


def _experts(report: Report) -> Table:
    pair = [figures for _, figures in report.experts]
    rows = [
        ["learning rate, last", *(_cell(e, "lr_last", Kind.RATE, _no_rate(report)) for e in pair)],
        ["loss, mean", *(_cell(e, "loss_mean", Kind.LOSS) for e in pair)],
        ["weight magnitude", *(_cell(e, "magnitude", Kind.MAGNITUDE) for e in pair)],
        ["growth, late", *(_cell(e, "growth", Kind.GROWTH) for e in pair)],
    ]
    return table(("", *(name.lower() for name in columns(report.titles))), rows, numbers_from=1)


def _no_rate(report: Report) -> str:
    """Say what stands in place of an expert's own rate: that of a log which mixes them, or nothing."""
    mixed = report.lr_shared_last
    return NOT_LOGGED if mixed is None else f"{figure(mixed, Kind.RATE)} (mixed)"


def _cell(expert: ExpertFigures, name: str, kind: Kind, unknown: str = UNKNOWN) -> str:
    return figure(getattr(expert, name), kind, unknown)


def _ratios(report: Report) -> str:
    rates = report.lr_ratio
    declared = f"declared {figure(rates.declared, Kind.RATIO)}, in effect {figure(rates.effective, Kind.RATIO)}"
    if report.checklist:
        return f"LR high/low: {declared}"
    weights = next((row.weight_ratio for row in reversed(report.checkpoints) if row.weight_ratio is not None), None)
    return (
        f"high/low: LR {figure(rates.observed_last, Kind.RATIO, NOT_LOGGED)} "
        f"({declared}), weights {figure(weights, Kind.RATIO)}"
    )


def _keep(report: Report) -> Iterator[Line]:
    choice = report.evolution.keep if report.evolution is not None else None
    if choice is not None and choice.nothing:
        yield line("to keep: none, ", prose(choice.nothing))
    if choice is not None and choice.steps:
        equal = ", equals" if len(choice.steps) > 1 else ""
        yield line(f"to keep: {in_words(choice.steps, choice.saved)}{equal}")


def _changes(report: Report) -> list[Block]:
    plan = report.next.shown
    lines = list(_pair(plan)) if plan.configs else [_change(c) for c in plan.changes if c.op is not ChangeOp.ADVISE]
    if not lines or not plan.improves:
        return []
    title = "Next two runs, an expert each" if plan.configs else "Next run"
    outlook = [paragraph(_outlook(plan))] if plan.outlook else []
    more = [paragraph(f"and {len(lines) - _MOST_CHANGES} more")] if len(lines) > _MOST_CHANGES else []
    disagree = [paragraph(prose(each.path), ": rules disagree, left as it is") for each in plan.conflicts]
    return [heading(2, strong(title)), *outlook, *map(paragraph, lines[:_MOST_CHANGES]), *more, *disagree]


def _pair(plan: NextConfig) -> Iterator[str]:
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
    counts_ = (
        counted(other, "other finding", "other findings"),
        counted(len(report.passed), "rule passed", "rules passed"),
        f"{len(report.not_evaluated)} not judged",
    )
    return f"{', '.join(counts_)}; --format markdown shows all"
