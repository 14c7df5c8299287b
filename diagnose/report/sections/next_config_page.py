"""The next config, or the two of a pair: which keys change, why, on whose word, and what to watch while it trains."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.core.values import Severity
from diagnose.report.blocks import Block, Diff, heading, paragraph, table, under
from diagnose.report.figures import Kind, counted, figure
from diagnose.report.sections.next_run_steps import by_path, change_of
from diagnose.report.sections.open_questions import hangs_on_it
from diagnose.report.sections.rates_to_come import outlook
from diagnose.report.spans import Line, Piece, capital, code, emphasis, join, line, prose, sentence, strong
from diagnose.report.wording import APPLICABILITY, Titles, new_value, setting, still_at_fault
from diagnose.rulebase.knowledge import SPLIT, PlanItem
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.verdict.judgement import Change, Conflict
from diagnose.verdict.next.next_config import ExpertConfig, NextConfig, left_to_the_user
from diagnose.verdict.report import Report

_HEADER = ("Key", "From", "To", "Why", "Safe to apply")
_HEADINGS = {
    "keep": "What to keep",
    "look": "When to look",
    "expect": "What to expect",
    "stop": "When to stop",
    "good": "Good signs",
    "why": "Why each expert has its own rate",
}


def next_config(report: Report) -> list[Block]:
    """Strategy, what the rates will come to, changes, conflicts, diff; the complete file is in the JSON report only."""
    plan = report.next.shown
    edits = [change for change in plan.changes if change.op is not ChangeOp.ADVISE]
    blocks = [heading(2, "The next config"), paragraph(_summary(report)), *_stopped(plan), *outlook(plan)]
    blocks += _second_best(report.next)
    if plan.configs:
        blocks.append(two_runs(plan.configs, report.titles, reasons=True))
        asked = "The config has no name: give each run its own, or both write into the same folder."
        blocks += [] if all(each.name is not None for each in plan.configs) else [paragraph(asked)]
    elif edits:
        blocks += [one_run(edits, reasons=True), *_origins(edits), *_caveats(plan)]
    blocks += _conflicts(plan.conflicts)
    blocks += [Diff(tuple(each.rstrip("\r") for each in plan.diff.rstrip("\n").split("\n")))] if plan.diff else []
    return [*blocks, *_listed("One expert at a time: what to know", report.plan, SPLIT), *_where(plan)]


def watching(report: Report) -> list[Block]:
    """The plan around the config, part by part; nothing where the intent asks for none."""
    if not report.plan:
        return []
    parts = (block for part, lead in _HEADINGS.items() for block in _listed(lead, report.plan, part))
    return [heading(2, "While the next run trains"), *parts]


def one_run(edits: Sequence[Change], *, reasons: bool) -> Block:
    """The changes of one config; with the reasons it says which are safe, unless all of them are."""
    rows: list[list[Piece]] = [
        [code(e.path), setting(e.old), new_value(e), prose(e.because), APPLICABILITY[e.applicability]] for e in edits
    ]
    safe = all(edit.applicability is Applicability.SAFE for edit in edits)
    shown = (len(_HEADER) - safe) if reasons else _HEADER.index("Why")
    return table(_HEADER[:shown], [row[:shown] for row in rows])


def two_runs(configs: Sequence[ExpertConfig], titles: Titles, *, reasons: bool) -> Block:
    """The changes of both configs in one table, with the reason for each if that is asked for."""
    header = ["Key", "From", *(f"To, for the {titles.get(each.expert, each.expert)}" for each in configs), "Why"]
    rows = [
        [code(path), setting(first.old), *(_end(change_of(each, path)) for each in configs), prose(first.because)]
        for path, first in by_path(configs)
    ]
    return table(header, rows) if reasons else table(header[:-1], [row[:-1] for row in rows])


def _end(change: Change | None) -> Line:
    return line("unchanged") if change is None else new_value(change)


def _listed(lead: str, plan: Sequence[PlanItem], part: str) -> list[Block]:
    """Word one part of the plan; nothing where it has no item."""
    lines = (line(prose(item.says), f" ({', '.join(item.claims)})") for item in plan if item.part == part)
    return under(paragraph(strong(f"{lead}.")), lines)


def _where(plan: NextConfig) -> list[Block]:
    if plan.configs:
        return [paragraph("Complete files: `diagnose next --split -o FILE`, or `next.configs` in the JSON report.")]
    if plan.config is not None:
        return [paragraph("Complete file: `diagnose next -o FILE`, or `next.config` in the JSON report.")]
    return []


def _summary(report: Report) -> Line:
    """Count the keys that change in the file; where none does, say what that means and what it does not."""
    plan = report.next.shown
    strategy = line("Strategy: ", strong(prose(plan.strategy)), ".") if plan.strategy else ()
    if plan.configs:
        why = " This trainer has one rate for both experts; two runs give each its own." if report.next.apart else ""
        return line(strategy, f" Two configs, one per expert.{why}")
    edits = plan.written
    words: list[Piece]
    if edits and not plan.improves:
        new = join(" and ", (setting(edit.new) for edit in edits))
        words = [_unchanged(report), line("A new run of it is called ", new, ": ", sentence(edits[0].because))]
    elif edits:
        words = ["One key changes." if len(edits) == 1 else f"{len(edits)} keys change."]
        left = len(left_to_the_user(plan.changes))
        more = f"Also do by hand: {counted(left, 'thing', 'things')}, see "
        words += [line(more, emphasis("What to do now"), ".")] if left else []
    else:
        words = ["No key changes.", _unchanged(report) if plan.config is not None else capital(plan.note)]
    return join(" ", [strategy, *words])


def _second_best(plan: NextConfig) -> list[Block]:
    """Say what the one run of both experts would come to, where two runs are advised in its place."""
    chosen = plan.expected
    if plan.advised is None or chosen is None or chosen.lr_ratio is None:
        return []
    ratio = figure(chosen.lr_ratio, Kind.RATIO)
    one = "Second best: one run of both experts (`diagnose next` without `--split`)"
    return [paragraph(f"{one}; its LR ratio is {ratio}.")]


def _unchanged(report: Report) -> Line:
    """Say why a config stays as it is: what is wrong is no key, or nothing is, as far as was judged."""
    faults = [finding for finding in report.findings if finding.severity.rank < Severity.INFO.rank]
    if faults:
        lists = emphasis("What to do now")
        return line("No key can fix this for you; ", lists, " says what you can do.")
    if not report.suppositions:
        return line("Nothing in the config needs to change.")
    judged = "Nothing in the config needs to change, as far as it can be checked without the intent. "
    return line(judged, hangs_on_it(report))


def _stopped(plan: NextConfig) -> list[Block]:
    """Say that the next run would still be stopped, where it would."""
    stopped = still_at_fault(plan)
    return [paragraph(strong(capital(stopped)))] if stopped else []


def _origins(edits: Sequence[Change]) -> list[Block]:
    """Say once per group of changes which rules ask for it, on which claims."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Line]] = {}
    for edit in filter(lambda edit: edit.rules, edits):
        groups.setdefault((edit.rules, edit.claims), []).append(code(edit.path))
    lines = []
    for (rules, claims), paths in groups.items():
        cited = line(" (", join(", ", map(prose, claims)), ")") if claims else ()
        lines.append(line(join(", ", map(code, rules)), cited, ": ", join(", ", paths)))
    return under(paragraph(strong("Which rules ask for it.")), lines)


def _caveats(plan: NextConfig) -> list[Block]:
    """Say when the remedies in this config are known to be wrong, each under its rule."""
    lines = (line(code(each.rule), ": ", sentence(each.says)) for each in plan.caveats)
    return under(paragraph(strong("Before you apply these changes.")), lines)


def _conflicts(conflicts: tuple[Conflict, ...]) -> list[Block]:
    lines = []
    for each in conflicts:
        wishes = (line(prose(wish), " (", code(rule), ")") for rule, wish in each.wishes)
        lines.append(line(code(each.path), ": ", join("; ", wishes)))
    lead = strong("For you to decide.")
    return under(paragraph(lead, " The rules disagree, so these keys stay as they are:"), lines)
