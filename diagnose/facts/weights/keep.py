"""Which of the saved checkpoints the evidence favours: a band of equals, and a winner only where nothing equals it.

Each criterion speaks for itself and narrows what the ones before it left, unless nothing would be left. How well
something was learned is in none of them: the fork's author withdrew a script that ranked checkpoints by weight
magnitude alone, as no measure of that (fork commit 226d19d), so magnitude is shown and narrows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diagnose.facts.config.declared import Config
from diagnose.facts.log.series import Series
from diagnose.facts.record import Recorder
from diagnose.facts.weights.criteria import Criterion, losses, resumes, sound, strength, weight_ratio
from diagnose.facts.weights.strength import Pair
from diagnose.facts.weights.trajectory import Trajectory
from diagnose.model import Expert, Intent, Place
from diagnose.sources.readings import RunReadings

SHOWN = 6
"""How many steps a sentence names."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one criterion favours among the saved steps, and what became of it.

    `favours` is the first and last step it favours, None where it cannot tell them apart. `decides` is whether it may
    leave steps out, `narrows` whether it did, `overruled` whether it would have left nothing of what stronger
    criteria favour.
    """

    criterion: str
    favours: tuple[int, int] | None
    because: str
    decides: bool
    narrows: bool
    overruled: bool


@dataclass(frozen=True, slots=True)
class Keep:
    """The steps that are equally good as far as the evidence goes; empty where no criterion prefers any.

    `against` says of every other step which criterion left it out. `unseen` is what the choice cannot know. `nothing`
    says why no checkpoint is worth keeping; "" where one may be.
    """

    steps: tuple[int, ...]
    against: tuple[tuple[int, str], ...]
    opinions: tuple[Opinion, ...]
    unseen: tuple[str, ...]
    nothing: str = ""


def record_keep(
    pairs: Sequence[Pair],
    trajectory: Trajectory | None,
    record: Recorder,
    *,
    readings: RunReadings,
    series: Series | None,
    config: Config | None,
    intent: Intent | None,
) -> Keep | None:
    """Record `weights.keep_from` and `weights.keep_to`; return the choice, None without a measured checkpoint."""
    saved = {pair.step: pair for pair in pairs}
    if not saved:
        return None
    comparable = record.truth("weights.comparable") is True
    criteria = (
        sound(list(saved.values())),
        resumes(list(saved), resumed(record), series, record.number("config.save_every")),
        *weight_ratio(pairs, trajectory, intent, comparable=comparable),
        *(losses(list(saved), series, expert) for expert in Expert),
        strength(list(saved.values()), comparable=comparable),
    )
    left, against, opinions = _narrowed(sorted(saved), criteria)
    decided = len(left) == 1 or any(each.judged and each.decides and each.prefers for each in criteria)
    unseen = (*_blind(left, readings, record, intent), *_gone(sorted(saved), config))
    keep = Keep(tuple(left) if decided else (), tuple(sorted(against.items())), opinions, unseen)
    if keep.steps:
        note = "; ".join(each.criterion for each in opinions if each.narrows)
        for name, step in (("from", left[0]), ("to", left[-1])):
            record.known(f"weights.keep_{name}", step, places=[saved[step].place()], samples=len(saved), note=note)
    return keep


def resumed(record: Recorder) -> tuple[Place, ...] | None:
    """Return where the run was resumed; None where that is unknown. A run without resumes has a place that shows it."""
    places = record.places("run.resumes")
    return () if record.number("run.resumes") == 0 else places


def _narrowed(
    steps: Sequence[int], criteria: Sequence[Criterion]
) -> tuple[list[int], dict[int, str], tuple[Opinion, ...]]:
    left, against, opinions = list(steps), dict[int, str](), []
    for criterion in criteria:
        kept = [step for step in left if step not in criterion.disfavours]
        narrows = criterion.decides and 0 < len(kept) < len(left)
        if narrows:
            against |= {step: criterion.name for step in left if step not in kept}
            left = kept
        favoured = [step for step in steps if step not in criterion.disfavours]
        favours = (favoured[0], favoured[-1]) if criterion.disfavours and favoured else None
        overruled = criterion.decides and not kept
        opinions.append(Opinion(criterion.name, favours, criterion.because, criterion.decides, narrows, overruled))
    return left, against, tuple(opinions)


def _blind(left: Sequence[int], readings: RunReadings, record: Recorder, intent: Intent | None) -> Iterator[str]:
    yield "How well anything was learned: weights and losses do not show it, and no preview was looked at"
    shown = sorted({sample.step for sample in readings.samples} & set(left))
    if shown:
        yield f"Previews to compare exist for step {_steps(shown)}"
    if intent is None:
        yield "What the LoRA is to learn: for motion the weight ratio speaks one way, for a character the other"
    if record.truth("effective.ema"):
        yield "The saved weights are EMA averages, each of the steps before it"


def _gone(saved: Sequence[int], config: Config | None) -> Iterator[str]:
    """Say which saves the config asks for and the folder does not have, up to the last one that it has."""
    setting = config.number("save.save_every") if config is not None else None
    if setting is None or not 1 <= setting.value <= saved[-1]:
        return
    every = int(setting.value)
    gone = [step for step in range(every, saved[-1], every) if step not in saved]
    if gone:
        count = "One save is" if len(gone) == 1 else f"{len(gone)} saves are"
        yield f"{count} gone, step {_steps(gone)}: a better one may have been among them"


def _steps(steps: Sequence[int]) -> str:
    more = f" and {len(steps) - SHOWN} more" if len(steps) > SHOWN else ""
    return ", ".join(map(str, steps[:SHOWN])) + more
