"""What to do now: advice that no config key holds, then the next run, then what is left to decide or provide."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from diagnose.model import Expert, Severity
from diagnose.report.escape import code, prose
from diagnose.report.figures import Kind, counted, figure
from diagnose.report.sections.uncertain import grouped
from diagnose.report.wording import advice, change, numbered, sentence, setting, still_at_fault
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.settings import STRATEGIES
from diagnose.verdict.disk import SAVE_KEYS
from diagnose.verdict.divergence import DIVERGED
from diagnose.verdict.naming import NAMES
from diagnose.verdict.outcome import Change
from diagnose.verdict.planned import NextConfig
from diagnose.verdict.report import Report
from diagnose.verdict.split import ALONE as TWO_RUNS

NOTHING = "Nothing: no change is advised."
_WORSE = (Severity.BLOCKER, Severity.CRITICAL, Severity.MAJOR)
_MOST_LATER = 3
_SCALE = "lora-scale-mismatch"


def actions(report: Report) -> list[str]:
    """An ordered list, in the findings' rank."""
    items = steps(report)
    return ["## What to do now", numbered(items) if items else NOTHING]


def steps(report: Report) -> list[str]:
    """Return what to do now, first things first, each in markdown: the one list that every view shows."""
    return [
        *_saved(report),
        *_advice(report, grave=True),
        *_next_run(report),
        *_advice(report, grave=False),
        *_decisions(report),
        *_missing(report),
    ]


def _saved(report: Report) -> list[str]:
    """Say what to do with what this run has saved: to go on from it, to load it otherwise, or to leave it."""
    choice = report.evolution.keep if report.evolution is not None else None
    if choice is not None and choice.nothing:
        return [f"Keep no checkpoint of this run and start anew, with a lower learning rate: {prose(choice.nothing)}."]
    return [*_first_aid(report), *_going_on(report)]


def _first_aid(report: Report) -> list[str]:
    """Give the strength that makes up for a scale the files were trained at and do not say."""
    if not report.checkpoints:
        return []
    wrong = [finding for finding in report.findings if finding.name == _SCALE]
    scales = [e.value for finding in wrong for e in finding.evidence if e.fact == "effective.training_scale"]
    strengths = [figure(scale, Kind.RATIO) for scale in scales if isinstance(scale, int | float)]
    return [f"Load the files of this run at strength {each}, the scale they were trained at." for each in strengths]


def _going_on(report: Report) -> list[str]:
    """Say from where an unfinished run goes on, unless it has gone wrong or too far."""
    run = report.run
    worse = any(finding.severity in _WORSE for finding in report.findings)
    if run.resumes_from is None or worse or (report.next.goes_on_from is not None and report.next.written):
        return []
    how = "start the trainer again with the same config"
    return [f"To go on with this run, {how}: it resumes from the save of step {run.resumes_from}."]


def _advice(report: Report, *, grave: bool) -> list[str]:
    """Word what no key holds, each once: of the grave findings, or the rest. What another step says is left out."""
    weighty = [each for finding in report.findings if finding.severity in _WORSE for each in finding.changes]
    asked = [each for finding in report.findings for each in finding.changes] + list(report.next.changes)
    asked = weighty if grave else [each for each in asked if each not in weighty]
    choice = report.evolution.keep if report.evolution is not None else None
    told = {TWO_RUNS} if report.next.apart else set()
    told |= {DIVERGED} if choice is not None and choice.nothing else set()
    said = [each for each in asked if not told.intersection(each.rules)]
    return list(dict.fromkeys(advice(each) for each in said if each.op is ChangeOp.ADVISE and each.because))


def _next_run(report: Report) -> list[str]:
    """Say how to get the next config, what to look at in it, and what it leaves to the user."""
    plan = report.next
    written = plan.written
    by_hand = [edit for edit in plan.changes if edit.op is not ChangeOp.ADVISE and not _is_written(edit, plan)]
    items = []
    if plan.configs or plan.apart:
        items.append(_two_configs(report))
    elif written:
        items.append(_one_config(report, counted(len(written), "change", "changes")))
    doubtful = [edit for edit in written if edit.applicability is Applicability.REVIEW]
    if doubtful:
        items.append(f"Look at these changes before you start: {_listed(doubtful)}.{_caveats(doubtful, plan)}")
    items += _disk(written, plan)
    items += [f"Change by hand: {_listed(by_hand)}."] if by_hand else []
    return [*items, *_later(plan)]


