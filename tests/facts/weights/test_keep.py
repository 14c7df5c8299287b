"""The choice of checkpoints: what narrows it, what is overruled, what is only shown, and what it admits to."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from alternating_experts import alternately, saves
from builders import alternating, config_of, readings, recorder, value
from hypothesis import given
from hypothesis import strategies as st
from measured import entries, measurement, pair
from msgspec.structs import replace
from previewed import amounts, previewed, shown
from run_evidence import evidence

from diagnose.core.values import Intent, Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.recorder import Recorder
from diagnose.facts.weights.keep import Keep, record_keep
from diagnose.facts.weights.pairs import Pair, one_per_step
from diagnose.facts.weights.trajectory import record_trajectory
from diagnose.facts.weights.turns import Turns, compare_turns
from diagnose.sources.log_rows import LogRow
from diagnose.sources.readings import SampleFile
from diagnose.weights.modules import Entries

RATIOS = [1.00, 1.05, 1.10, 1.15, 1.19, 1.193, 1.191, 1.17, 1.15, 1.13, 1.11, 1.09]
"""Largest at step 600; what rounds alike lies from 500 to 700."""


def saved(ratios: Iterable[float] = RATIOS) -> list[Pair]:
    return [pair(100 * (index + 1), 0.005 * ratio, 0.005) for index, ratio in enumerate(ratios)]


def choose(
    pairs: Sequence[Pair],
    *,
    intent: Intent | None = Intent.MOTION,
    comparable: bool = True,
    resumes: Sequence[int] | None = (),
    rows: Sequence[LogRow] | None = None,
    **more: Any,
) -> tuple[Keep, Recorder]:
    record = recorder()
    record.known("weights.comparable", comparable)
    if resumes is not None:
        places = more.get("seen") or [Place("stdout.log", step=step) for step in resumes]
        record.known("run.resumes", len(resumes), places=places)
    if "save_every" in more:
        record.known("config.save_every", more["save_every"])
    if "ema" in more:
        record.known("effective.ema", more["ema"])
    read = replace(readings(metrics=rows), samples=tuple(more.get("samples", ())))
    turns = Turns(one_per_step(pairs))
    trajectory = record_trajectory(pairs, turns, record)
    found = evidence(more.get("config"), read, intent=intent, pairs=pairs, motion_course=more.get("motion_course"))
    keep = record_keep(turns, trajectory, found, record)
    assert keep is not None
    return keep, record


def opinion(keep: Keep, name: str) -> Any:
    return next(each for each in keep.opinions if each.criterion == name)


def test_the_largest_ratio_keeps_those_that_round_alike() -> None:
    keep, record = choose(saved())
    assert keep.steps == (500, 600, 700)
    assert value(record, "weights.keep") == "one of step 500 to 700"
    assert opinion(keep, "weight ratio").narrows
    assert opinion(keep, "growth").favours == tuple(range(100, 801, 100)), "the turn lies before the save after them"
    assert opinion(keep, "weight ratio").favours == (500, 600, 700)
    assert dict(keep.against) == {
        **dict.fromkeys([100, 200, 300, 400], "weight ratio, which cannot judge it"),
        800: "weight ratio",
        **dict.fromkeys([900, 1000, 1100, 1200], "growth"),
    }


def test_for_a_character_the_ratio_speaks_the_other_way_and_growth_is_no_fault() -> None:
    keep, _ = choose(saved(), intent=Intent.CHARACTER)
    assert keep.steps == (1200,), "smallest past the first third of the run, before which nothing is learned"
    assert [each.criterion for each in keep.opinions].count("growth") == 0


@pytest.mark.parametrize(
    ("changed", "word"),
    [({"intent": None}, "intent"), ({"comparable": False}, "do not apply to this network")],
)
def test_without_intent_or_reach_the_weights_have_no_say(changed: dict[str, Any], word: str) -> None:
    keep, record = choose(saved(), **changed)
    assert keep.steps == ()
    assert value(record, "weights.keep") is None
    for name in ("growth", "weight ratio"):
        assert word in opinion(keep, name).because
        assert opinion(keep, name).favours is None


def test_a_narrow_network_is_not_praised_for_its_strength() -> None:
    keep, _ = choose(saved(), comparable=False)
    assert opinion(keep, "strength").favours is None
    keep, _ = choose(saved())
    assert opinion(keep, "strength").favours == (600,)
    assert not opinion(keep, "strength").narrows


def test_broken_and_halved_checkpoints_are_left_out() -> None:
    pairs = saved()
    broken = measurement(Expert.HIGH, 0.006, up=Entries(100, None, None, None, 7, 0))
    pairs[5] = replace(pairs[5], experts={**pairs[5].experts, Expert.HIGH: broken})
    pairs[6] = replace(pairs[6], experts={Expert.HIGH: pairs[6].experts[Expert.HIGH]})
    keep, _ = choose(pairs)
    assert keep.steps == (500,)
    assert (dict(keep.against)[600], dict(keep.against)[700]) == ("finite weights", "whole files")


def climbing(*lost: int) -> list[LogRow]:
    """Rows whose rate climbs from 1e-5, and starts anew at the steps named."""
    since = 0
    rows = []
    for step in range(1200):
        since = step if step in lost else since
        rate = 1e-5 + 1e-7 * (step - since)
        rows.append(LogRow(step, step + 1, expert=Expert.HIGH, loss=None, rates={"high": rate, "low": 5e-6}))
    return rows


def test_the_first_save_after_a_resume_that_lost_the_rates_is_left_out() -> None:
    keep, _ = choose(saved(), resumes=[530], rows=climbing(530))
    assert keep.steps == (500, 700)
    assert dict(keep.against)[600] == "distance from a resume"
    keep, _ = choose(saved(), resumes=[500], rows=climbing(500))
    assert dict(keep.against)[600] == "distance from a resume", "the checkpoint it was resumed from is sound"
    keep, _ = choose(saved(), resumes=[530], rows=climbing())
    assert keep.steps == (500, 600, 700)
    assert "no resume lost" in opinion(keep, "distance from a resume").because
    keep, _ = choose(saved(), resumes=[530])
    assert "no learning rates" in opinion(keep, "distance from a resume").because
    keep, _ = choose(saved(), resumes=(), seen=[Place("stdout.log", line=1, step=530)])
    assert keep.steps == (500, 600, 700), "the place only shows that there was none"
    keep, _ = choose(saved(), resumes=None)
    assert "unknown" in opinion(keep, "distance from a resume").because


def test_a_save_that_comes_late_after_a_resume_had_time_to_recover() -> None:
    pairs = [each for each in saved() if each.step not in {600, 700}]
    keep, _ = choose(pairs, resumes=[530], rows=climbing(530), save_every=100)
    assert 800 not in dict(keep.against) or dict(keep.against)[800] != "distance from a resume"
    assert "follows closely" in opinion(keep, "distance from a resume").because


def test_a_resume_alone_prefers_nothing() -> None:
    keep, record = choose(saved(), comparable=False, resumes=[530], rows=climbing(530))
    assert keep.steps == ()
    assert keep.against == ((600, "distance from a resume"),)
    assert value(record, "weights.keep") is None


def losing(step: int, expert: Expert, draw: random.Random, *, worse_from: int) -> LogRow:
    level = 0.08 if step < worse_from or expert is Expert.LOW else 0.12
    return LogRow(step, step + 1, loss=level * draw.lognormvariate(0, 0.3), expert=expert)


@pytest.mark.parametrize(("worse_from", "steps"), [(600, (500, 600)), (210, (500, 600, 700))])
def test_a_loss_that_is_certainly_higher_speaks_only_where_it_leaves_something(
    worse_from: int, steps: tuple[int, ...]
) -> None:
    draw = random.Random(2)
    rows = alternating(1200, 1, lambda step, expert: losing(step, expert, draw, worse_from=worse_from))
    keep, _ = choose(saved(), rows=rows)
    assert keep.steps == steps
    high, low = (opinion(keep, f"loss, {expert.value}-noise expert") for expert in Expert)
    assert high.favours is not None
    assert high.narrows == (worse_from == 600)
    assert high.overruled == (worse_from == 210)
    assert low.favours is None


def test_an_undecided_trend_says_how_many_checkpoints_would_tell() -> None:
    keep, _ = choose(saved([1.2, 1.21, 1.19, 1.205, 1.195, 1.21]))
    assert "undecided; at least" in opinion(keep, "growth").because


def test_one_checkpoint_is_the_one_to_keep() -> None:
    keep, record = choose(saved([1.1]))
    assert keep.steps == (100,)
    assert value(record, "weights.keep") == "step 100"


def test_no_checkpoint_no_choice() -> None:
    assert record_keep(Turns(()), None, evidence(intent=Intent.MOTION), recorder()) is None


def test_what_it_cannot_see(tmp_path: Path) -> None:
    samples = [SampleFile(f"samples/{step}.webp", step, 0, 0) for step in (500, 600, 900)]
    config = config_of(tmp_path, save={"save_every": 50})
    keep, _ = choose(saved(), intent=None, ema=True, samples=samples, config=config)
    told = " ".join(keep.unseen)
    for words in ("How well anything was learned", "for step 500, 600, 900", "EMA", "for motion", "12 saves are gone"):
        assert words in told, words
    keep, _ = choose(saved(), ema=False, samples=samples, config=config_of(tmp_path, save={"save_every": 100}))
    assert keep.unseen[1] == "Previews to compare exist for step 500, 600"
    assert len(keep.unseen) == 2


def test_after_losses_that_stay_nan_nothing_is_kept() -> None:
    def row(step: int, expert: Expert) -> LogRow:
        return LogRow(step, step + 1, loss=0.1 if step < 450 or step == 700 else 0.0, expert=expert)

    keep, _ = choose(saved(), rows=alternating(1201, 100, row))
    assert keep.steps == (400,)
    assert {name for step, name in keep.against if step > 450} == {"losses that are numbers"}
    keep, _ = choose(saved()[5:], rows=alternating(1201, 100, row))
    assert keep.steps == ()
    assert keep.nothing == "from step 450 on most losses are NaN"


def test_a_broken_clip_now_and_then_leaves_every_save() -> None:
    rows = alternating(1201, 100, lambda step, e: LogRow(step, step + 1, loss=0.1 if step % 9 > 2 else 0.0, expert=e))
    keep, _ = choose(saved(), rows=rows)
    assert keep.steps == (500, 600, 700)


def test_where_nothing_was_learned_nothing_is_kept() -> None:
    untouched = [replace(each, experts=dict.fromkeys(Expert, measurement(Expert.HIGH, 0.003))) for each in saved()]
    empty = [
        replace(
            each,
            experts={e: replace(m, modules=(replace(m.modules[0], update_norm=0.0),)) for e, m in each.experts.items()},
        )
        for each in untouched
    ]
    keep, record = choose(empty)
    assert keep.nothing == "no save has learned anything"
    assert value(record, "weights.keep") is None


def test_a_save_past_the_last_good_step_is_no_choice_for_motion() -> None:
    rising = [pair(200 * (index + 1), 0.005 * (1 + 0.01 * index), 0.005) for index in range(20)]
    keep, _ = choose(rising)
    assert max(keep.steps) == 2400
    assert dict(keep.against)[2600] == "length"


def test_saves_within_a_turn_are_not_judged_by_the_ratio() -> None:
    pairs = saves(alternately(2201, 100), 100, {Expert.HIGH: lambda n: 2e-6 * n, Expert.LOW: lambda n: 2e-6 * n})
    record = recorder()
    record.known("weights.comparable", value=True)
    turns = compare_turns(pairs, None, None, ())
    trajectory = record_trajectory(pairs, turns, record)
    keep = record_keep(turns, trajectory, evidence(intent=Intent.MOTION, pairs=pairs), record)
    assert keep is not None
    assert {step // 100 % 2 for step in keep.steps} == {0}
    assert dict(keep.against)[2100] == "weight ratio, which cannot judge it"


@given(
    st.lists(st.floats(0.8, 2.0), min_size=1, max_size=15),
    st.sets(st.integers(0, 14)),
    st.lists(st.integers(0, 1500), max_size=3),
    st.sampled_from([None, *Intent]),
    st.booleans(),
)
def test_every_step_is_kept_or_left_out_for_a_reason(
    ratios: list[float], broken: set[int], resumes: list[int], intent: Intent | None, reach: bool
) -> None:
    pairs = saved(ratios)
    for index in broken & set(range(len(pairs))):
        bad = measurement(Expert.LOW, 0.005, up=entries(0.005, non_finite=1))
        pairs[index] = replace(pairs[index], experts={**pairs[index].experts, Expert.LOW: bad})
    keep, record = choose(pairs, intent=intent, comparable=reach, resumes=resumes)
    against = dict(keep.against)
    assert not against.keys() & set(keep.steps)
    assert (len(against) == len(pairs)) is bool(keep.nothing)
    assert not set(keep.steps) & {pairs[index].step for index in broken if index < len(pairs)}
    assert set(keep.steps) <= {each.step for each in pairs}
    assert (value(record, "weights.keep") is None) is not bool(keep.steps)
    if keep.steps:
        assert against.keys() | set(keep.steps) == {each.step for each in pairs}
    if not keep.nothing:
        names = {each.criterion for each in keep.opinions if each.narrows}
        assert {name.removesuffix(", which cannot judge it") for name in against.values()} <= names


def test_the_measured_motion_goes_before_the_ratio_of_the_weights() -> None:
    course = previewed(shown(amounts(lambda save: 0.5 if save >= 4 else 1.0)))[0].motion_course
    keep, _ = choose(saved(), motion_course=course)
    assert keep.steps
    assert max(keep.steps) <= 400
    assert opinion(keep, "motion").narrows
    assert not opinion(keep, "weight ratio").decides
    assert "the measured motion goes before it" in opinion(keep, "weight ratio").because
    assert "of the previews the motion alone" in keep.unseen[0]
    assert dict(keep.against)[1000] == "motion"


def test_a_motion_that_keeps_its_level_leaves_every_save() -> None:
    course = previewed(shown(amounts(lambda _: 1.0)))[0].motion_course
    keep, _ = choose(saved(), motion_course=course)
    assert opinion(keep, "motion").favours is None
    assert keep.steps == (500, 600, 700)


def test_for_a_character_less_motion_is_no_fault() -> None:
    course = previewed(shown(amounts(lambda save: 0.5 if save >= 4 else 1.0)))[0].motion_course
    keep, _ = choose(saved(), intent=Intent.CHARACTER, motion_course=course)
    assert all(each.criterion != "motion" for each in keep.opinions)
