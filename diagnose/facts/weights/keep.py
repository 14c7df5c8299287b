"""Which of the saved checkpoints the evidence favours: a band of equals, and a winner only where nothing equals it.

Each criterion speaks for itself and narrows what the ones before it left, unless nothing would be left. How well
something was learned is in none of them: the fork's author withdrew a script that ranked checkpoints by weight
magnitude alone, as no measure of that (fork commit 226d19d), so magnitude is shown and narrows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import Intent, Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import Recorder
from diagnose.facts.weights.criteria import (
    Criterion,
    before_nan,
    finite,
    in_time,
    learned,
    losses,
    motion,
    resumes,
    strength,
    weight_ratio,
    whole,
)
from diagnose.facts.weights.pairs import in_words
from diagnose.facts.weights.trajectory import Trajectory
from diagnose.facts.weights.turns import Turns
from diagnose.trainers.declared import Config

SHOWN = 6
"""How many steps a sentence names."""


class Opinion(Struct, frozen=True):
    """What one criterion favours among the saved steps, and what became of it.

    `favours` are the steps it favours, ascending, None where it cannot tell them apart; what it cannot judge is not
    among them. `decides` is whether it may leave steps out, `narrows` whether it did, `overruled` whether it would have
    left nothing of what stronger criteria favour.
    """

    criterion: str
    favours: tuple[int, ...] | None
    because: str
    decides: bool
    narrows: bool
    overruled: bool


class Keep(Struct, frozen=True):
    """The steps that are equally good as far as the evidence goes; empty where no criterion prefers any.

    `against` says of every other step which criterion left it out. `unseen` is what the choice cannot know. `nothing`
    says why no checkpoint is worth keeping; "" where one may be. `saved` are all steps.
    """

    steps: tuple[int, ...]
    against: tuple[tuple[int, str], ...]
    opinions: tuple[Opinion, ...]
    unseen: tuple[str, ...]
    nothing: str = ""
    saved: tuple[int, ...] = ()


def record_keep(turns: Turns, trajectory: Trajectory | None, evidence: Evidence, record: Recorder) -> Keep | None:
    """Record `weights.keep`; return the choice, None without a measured checkpoint."""
    saved = {pair.step: pair for pair in evidence.pairs}
    if not saved:
        return None
    every, series = record.number("config.save_every"), evidence.series
    after_resume = resumes(list(saved), resumed(record), series, every)
    screens = (
        finite(list(saved.values())),
        learned(list(saved.values()), evidence.targets.learned),
        before_nan(list(saved), series),
        whole(list(saved.values())),
        after_resume,
        in_time(list(saved), _last_good(evidence)),
    )
    if frozenset[int]().union(*(each.disfavours for each in screens if each.useless)) >= saved.keys():
        return _nothing(sorted(saved), screens)
    left, against, opinions = _narrowed(sorted(saved), sorted(saved), screens)
    telling = [each for screen, each in zip(screens, opinions, strict=True) if screen.judged or screen is after_resume]
    comparable = record.truth("weights.comparable") is True
    seen = tuple(motion(left, evidence.motion_course, evidence.intent))
    proxies = weight_ratio(left, turns, trajectory, evidence.intent, comparable=comparable)
    preferences = (
        *seen,
        *(_behind(each) if any(one.judged for one in seen) else each for each in proxies),
        *(losses(left, series, expert) for expert in Expert),
        strength([saved[step] for step in left], comparable=comparable),
    )
    left, later, preferred = _narrowed(sorted(saved), left, preferences)
    decided = len(left) == 1 or any(
        each.judged and each.decides and each.prefers and not opinion.overruled
        for each, opinion in zip(preferences, preferred, strict=True)
    )
    unseen = (*_blind(left, evidence, record), *_gone(sorted(saved), evidence.config))
    keep = Keep(
        tuple(left) if decided else (),
        tuple(sorted({**against, **later}.items())),
        (*telling, *preferred),
        unseen,
        saved=tuple(sorted(saved)),
    )
    if keep.steps:
        note = "; ".join(each.criterion for each in keep.opinions if each.narrows)
        words = in_words(left, keep.saved) if len(left) == 1 else f"one of {in_words(left, keep.saved)}"
        places = [saved[step].place() for step in (left[0], left[-1])]
        record.known("weights.keep", words, places=places, samples=len(saved), note=note)
    return keep


def _behind(proxy: Criterion) -> Criterion:
    """Return what the weights prefer where the motion itself was measured: shown, but it decides nothing."""
    if not proxy.judged:
        return proxy
    return replace(proxy, decides=False, because=f"{proxy.because}; the measured motion goes before it")


def resumed(record: Recorder) -> tuple[Place, ...] | None:
    """Return where the run was resumed; None where that is unknown. A run without resumes has a place that shows it."""
    places = record.places("run.resumes")
    return () if record.number("run.resumes") == 0 else places


def _last_good(evidence: Evidence) -> float | None:
    """Return the last step at which a good checkpoint of motion was seen; None for another intent.

    An expert trained alone has all the steps, which the target counts over both.
    """
    if evidence.intent is not Intent.MOTION:
        return None
    both = evidence.config is None or evidence.config.trains_both
    return evidence.targets.degraded / (1 if both else 2)


def _narrowed(
    saved: Sequence[int], steps: Sequence[int], criteria: Sequence[Criterion]
) -> tuple[list[int], dict[int, str], tuple[Opinion, ...]]:
    """Return what the criteria leave of the steps, which of them left each other step out, and what became of each."""
    left, against, opinions = list(steps), dict[int, str](), []
    for criterion in criteria:
        telling = criterion.disfavours | criterion.unjudged if criterion.judged else frozenset()
        kept = [step for step in left if step not in telling]
        narrows = criterion.decides and 0 < len(kept) < len(left)
        if narrows:
            blind = f"{criterion.name}, which cannot judge it"
            out = [step for step in left if step not in kept]
            against |= {step: criterion.name if step in criterion.disfavours else blind for step in out}
            left = kept
        favoured = tuple(step for step in (saved if not criterion.unjudged else steps) if step not in telling)
        favours = favoured if criterion.disfavours and favoured else None
        overruled = criterion.decides and not kept
        opinions.append(Opinion(criterion.name, favours, criterion.because, criterion.decides, narrows, overruled))
    return left, against, tuple(opinions)


def _nothing(saved: Sequence[int], screens: Sequence[Criterion]) -> Keep:
    """Return that no checkpoint is worth keeping: each is broken, empty or from after a NaN."""
    causes = {step: next(each for each in screens if step in each.disfavours) for step in saved}
    because = "; ".join(dict.fromkeys(each.because for each in causes.values()))
    return Keep((), tuple((step, each.name) for step, each in causes.items()), (), (), because, tuple(saved))


def _blind(left: Sequence[int], evidence: Evidence, record: Recorder) -> Iterator[str]:
    looked = "no preview was looked at" if evidence.motion_course is None else "of the previews the motion alone"
    yield f"How well anything was learned: weights and losses do not show it, and {looked}"
    shown = sorted({sample.step for sample in evidence.readings.samples} & set(left))
    if shown:
        yield f"Previews to compare exist for step {_steps(shown)}"
    if evidence.intent is None:
        yield "What the LoRA is to learn: for motion the weight ratio speaks one way, for a character the other"
    if record.truth("effective.ema"):
        yield "The saved weights are EMA averages, each of the steps before it"


def _gone(saved: Sequence[int], config: Config | None) -> Iterator[str]:
    """Say which saves the config asks for and the folder does not have, up to the last one that it has."""
    setting = config.number("save_every") if config is not None else None
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
