"""The next config: which keys change, why, on whose word, and the edit itself."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.core.model import Severity
from diagnose.report.escape import code, fenced, prose
from diagnose.report.figures import Kind, counted, figure
from diagnose.report.sections.outlook import outlook
from diagnose.report.sections.supposed import hangs_on_it
from diagnose.report.sections.two_runs import about_pairs, two_runs
from diagnose.report.tables import table
from diagnose.report.wording import APPLICABILITY, bullets, sentence, setting, still_at_fault
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.verdict.judgement import Change, Conflict
from diagnose.verdict.next.next_config import NextConfig, left_to_the_user
from diagnose.verdict.report import Report

_HEADER = ("Key", "From", "To", "Why", "Safe to apply")


def next_config(report: Report) -> list[str]:
    """Strategy, what the rates will come to, changes, conflicts, diff; the complete file is in the JSON report only."""
    plan = report.next.shown
    edits = [change for change in plan.changes if change.op is not ChangeOp.ADVISE]
    blocks = ["## The next config", _summary(report), *_standing(plan), *outlook(plan)]
    blocks += _second_best(report.next)
    if plan.configs:
        blocks += two_runs(plan.configs)
    elif edits:
        blocks += [_changes(edits), *_origins(edits), *_caveats(plan)]
    blocks += _conflicts(plan.conflicts)
    blocks += [fenced(plan.diff, "diff")] if plan.diff else []
    blocks += about_pairs(report.plan)
    return [*blocks, *_where(plan)]


def _where(plan: NextConfig) -> list[str]:
    if plan.configs:
        return ["The complete files: `next.configs` of the JSON report, or what `diagnose next --split -o` writes."]
    if plan.config is not None:
        return ["The complete file: `next.config` of the JSON report, or what `diagnose next -o` writes."]
    return []


def _summary(report: Report) -> str:
    """Count the keys that change in the file; where none does, say what that means and what it does not."""
    plan = report.next.shown
    strategy = f"Strategy: **{prose(plan.strategy)}**." if plan.strategy else ""
    if plan.configs:
        why = " This trainer has one rate for both experts; two runs give each its own." if report.next.apart else ""
        return f"{strategy} Two configs, an expert each, in place of one for both.{why}"
    edits = plan.written
    if edits and not plan.improves:
        new = " and ".join(setting(edit.new) for edit in edits)
        words = [_unchanged(report), f"A run of it anew is called {new}: {sentence(edits[0].because)}"]
    elif edits:
        words = ["One key changes." if len(edits) == 1 else f"{len(edits)} keys change."]
        left = len(left_to_the_user(plan.changes))
        words += [f"{counted(left, 'thing', 'things')} more for you to do, under *What to do now*."] if left else []
    else:
        words = ["No key changes.", _unchanged(report) if plan.config is not None else _capital(plan.note)]
    return " ".join(filter(None, [strategy, *words]))


def _second_best(plan: NextConfig) -> list[str]:
    """Say what the one run of both experts would come to, where two runs are advised in its place."""
    chosen = next((each for each in plan.outlook[1:] if each.config == plan.strategy), None)
    if plan.advised is None or chosen is None or chosen.lr_ratio is None:
        return []
    ratio = figure(chosen.lr_ratio, Kind.RATIO)
    return [
        f"Second best: one run of both experts, which `diagnose next` without `--split` writes; its ratio is {ratio}."
    ]


def _unchanged(report: Report) -> str:
    """Say why a config stays as it is: what is wrong is no key, or nothing is, as far as was judged."""
    faults = [finding for finding in report.findings if finding.severity.rank < Severity.INFO.rank]
    if faults:
        return "What is wrong is not a key that can be set for you; *What to do now* lists what is left to you."
    if not report.suppositions:
        return "Nothing in the config needs to change."
    return f"Nothing in the config needs to change as far as was judged, and the intent was not. {hangs_on_it(report)}"


def _standing(plan: NextConfig) -> list[str]:
    """Say that the next run would still be stopped, where it would."""
    stopped = still_at_fault(plan)
    return [f"**{_capital(stopped)}**"] if stopped else []


def _capital(text: str) -> str:
    return sentence(f"{text[:1].upper()}{text[1:]}")


def _changes(edits: Sequence[Change]) -> str:
    rows = [[code(e.path), setting(e.old), _to(e), prose(e.because), APPLICABILITY[e.applicability]] for e in edits]
    if all(edit.applicability is Applicability.SAFE for edit in edits):
        return table(_HEADER[:-1], [row[:-1] for row in rows])
    return table(_HEADER, rows)


def _to(edit: Change) -> str:
    return "removed" if edit.op is ChangeOp.REMOVE else setting(edit.new)


def _origins(edits: Sequence[Change]) -> list[str]:
    """Say once per group of changes which rules ask for it, on which claims."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for edit in filter(lambda edit: edit.rules, edits):
        groups.setdefault((edit.rules, edit.claims), []).append(code(edit.path))
    lines = []
    for (rules, claims), paths in groups.items():
        asking = ", ".join(map(code, rules))
        cited = f" ({', '.join(map(prose, claims))})" if claims else ""
        lines.append(f"{asking}{cited}: {', '.join(paths)}")
    return ["**Which rules ask for it.**", bullets(lines)] if lines else []


def _caveats(plan: NextConfig) -> list[str]:
    """Say when the remedies in this config are known to be wrong, each under its rule."""
    lines = [f"{code(each.rule)}: {sentence(each.says)}" for each in plan.caveats]
    return ["**What to know of these changes.**", bullets(lines)] if lines else []


def _conflicts(conflicts: tuple[Conflict, ...]) -> list[str]:
    if not conflicts:
        return []
    return ["**Left as it is, for you to decide.** Rules disagree about:", bullets(map(_conflict, conflicts))]


def _conflict(conflict: Conflict) -> str:
    wishes = "; ".join(f"{code(rule)} wants {prose(wish)}" for rule, wish in conflict.wishes)
    return f"{code(conflict.path)}: {wishes}"
