"""How to get the next run: what to ask first, the command, what to look at in its config, and what waits."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Sequence

from diagnose.report.figures import Kind, counted, exact, figure
from diagnose.report.sections.opening import guessed
from diagnose.report.spans import Line, Piece, capital, code, join, line, prose, sentence, shell
from diagnose.report.wording import change, setting, still_at_fault
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.settings import STRATEGIES
from diagnose.sources.readings import PASTED
from diagnose.verdict.judgement import Change, NotEvaluated
from diagnose.verdict.next.expected import SAVES
from diagnose.verdict.next.going_on import NAMES
from diagnose.verdict.next.next_config import ExpertConfig, NextConfig, Reach
from diagnose.verdict.report import Report
from diagnose.verdict.scope import INTENT, TRAINER

_MOST_LATER = 3
_MOST_CHANGES = 6
_WORTH_A_LOOK = 10**9
"""Bytes; any disk on which such a model is trained has room for less."""
QUESTIONS = {
    TRAINER: "Say which trainer you use, {trainers}",
    INTENT: "Say what the LoRA should learn, `--intent motion`, `character` or `style`",
}
"""What to ask the user, by the fact that only they know."""


def questions(report: Report) -> list[Line]:
    """Ask for what the user can say and the next config waits for: the trainer, or what the LoRA is to learn."""
    asked: dict[str, list[NotEvaluated]] = {}
    for each in report.next.waiting:
        for fact in each.facts:
            asked.setdefault(fact, []).append(each)
    apart_by = report.next.apart_by
    trainers = " or ".join(f"`--trainer {name}`" for name in report.run.may_be)
    return [
        line(f"{QUESTIONS[fact].format(trainers=trainers)}: ", _would(group, apart_by), ".")
        for fact, group in asked.items()
        if fact in QUESTIONS
    ]


def _would(waiting: Sequence[NotEvaluated], apart_by: Collection[str]) -> Line:
    """Say what would change with each answer: the first keys, and how many more."""
    by_trainers: dict[tuple[str, ...], list[Change]] = {}
    for each in waiting:
        if each.changes:
            by_trainers.setdefault(each.trainers, []).extend(each.changes)
    told = []
    for trainers, changes in by_trainers.items():
        whose = join(" or ", (code(f"--trainer {trainer}") for trainer in trainers))
        keys = list({edit.path: edit for edit in changes if edit.op is not ChangeOp.ADVISE}.values())
        two = any(not set(edit.rules).isdisjoint(apart_by) for edit in changes)
        parts = [
            *([_first_few([*map(change, keys)])] if keys else []),
            *([line("two runs, one per expert, give each its own rate")] if two else []),
        ]
        if parts:
            told.append(line("with ", whose, ", ", join("; ", parts)))
    return join("; ", told) or line(f"{counted(len(waiting), 'fix depends', 'fixes depend')} on it")


def next_run(report: Report) -> list[Line]:
    """Say how to get the next config, what to look at in it, and what it leaves to the user."""
    plan = report.next
    alike = plan.shown.alike
    by_hand = [edit for edit in plan.changes if edit.op is not ChangeOp.ADVISE and not _is_written(edit, plan)]
    items = []
    if plan.configs or plan.apart:
        items.append(_two_configs(report))
    elif plan.improves:
        items.append(_one_config(report))
    doubtful = [edit for edit in alike if edit.applicability is Applicability.REVIEW]
    if doubtful:
        words = _first_few([*map(_short, doubtful)])
        items.append(line("Check these changes before you start: ", words, ". ", _caveat(doubtful, plan)))
    items += _disk(alike, plan)
    items += [line("Change by hand: ", _listed(by_hand), ".")] if by_hand else []
    return [*items, *_later(plan)]


def _two_configs(report: Report) -> Line:
    """Offer the two next configs, an expert each; such as would be stopped are not to be started yet."""
    names = join(" and ", (code(f"next.{expert}.yaml") for expert in report.titles))
    why = "" if report.next.configs else ", because this trainer has one rate for both experts"
    offer = line("Create two configs, one per expert, ", names, f"{why}: ", shell(command(report)))
    return join(" ", [offer, _most(changed(report.next.shown)), _not_yet(report.next.shown, "them")])


def _one_config(report: Report) -> Line:
    """Offer the next config, say which run it is, and that it is not to be started yet where it would be stopped."""
    plan = report.next
    what = "corrected" if report.checklist else "next"
    number = counted(len(plan.written), "change", "changes")
    offer = line(f"Create the {what} config ({number}): ", shell(command(report)))
    kept = f"It keeps the name, so the trainer continues from the save of step {plan.goes_on_from}."
    notes: list[Piece] = [kept if plan.goes_on_from is not None else "", _no_cure(plan), _not_yet(plan, "it")]
    return join(" ", [offer, _most(changed(plan)), *notes])


def _most(changes: Sequence[Line]) -> Line:
    more = len(changes) - _MOST_CHANGES
    named = line("Changes: ", join("; ", changes[:_MOST_CHANGES]))
    return line(named, f"; {more} more." if more > 0 else ".") if changes else ()


def changed(plan: NextConfig) -> list[Line]:
    """Word each key that the next config changes by its last name; of two configs, those that differ first."""
    if not plan.configs:
        return [*map(_short, plan.written)]
    told: list[tuple[bool, bool, bool, Line]] = []
    for path, first in by_path(plan.configs):
        each = [(config.expert, change_of(config, path)) for config in plan.configs]
        ends = {expert: exact(first.old if edit is None else edit.new) for expert, edit in each}
        alike = len(set(ends.values())) == 1
        words = line(code(key(path)), f" {', '.join(f'{expert} {end}' for expert, end in ends.items())}")
        shown = _short(first) if alike else words
        told.append((first.setting in NAMES, alike, isinstance(first.old, str | bool), shown))
    return [words for *_, words in sorted(told, key=lambda each: each[:-1])]


def _short(edit: Change) -> Line:
    name = code(key(edit.path))
    if edit.new is None:
        return line("remove ", name)
    if edit.old is None:
        return line(name, " ", setting(edit.new), " (new)")
    return line(name, " ", setting(edit.old), " → ", setting(edit.new))


def by_path(configs: Sequence[ExpertConfig]) -> Iterator[tuple[str, Change]]:
    """Yield every key that changes in either config, once, with its first change."""
    seen: dict[str, Change] = {}
    for each in configs:
        for edit in each.changes:
            seen.setdefault(edit.path, edit)
    yield from seen.items()


def change_of(config: ExpertConfig, path: str) -> Change | None:
    """Return what becomes of a key in a config; None where it stays as it is."""
    return next((change for change in config.changes if change.path == path), None)


def _no_cure(plan: NextConfig) -> str:
    """Say that the ratio stays short as long as it is unknown which trainer the config is for."""
    chosen = plan.expected
    unknown = any(TRAINER in each.facts for each in plan.waiting)
    if not unknown or chosen is None or chosen.reach is not Reach.UNDER:
        return ""
    return f"Until the trainer is known, the learning-rate ratio stays at {figure(chosen.lr_ratio, Kind.RATIO)}."


def _not_yet(plan: NextConfig, what: str) -> Line:
    stopped = still_at_fault(plan)
    return line(f"Do not start {what} yet: ", prose(stopped), ".") if stopped else ()


def _is_written(edit: Change, plan: NextConfig) -> bool:
    """Return whether a change of a key is made for the user in what `next` writes."""
    return edit.applicability is not Applicability.MANUAL and bool(plan.diff or plan.configs)


def _caveat(doubtful: Sequence[Change], plan: NextConfig) -> Line:
    """Give the first thing that is known against the remedies behind doubtful changes."""
    paths = {edit.path for edit in doubtful}
    return next((sentence(caveat.says) for caveat in plan.caveats if not paths.isdisjoint(caveat.paths)), ())


def _disk(changes: Sequence[Change], plan: NextConfig) -> list[Line]:
    """Say what the saves will take, where the next config changes how many there are and it is worth a look."""
    disk = plan.shown.disk
    if disk is None or disk.bytes < _WORTH_A_LOOK or SAVES.isdisjoint(change.setting for change in changes):
        return []
    whose = "next runs" if plan.shown.configs else "next run"
    return [line(f"Free disk space for the saves of the {whose}: {disk.words}.")]


def _later(plan: NextConfig) -> list[Line]:
    """Say what to change only after the next run, by its reason."""
    by_reason: dict[str, list[Change]] = {}
    for each in plan.shown.later:
        if each.change.op is not ChangeOp.ADVISE:
            by_reason.setdefault(each.why, []).append(each.change)
    return [
        line("Leave for later: ", _first_few([code(key(each.path)) for each in changes]), ". ", capital(why))
        for why, changes in by_reason.items()
    ]


def _first_few(named: Sequence[Line]) -> Line:
    more = len(named) - _MOST_LATER
    return line(join("; ", named[:_MOST_LATER]), f" and {more} more" if more > 0 else "")


def key(path: str) -> str:
    """Return the last name of a path, by which a reader finds the key in the file."""
    return path.rpartition(".")[2]


def _listed(edits: Sequence[Change]) -> Line:
    """List changes on one line, what is removed together at the end."""
    removed = [code(edit.path) for edit in edits if edit.op is ChangeOp.REMOVE]
    others = [change(edit) for edit in edits if edit.op is not ChangeOp.REMOVE]
    return join("; ", [*others, line("remove ", join(", ", removed)) if removed else ()])


def command(report: Report) -> str:
    """Return the command that writes the next config, with what the user said of the run."""
    run = report.run
    asked = any(item.source is not None and item.source.key == "--trainer" for item in run.trainer_evidence)
    words = ["diagnose", "next", "-" if run.path == str(PASTED) else run.path]
    words += ["--trainer", run.trainer] if asked and run.trainer else []
    words += ["--intent", run.intent] if run.intent and not guessed(run) else []
    words += ["--split"] if report.next.configs or report.next.apart else []
    words += ["--strategy", report.next.strategy] if report.next.strategy != STRATEGIES[0] else []
    return shlex.join([*words, "-o", "next.yaml"])
