"""The previews of a run as series: one prompt with one seed, followed over the steps, each with its measured motion.

Only previews that differ in nothing but the step compare. Where prompts, sizes or lengths change, a series ends. That a
text or a seed was changed shows in no file, for the folder keeps the last config alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

from diagnose.motion.measured import ClipMotion, Unmeasured
from diagnose.sources.readings import AskedPreview, SampleFile

Motion: TypeAlias = "ClipMotion | Unmeasured"
SAME_LENGTH = 1.05
"""Up to so many times as long a preview has the same number of frames; a webp keeps whole milliseconds."""
MOST_NAMED = 4
ONE_FRAME = "one frame, so there is no motion"
FEWEST = 2
"""Frames that show motion."""


class Point(Struct, frozen=True):
    """A preview at a step, with its motion."""

    step: int
    file: str
    motion: ClipMotion | Unmeasured


class PromptSeries(Struct, frozen=True):
    """The previews of one prompt and seed.

    Attributes:
        prompt: its number in the config, from 0.
        seed: the seed of all of them; None where no config tells.
        text: the prompt; None where no config tells.
        baseline: the preview of step 0, the model without the LoRA; None where there is none that compares.
        points: the others, by step.
    """

    prompt: int
    seed: int | None = None
    text: str | None = None
    baseline: Point | None = None
    points: tuple[Point, ...] = ()

    @property
    def every_point(self) -> tuple[Point, ...]:
        """The previews of all steps, step 0 first."""
        return (*([self.baseline] if self.baseline is not None else []), *self.points)


class MotionSeries(Struct, frozen=True):
    """The previews of a run that compare, and what they can be held against.

    Attributes:
        prompts: of the longest stretch of steps without a change of the previews; the later of two.
        changed: the steps from which on the previews are others: more or fewer prompts, another size or length.
        clips: training clips, at the speed at which the trainer teaches them.
        left_out: in words, the prompts that make no series, such as one with a new seed for every preview.
    """

    prompts: tuple[PromptSeries, ...] = ()
    changed: tuple[int, ...] = ()
    clips: tuple[ClipMotion, ...] = ()
    left_out: tuple[str, ...] = ()


Round = Mapping[int, SampleFile]
"""The previews of a step, by prompt."""


def follow(
    samples: Sequence[SampleFile],
    measured: Mapping[str, ClipMotion | Unmeasured],
    asked: Sequence[AskedPreview],
    clips: Sequence[ClipMotion] = (),
) -> MotionSeries:
    """Return the series of a run's previews.

    Args:
        samples: the previews that are there; of two of a step and prompt the newer counts.
        measured: their motion by file; a preview that is missing here is not in a series.
        asked: the previews as the config asks for them, in order; empty where nothing tells.
        clips: as in the result.
    """
    rounds = _rounds(samples)
    stretches = _stretches(rounds, measured, len(asked))
    if not stretches:
        return MotionSeries(clips=tuple(clips))
    longest = max(stretches, key=lambda steps: (len([step for step in steps if step]), steps[0]))
    numbers = {prompt for step in longest for prompt in rounds[step]}
    known = asked if longest is stretches[-1] and len(asked) == len(numbers) else ()
    left_out = {number: why for number, each in enumerate(known) if (why := _no_series(each))}
    every = [_series(number, longest, rounds, measured, known) for number in sorted(numbers - left_out.keys())]
    if not known:
        left_out |= {each.prompt: ONE_FRAME for each in every if _only_stills(each)}
    return MotionSeries(
        prompts=tuple(each for each in every if (each.baseline or each.points) and each.prompt not in left_out),
        changed=tuple(steps[0] for steps in stretches[1:]),
        clips=tuple(clips),
        left_out=tuple(_named(left_out)),
    )


def _named(left_out: Mapping[int, str]) -> Iterator[str]:
    """Yield each reason once, after the prompts that it is about."""
    for why in dict.fromkeys(left_out.values()):
        numbers = sorted(number + 1 for number, own in left_out.items() if own == why)
        more = f" and {len(numbers) - MOST_NAMED} more" if len(numbers) > MOST_NAMED else ""
        listed = ", ".join(map(str, numbers[:MOST_NAMED]))
        yield f"prompt{'s' if numbers[1:] else ''} {listed}{more}: {why}"


def in_force(samples: Sequence[SampleFile]) -> tuple[SampleFile, ...]:
    """Return the previews of the run as it was trained last, by step and prompt.

    A start from an earlier step takes the place of what an earlier start trained beyond it; so do its previews.
    """
    kept: dict[tuple[int, int], SampleFile] = {}
    floor: int | None = None
    for each in sorted(samples, key=lambda sample: (-sample.epoch_ms, -sample.step)):
        if floor is None or each.step <= floor:
            kept.setdefault((each.step, each.prompt), each)
            floor = each.step
    return tuple(kept[key] for key in sorted(kept))


def _rounds(samples: Sequence[SampleFile]) -> dict[int, dict[int, SampleFile]]:
    rounds: dict[int, dict[int, SampleFile]] = defaultdict(dict)
    for each in in_force(samples):
        rounds[each.step][each.prompt] = each
    return rounds


def _stretches(rounds: Mapping[int, Round], measured: Mapping[str, Motion], asked: int) -> list[list[int]]:
    """Return the steps, parted where the previews become others."""
    steps = sorted(rounds)
    stretches: list[list[int]] = []
    last: Round | None = None
    for index, step in enumerate(steps):
        now = rounds[step]
        after = rounds[steps[index + 1]] if index + 1 < len(steps) else None
        short = last is not None and _cut_short(now, last, after, asked)
        if last is None or not (short or now.keys() == last.keys()) or _differ(last, now, measured):
            stretches.append([])
        stretches[-1].append(step)
        last = last if short else now
    return stretches


def _cut_short(now: Round, last: Round, after: Round | None, asked: int) -> bool:
    """Return whether previews are missing because the trainer ended, or is still, within this round."""
    if not now.keys() < last.keys():
        return False
    return len(now) != asked if after is None else after.keys() == last.keys()


def _differ(last: Round, now: Round, measured: Mapping[str, Motion]) -> bool:
    """Return whether a preview has another size or length than before."""
    both = ((measured.get(last[prompt].file), measured.get(now[prompt].file)) for prompt in last.keys() & now.keys())
    return any(_unlike(one, other) for one, other in both)


def _unlike(one: Motion | None, other: Motion | None) -> bool:
    if not (isinstance(one, ClipMotion) and isinstance(other, ClipMotion)):
        return False
    if (one.width, one.height) != (other.width, other.height):
        return True
    if not (one.seconds and other.seconds) or min(one.frames, other.frames) < FEWEST:
        return False
    return max(one.seconds, other.seconds) > SAME_LENGTH * min(one.seconds, other.seconds)


def _no_series(asked: AskedPreview) -> str:
    """Return why a prompt makes no series, "" where it makes one."""
    if asked.frames is not None and asked.frames < FEWEST:
        return ONE_FRAME
    if asked.fixed is False:
        return "a new random seed for every preview, so they do not compare"
    return ""


def _only_stills(series: PromptSeries) -> bool:
    """Return whether every preview has one frame; where no config tells, one was asked for."""
    frames = [point.motion.frames for point in series.every_point if isinstance(point.motion, ClipMotion)]
    return bool(frames) and max(frames) < FEWEST


def _series(
    number: int,
    steps: Sequence[int],
    rounds: Mapping[int, Round],
    measured: Mapping[str, Motion],
    asked: Sequence[AskedPreview],
) -> PromptSeries:
    own = [each for step in steps if (each := rounds[step].get(number)) is not None and each.file in measured]
    points = [Point(each.step, each.file, measured[each.file]) for each in own]
    told = asked[number] if number < len(asked) else None
    return PromptSeries(
        prompt=number,
        seed=told.seed if told is not None else None,
        text=told.text if told is not None else None,
        baseline=next((point for point in points if not point.step), None),
        points=tuple(point for point in points if point.step),
    )