def _disk(written: Sequence[Change], plan: NextConfig) -> list[str]:
    """Say what the saves will take, where the next config changes how many there are."""
    if plan.disk is None or SAVE_KEYS.isdisjoint(change.path for change in written):
        return []
    return [f"Have the disk free that the saves of the next run take: {plan.disk.words}."]


def _later(plan: NextConfig) -> list[str]:
    """Say what waits until the next run has held, by its reason."""
    by_reason: dict[str, list[Change]] = {}
    for each in plan.later:
        if each.change.op is not ChangeOp.ADVISE:
            by_reason.setdefault(each.why, []).append(each.change)
    return [f"Leave for later: {_few(changes)}; {prose(why)}." for why, changes in by_reason.items()]


def _few(changes: Sequence[Change]) -> str:
    more = len(changes) - _MOST_LATER
    return f"{_listed(changes[:_MOST_LATER])}{f' and {more} more' if more > 0 else ''}"


def _two_configs(report: Report) -> str:
    """Offer the two next configs, an expert each; such as would be stopped are not to be started yet."""
    names = " and ".join(code(f"next.{expert.value}.yaml") for expert in Expert)
    why = "" if report.next.configs else ", as this trainer has one rate for both"
    offer = f"Create the two next configs, an expert each{why}: {code(command(report))} writes {names}."
    return f"{offer}{_not_yet(report.next, 'them')}"


def _one_config(report: Report, changes: str) -> str:
    """Offer the next config, say which run it is, and that it is not to be started yet where it would be stopped."""
    what = "corrected" if report.checklist else "next"
    offer = f"Create the {what} config ({changes}): {code(command(report))}."
    return f"{offer}{_whose_run(report.next)}{_not_yet(report.next, 'it')}"


def _whose_run(plan: NextConfig) -> str:
    """Say whether the next config goes on with the run behind it, or why it has a name of its own."""
    if plan.goes_on_from is not None:
        return f" It keeps the name: started with it, the trainer goes on from the save of step {plan.goes_on_from}."
    new = next((change for change in plan.written if change.path in NAMES), None)
    return f" The new run is called {setting(new.new)}: {sentence(new.because)}" if new is not None else ""


def _not_yet(plan: NextConfig, what: str) -> str:
    stopped = still_at_fault(plan)
    return f" Do not start {what} yet: {prose(stopped)}." if stopped else ""


def _is_written(edit: Change, plan: NextConfig) -> bool:
    """Return whether a change of a key is made for the user in what `next` writes."""
    return edit.applicability is not Applicability.MANUAL and bool(plan.diff or plan.configs)


def _caveats(doubtful: Sequence[Change], plan: NextConfig) -> str:
    """Add what is known against the remedies behind doubtful changes."""
    paths = {edit.path for edit in doubtful}
    said = dict.fromkeys(caveat.says for caveat in plan.caveats if not paths.isdisjoint(caveat.paths))
    return f" {' '.join(map(sentence, said))}" if said else ""


def _listed(edits: Sequence[Change]) -> str:
    """List changes on one line, what is removed together at the end."""
    removed = [code(edit.path) for edit in edits if edit.op is ChangeOp.REMOVE]
    others = [change(edit) for edit in edits if edit.op is not ChangeOp.REMOVE]
    return "; ".join([*others, *([f"remove {', '.join(removed)}"] if removed else [])])


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


def _decisions(report: Report) -> list[str]:
    return [f"Decide about {code(conflict.path)}, which rules want differently." for conflict in report.next.conflicts]


def _missing(report: Report) -> list[str]:
    """Say what would help most: first what the next config waits for, then what most rules wait for."""
    rules = {need: len(group) for need, group in grouped(report) if need}
    changes: dict[str, list[str]] = {}
    for each in report.next.waiting:
        changes.setdefault(each.needs[0], []).append(f"*{prose(each.title)}*")
    wanted = list(dict.fromkeys([*changes, *list(rules)[:1]]))
    return [f"Provide {prose(need)}: {_waiting(rules.get(need, 0), changes.get(need, []))}." for need in wanted]


def _waiting(rules: int, changes: Sequence[str]) -> str:
    judged = f"{counted(rules, 'rule waits', 'rules wait')} for it"
    if not changes:
        return judged
    decided = f"these changes of the next config{'' if rules else ' wait for it'}: {'; '.join(changes)}"
    return f"{judged}, and so do {decided}" if rules else decided
