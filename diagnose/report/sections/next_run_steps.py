"""How to get the next run: what to ask first, the command, what to look at in its config, and what waits."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence

from diagnose.report.figures import Kind, counted, figure
from diagnose.report.spans import Line, code, join, line, prose, sentence
from diagnose.report.wording import change, setting, still_at_fault
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.settings import STRATEGIES
from diagnose.verdict.judgement import Change, NotEvaluated
from diagnose.verdict.next.expected import SAVES
from diagnose.verdict.next.going_on import NAMES
from diagnose.verdict.next.next_config import NextConfig, Reach
from diagnose.verdict.report import Report
from diagnose.verdict.scope import INTENT, TRAINER

_MOST_LATER = 3
QUESTIONS = {
    TRAINER: "Say which trainer it is for, {trainers}",
    INTENT: "Say what the LoRA is to learn, `--intent motion`, `character` or `style`",
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
            *([_few(keys)] if keys else []),
            *([line("two runs, an expert each, give each its own rate")] if two else []),
        ]
        if parts:
            told.append(line("with ", whose, ", ", join("; ", parts)))
    return join("; ", told) or line(f"{counted(len(waiting), 'remedy waits', 'remedies wait')} for it")


def next_run(report: Report) -> list[Line]:
    """Say how to get the next config, what to look at in it, and what it leaves to the user."""
    plan = report.next
    written, alike = plan.written, plan.shown.alike
    by_hand = [edit for edit in plan.changes if edit.op is not ChangeOp.ADVISE and not _is_written(edit, plan)]
    items = []
    if plan.configs or plan.apart:
        items.append(_two_configs(report))
    elif plan.improves:
        items.append(_one_config(report, counted(len(written), "change", "changes")))
    doubtful = [edit for edit in alike if edit.applicability is Applicability.REVIEW]
    if doubtful:
        caveats = _caveats(doubtful, plan)
        items.append(line("Look at these changes before you start: ", _listed(doubtful), ".", caveats))
    items += _disk(alike, plan)
    items += [line("Change by hand: ", _listed(by_hand), ".")] if by_hand else []
    return [*items, *_later(plan)]


def _two_configs(report: Report) -> Line:
    """Offer the two next configs, an expert each; such as would be stopped are not to be started yet."""
    names = join(" and ", (code(f"next.{expert}.yaml") for expert in report.titles))
    why = "" if report.next.configs else ", as this trainer has one rate for both"
    offer = line(f"Create the two next configs, an expert each{why}: ", code(command(report)), " writes ", names, ".")
    return line(offer, _not_yet(report.next.shown, "them"))


def _one_config(report: Report, changes: str) -> Line:
    """Offer the next config, say which run it is, and that it is not to be started yet where it would be stopped."""
    what = "corrected" if report.checklist else "next"
    offer = line(f"Create the {what} config ({changes}): ", code(command(report)), ".")
    return line(offer, _whose_run(report.next), _no_cure(report.next), _not_yet(report.next, "it"))


def _no_cure(plan: NextConfig) -> str:
    """Say that the ratio stays short as long as it is unknown which trainer the config is for."""
    chosen = next((each for each in plan.outlook[1:] if each.config == plan.strategy), None)
    unknown = any(TRAINER in each.facts for each in plan.waiting)
    if not unknown or chosen is None or chosen.reach is not Reach.UNDER:
        return ""
    return f" Without the trainer it leaves the learning-rate ratio at {figure(chosen.lr_ratio, Kind.RATIO)}."


def _whose_run(plan: NextConfig) -> Line:
    """Say whether the next config goes on with the run behind it, or why it has a name of its own."""
    if plan.goes_on_from is not None:
        step = plan.goes_on_from
        return line(f" It keeps the name: started with it, the trainer goes on from the save of step {step}.")
    new = next((change for change in plan.written if change.setting in NAMES), None)
    return line(" The new run is called ", setting(new.new), ": ", sentence(new.because)) if new is not None else ()


def _not_yet(plan: NextConfig, what: str) -> Line:
    stopped = still_at_fault(plan)
    return line(f" Do not start {what} yet: ", prose(stopped), ".") if stopped else ()


def _is_written(edit: Change, plan: NextConfig) -> bool:
    """Return whether a change of a key is made for the user in what `next` writes."""
    return edit.applicability is not Applicability.MANUAL and bool(plan.diff or plan.configs)


def _caveats(doubtful: Sequence[Change], plan: NextConfig) -> Line:
    """Add what is known against the remedies behind doubtful changes."""
    paths = {edit.path for edit in doubtful}
    said = dict.fromkeys(caveat.says for caveat in plan.caveats if not paths.isdisjoint(caveat.paths))
    return line(" ", join(" ", map(sentence, said))) if said else ()


def _disk(changes: Sequence[Change], plan: NextConfig) -> list[Line]:
    """Say what the saves will take, where the next config changes how many there are."""
    disk = plan.shown.disk
    if disk is None or SAVES.isdisjoint(change.setting for change in changes):
        return []
    whose = "next runs" if plan.shown.configs else "next run"
    return [line(f"Have the disk free that the saves of the {whose} take: {disk.words}.")]


def _later(plan: NextConfig) -> list[Line]:
    """Say what waits until the next run has held, by its reason."""
    by_reason: dict[str, list[Change]] = {}
    for each in plan.later:
        if each.change.op is not ChangeOp.ADVISE:
            by_reason.setdefault(each.why, []).append(each.change)
    return [line("Leave for later: ", _few(changes), "; ", prose(why), ".") for why, changes in by_reason.items()]


def _few(changes: Sequence[Change]) -> Line:
    more = len(changes) - _MOST_LATER
    return line(_listed(changes[:_MOST_LATER]), f" and {more} more" if more > 0 else "")


def _listed(edits: Sequence[Change]) -> Line:
    """List changes on one line, what is removed together at the end."""
    removed = [code(edit.path) for edit in edits if edit.op is ChangeOp.REMOVE]
    others = [change(edit) for edit in edits if edit.op is not ChangeOp.REMOVE]
    return join("; ", [*others, line("remove ", join(", ", removed)) if removed else ()])


def command(report: Report) -> str:
    """Return the command that writes the next config, with what the user said of the run."""
    run = report.run
    asked = any(item.source is not None and item.source.key == "--trainer" for item in run.trainer_evidence)
    words = ["diagnose", "next", run.path]
    guessed = any(reason.startswith("inferred") for reason in run.intent_evidence)
    words += ["--trainer", run.trainer] if asked and run.trainer else []
    words += ["--intent", run.intent] if run.intent and not guessed else []
    words += ["--split"] if report.next.configs or report.next.apart else []
    words += ["--strategy", report.next.strategy] if report.next.strategy != STRATEGIES[0] else []
    return shlex.join([*words, "-o", "next.yaml"])
