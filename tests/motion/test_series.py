"""The same prompt with the same seed is followed over the steps, and nothing else is compared."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from diagnose.motion.measured import ClipMotion, Unmeasured
from diagnose.motion.series import MotionSeries, follow, in_force
from diagnose.sources.readings import AskedPreview, SampleFile

CLIP = ClipMotion("", 33, 32, 2.0, 480, 832, 0.9, False, 0.2, 0.6, 0.01, 0.2, 0.6, 0.1, 0.5, 7)
ASKED = AskedPreview("she turns", seed=7, fixed=True, frames=33)


def sample(step: int, prompt: int, epoch: int | None = None) -> SampleFile:
    when = step * 1000 + prompt if epoch is None else epoch
    return SampleFile(f"samples/{when}__{step:09d}_{prompt}.webp", step, prompt, when)


def rounds(*steps: int, prompts: int = 2) -> list[SampleFile]:
    return [sample(step, prompt) for step in steps for prompt in range(prompts)]


def measured(samples: list[SampleFile], clip: ClipMotion = CLIP) -> dict[str, ClipMotion | Unmeasured]:
    return {each.file: replace(clip, file=each.file) for each in samples}


def followed(
    samples: list[SampleFile],
    asked: int | tuple[AskedPreview, ...] = 0,
    motion: Mapping[str, ClipMotion | Unmeasured] | None = None,
) -> MotionSeries:
    told = asked if isinstance(asked, tuple) else tuple(replace(ASKED, seed=7 + i) for i in range(asked))
    return follow(samples, measured(samples) if motion is None else motion, told)


def steps_of(series: MotionSeries) -> list[list[int]]:
    return [[point.step for point in each.points] for each in series.prompts]


def test_prompts_are_followed_with_their_baseline_seed_and_text() -> None:
    series = followed(rounds(0, 100, 200), asked=2)
    assert steps_of(series) == [[100, 200], [100, 200]]
    assert [each.baseline.step if each.baseline else None for each in series.prompts] == [0, 0]
    assert [(each.prompt, each.seed, each.text) for each in series.prompts] == [
        (0, 7, "she turns"),
        (1, 8, "she turns"),
    ]
    assert series.changed == ()
    assert series.left_out == ()


def test_without_previews_there_is_nothing() -> None:
    assert followed([]) == MotionSeries()


def test_without_a_config_seed_and_text_are_unknown() -> None:
    assert {(each.seed, each.text) for each in followed(rounds(0, 100)).prompts} == {(None, None)}


def test_another_number_of_prompts_than_the_config_asks_for_says_nothing_of_their_seeds() -> None:
    assert {each.seed for each in followed(rounds(100, 200), asked=3).prompts} == {None}


def test_a_preview_that_nobody_measured_is_in_no_series() -> None:
    samples = rounds(100, 200)
    motion = measured(samples)
    del motion[samples[0].file]
    assert steps_of(followed(samples, motion=motion)) == [[200], [100, 200]]


def test_one_that_could_not_be_measured_is_in_it_with_the_reason() -> None:
    samples = rounds(100, 200, prompts=1)
    broken = Unmeasured(samples[0].file, "truncated, or not a video", damage=True)
    series = followed(samples, motion={**measured(samples), broken.file: broken})
    assert series.prompts[0].points[0].motion == broken


def test_more_prompts_from_a_step_on_are_other_previews() -> None:
    series = followed([*rounds(0, 100, 200, 300), *rounds(400, 500, prompts=3)], asked=3)
    assert series.changed == (400,)
    assert steps_of(series) == [[100, 200, 300], [100, 200, 300]]
    assert {each.seed for each in series.prompts} == {None}, "the config is that of the later ones"


def test_the_later_of_two_stretches_of_one_length_counts() -> None:
    series = followed([*rounds(0, 100, 200), *rounds(300, 400, prompts=3)], asked=3)
    assert steps_of(series) == [[300, 400]] * 3
    assert {each.baseline for each in series.prompts} == {None}
    assert [each.seed for each in series.prompts] == [7, 8, 9]


@pytest.mark.parametrize(("after", "changed"), [([], ()), (rounds(300), ()), (rounds(300, prompts=1), (200,))])
def test_a_round_that_was_cut_short_is_no_change(after: list[SampleFile], changed: tuple[int, ...]) -> None:
    series = followed([*rounds(0, 100), *rounds(200, prompts=1), *after])
    assert series.changed == changed


def test_a_last_round_with_as_many_prompts_as_the_config_has_is_a_change() -> None:
    assert followed([*rounds(0, 100), *rounds(200, prompts=1)], asked=1).changed == (200,)


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({"width": 512}, (200,)),
        ({"height": 512}, (200,)),
        ({"seconds": 2.1}, ()),
        ({"seconds": 2.2}, (200,)),
        ({"seconds": None}, ()),
        ({"seconds": 0.06, "frames": 1}, ()),
    ],
)
def test_another_size_or_length_is_another_series(change: dict[str, float | None], changed: tuple[int, ...]) -> None:
    before, after = rounds(0, 100), rounds(200, 300)
    motion = {**measured(before), **measured(after, replace(CLIP, **change))}
    assert followed([*before, *after], motion=motion).changed == changed


def test_a_start_from_an_earlier_step_takes_the_place_of_what_was_beyond_it() -> None:
    first = [sample(step, 0, epoch=step) for step in (0, 100, 200, 300)]
    second = [sample(step, 0, epoch=1000 + step) for step in (100, 200)]
    assert in_force([*first, *second]) == (first[0], *second)


def test_the_newer_of_two_previews_of_a_step_counts() -> None:
    older, newer, other = sample(100, 0, epoch=5), sample(100, 0, epoch=9), sample(100, 1, epoch=6)
    assert in_force([newer, older, other]) == (newer, other)


def test_a_prompt_with_a_random_seed_makes_no_series() -> None:
    asked = (replace(ASKED, seed=None, fixed=False), ASKED)
    series = followed(rounds(0, 100), asked)
    assert [each.prompt for each in series.prompts] == [1]
    assert series.left_out == ("prompt 1: a new random seed for every preview, so they do not compare",)


def test_an_unknown_seed_is_not_a_random_one() -> None:
    asked = (replace(ASKED, seed=None, fixed=None), ASKED)
    assert len(followed(rounds(0, 100), asked).prompts) == 2


def test_a_prompt_for_a_still_has_no_motion() -> None:
    asked = (replace(ASKED, frames=1), replace(ASKED, frames=2))
    series = followed(rounds(0, 100), asked)
    assert [each.prompt for each in series.prompts] == [1]
    assert series.left_out == ("prompt 1: one frame, so there is no motion",)


@pytest.mark.parametrize(("frames", "moves"), [((1, 1), False), ((1, 2), True)])
def test_where_no_config_tells_previews_of_one_frame_are_stills(frames: tuple[int, int], *, moves: bool) -> None:
    samples = rounds(0, 100, prompts=1)
    motion = {
        each.file: replace(CLIP, file=each.file, frames=count) for each, count in zip(samples, frames, strict=True)
    }
    series = followed(samples, motion=motion)
    assert bool(series.prompts) is moves
    assert series.left_out == (() if moves else ("prompt 1: one frame, so there is no motion",))


def test_a_prompt_of_which_nothing_was_measured_makes_no_series() -> None:
    samples = rounds(0, 100)
    assert [each.prompt for each in followed(samples, motion=measured([samples[1]])).prompts] == [1]


def test_prompts_that_are_left_out_for_one_reason_are_named_together() -> None:
    asked = tuple(replace(ASKED, seed=None, fixed=False) for _ in range(6))
    series = followed(rounds(0, 100, prompts=6), asked)
    assert series.left_out == (
        "prompts 1, 2, 3, 4 and 2 more: a new random seed for every preview, so they do not compare",
    )
