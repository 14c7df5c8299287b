"""Which checkpoint to keep: the equals, what each criterion says, and what none of them can see."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.facts.weights.keep import Keep, Opinion
from diagnose.facts.weights.steps import in_words
from diagnose.report.escape import prose
from diagnose.report.figures import counted
from diagnose.report.tables import table
from diagnose.report.wording import bullets, sentence
from diagnose.verdict.report import Report

_HEADER = ("Criterion", "Favours", "Why", "Part in the choice")
_NOTHING = "Nothing known tells the saved checkpoints apart"


def keep(report: Report) -> list[str]:
    """The answer in a line, then the criteria that say something; nothing without a measured checkpoint."""
    choice = report.evolution.keep if report.evolution is not None else None
    if choice is None:
        return []
    telling = [opinion for opinion in choice.opinions if opinion.favours is not None]
    silent = [opinion for opinion in choice.opinions if opinion.favours is None]
    blocks = ["## Which checkpoint to keep", _answer(choice, len(report.checkpoints))]
    blocks += [table(_HEADER, [_row(opinion, choice.saved) for opinion in telling])] if telling else []
    blocks += [f"No say here: {_reasons(silent)}."] if silent else []
    blocks += ["**What this cannot see.**", bullets(map(sentence, choice.unseen))] if choice.unseen else []
    return blocks


def _answer(choice: Keep, saved: int) -> str:
    if choice.nothing:
        return f"**None:** {sentence(choice.nothing)} There is nothing to resume from."
    if not choice.steps:
        rest = "Nothing known prefers one of the saved checkpoints that remain" if choice.against else _NOTHING
        return f"**{rest}.** The samples have to."
    if saved == 1:
        return f"Only step **{choice.steps[0]}** is saved."
    if len(choice.steps) == 1:
        return f"**Step {choice.steps[0]}** alone, by all the evidence there is."
    count = counted(len(choice.steps), "saved step", "saved steps")
    words = in_words(choice.steps, choice.saved)
    return f"**{words[0].upper()}{words[1:]}**: {count}, equals by all the evidence there is."


def _row(opinion: Opinion, saved: Sequence[int]) -> list[str]:
    favours = in_words(opinion.favours or saved, saved)
    return [prose(opinion.criterion), favours, prose(opinion.because), _part(opinion)]


def _part(opinion: Opinion) -> str:
    if not opinion.decides:
        return "shown only"
    if opinion.overruled:
        return "overruled by those above"
    return "narrows it" if opinion.narrows else "agrees"


def _reasons(opinions: Sequence[Opinion]) -> str:
    """Give each reason once, after the criteria that have it."""
    grouped: dict[str, list[str]] = {}
    for opinion in opinions:
        grouped.setdefault(opinion.because, []).append(opinion.criterion)
    return "; ".join(f"{prose(', '.join(names))} ({prose(because)})" for because, names in grouped.items())
