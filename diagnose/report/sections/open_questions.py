"""What the report does not know: what depends on the intent, what was not checked, what could not be read."""

from __future__ import annotations

from diagnose.report.blocks import Block, heading, items, paragraph, under
from diagnose.report.figures import counted
from diagnose.report.spans import Line, code, join, line, prose, sentence, strong
from diagnose.report.wording import SEVERITY, place
from diagnose.verdict.judgement import NotEvaluated, Supposition
from diagnose.verdict.report import Report

MOST_REMARKS = 20
DATASET_OPTION = "--dataset"


def supposed(report: Report) -> list[Block]:
    """What hangs on the intent, where nobody said it: the findings each answer would add."""
    if not report.suppositions:
        return []
    asked = "What the LoRA should learn is unknown, and some advice depends on it: `--intent` sets it."
    answers = (block for each in report.suppositions for block in _answer(each))
    return [heading(2, "What depends on the intent"), paragraph(asked), *answers]


def hangs_on_it(report: Report) -> str:
    """Say in a sentence what each answer to --intent would add; "" where the intent is known."""
    added = []
    for each in report.suppositions:
        number = counted(len(each.findings), "finding", "findings") if each.findings else "nothing"
        worst = f" (worst: {SEVERITY[each.findings[0].severity].lower()})" if each.findings else ""
        added.append(f"`--intent {' or '.join(each.intents)}` adds {number}{worst}")
    return f"{'; '.join(added)}." if added else ""


def _answer(supposition: Supposition) -> list[Block]:
    named = join(" or ", (strong(prose(intent)) for intent in supposition.intents))
    if not supposition.findings:
        return [paragraph("For ", named, ": nothing more is found.")]
    found = (
        line(strong(SEVERITY[each.severity]), " · ", prose(each.message or each.title), " (", code(each.name), ")")
        for each in supposition.findings
    )
    return [paragraph("For ", named, ", also:"), *items(found)]


def uncertain(report: Report) -> list[Block]:
    """What is uncertain, grouped by what is missing, so that the list stays short."""
    silenced = [paragraph(ignored(report))] if report.ignored else []
    blocks = [*_not_judged(report), *silenced, *_validity(report), *_unread(report)]
    return [heading(2, "What was not checked"), *blocks] if blocks else []


def ignored(report: Report) -> Line:
    """Name the findings that the user has us ignore, each with the reason; nothing where there are none."""
    named = [
        line(code(each.name), line(" (", prose(each.reason), ")") if each.reason else ()) for each in report.ignored
    ]
    return line("Ignored, as you say: ", join(", ", named), ".") if named else ()


def awaited(report: Report) -> list[tuple[str, list[NotEvaluated]]]:
    """Return what to provide first, with the rules that wait for it, the most awaited first.

    It is "" for rules that nothing would help: their reason says why.
    """
    groups: dict[str, list[NotEvaluated]] = {}
    for rule in report.not_evaluated:
        groups.setdefault(_wanted(rule.needs[0], report) if rule.needs else "", []).append(rule)
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def _wanted(need: str, report: Report) -> str:
    """Return what to provide; of a data set that was looked at, what its folder lacks."""
    if DATASET_OPTION not in need or not report.run.datasets:
        return need
    folders = ", ".join(dict.fromkeys(each.folder for each in report.run.datasets))
    return f"usable clips and captions in the data set's folder ({folders})"


def _not_judged(report: Report) -> list[Block]:
    lines = (each for need, rules in awaited(report) for each in _waiting(need, rules))
    count = counted(len(report.not_evaluated), "check", "checks")
    return under(paragraph(strong("Not checked:"), f" {count}."), lines)


def _waiting(need: str, rules: list[NotEvaluated]) -> list[Line]:
    if need:
        return [line("Add ", strong(prose(need)), " to check ", _names(rules), ".")]
    reasons = dict.fromkeys(rule.reason for rule in rules)
    same = {reason: [rule for rule in rules if rule.reason == reason] for reason in reasons}
    return [line(_names(group), ": ", sentence(reason)) for reason, group in same.items()]


def _names(rules: list[NotEvaluated]) -> Line:
    return join(", ", dict.fromkeys(map(_name, rules)))


def _name(rule: NotEvaluated) -> Line:
    more = join(", ", map(prose, rule.needs[1:]))
    return line(code(rule.name), " (also ", more, ")") if more else code(rule.name)


def _validity(report: Report) -> list[Block]:
    return under(paragraph(strong("Limits for this run.")), map(prose, report.run.validity))


def _unread(report: Report) -> list[Block]:
    lines = [line(place(remark.place), ": ", prose(remark.text)) for remark in report.unread[:MOST_REMARKS]]
    left = len(report.unread) - len(lines)
    lines += [line(f"and {left} more, in the JSON report")] if left else []
    return under(paragraph(strong("Not read, or repaired.")), lines)
