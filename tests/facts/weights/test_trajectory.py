"""Growth, who gains, since when: on courses whose truth is known."""

from __future__ import annotations

import math
import random
from itertools import accumulate, pairwise

import pytest
from builders import facts_of, recorder, value
from measured import DOCUMENT, measurement, pair
from msgspec.structs import replace

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.recorder import Recorder
from diagnose.facts.weights.courses import Measure, equals
from diagnose.facts.weights.pairs import Pair, one_per_step
from diagnose.facts.weights.trajectory import Trajectory, late_window, record_trajectory
from diagnose.facts.weights.turns import Turns


def followed(pairs: list[Pair]) -> tuple[Recorder, Trajectory | None]:
    record = recorder()
    return record, record_trajectory(pairs, Turns(one_per_step(pairs)), record)


def run(ratios: list[float], *, level: float = 0.005) -> list[Pair]:
    return [pair(100 * (index + 1), level * ratio, level) for index, ratio in enumerate(ratios)]


def turned(turn: int, count: int, draw: random.Random, noise: float = 0.0003) -> list[Pair]:
    """Ratios that rise by 1 % a save up to index `turn` and fall by 0.5 % after it, with wandering noise."""
    rises = [draw.gauss(0.01 if index <= turn else -0.005, noise) for index in range(1, count)]
    return run([1.1 * math.exp(total) for total in accumulate(rises, initial=0.0)])


def test_the_late_window_is_the_last_fifth_and_at_least_five() -> None:
    assert [p.step for p in late_window(DOCUMENT)] == list(range(2400, 3001, 100))
    assert len(late_window(DOCUMENT[:8])) == 5
    assert len(late_window(DOCUMENT[:2])) == 2
    assert late_window([]) == ()


def test_growth_and_its_band() -> None:
    record, _ = followed(DOCUMENT)
    assert value(record, "weights.growth", "high") == pytest.approx(5.4)
    assert value(record, "weights.growth", "low") == pytest.approx(7.2)
    assert value(record, "weights.growth_ratio") == pytest.approx(7.2 / 5.4)
    slope = facts_of(record)["weights.ratio_slope_high", "run"]
    assert isinstance(slope.value, float)
    assert slope.value < 0
    assert slope.samples == 7
    assert value(record, "weights.low_gains") is True
    assert value(record, "weights.checkpoints_to_settle") == 0


def test_two_checkpoints_have_growth_but_no_band() -> None:
    record, course = followed(DOCUMENT[-2:])
    assert value(record, "weights.growth", "high") is not None
    for name in ("ratio_slope", "low_gains", "checkpoints_to_settle", "outgrown_from"):
        assert value(record, f"weights.{name}") is None
    assert course is not None
    assert not course.courses


@pytest.mark.parametrize("pairs", [[], DOCUMENT[:1]])
def test_fewer_than_two_checkpoints_have_no_course(pairs: list[Pair]) -> None:
    assert followed(pairs)[1] is None


def test_one_expert_alone_has_growth_and_nothing_to_compare() -> None:
    alone = [replace(each, experts={Expert.LOW: each.experts[Expert.LOW]}) for each in DOCUMENT]
    record, course = followed(alone)
    assert course is not None
    assert course.alone is Expert.LOW
    assert value(record, "weights.growth", "low") == pytest.approx(7.2)
    assert value(record, "weights.growth", "high") is None
    assert [span.growth[0] for span in course.spans] == [None] * 5
    assert math.prod(1 + (span.growth[1] or 0) for span in course.spans) == pytest.approx(
        (alone[-1].magnitude(Expert.LOW) or 0) / (alone[0].magnitude(Expert.LOW) or 1)
    )


def test_the_spans_tile_the_run() -> None:
    _, course = followed(DOCUMENT)
    assert course is not None
    steps = [(span.first, span.last) for span in course.spans]
    assert (steps[0][0], steps[-1]) == (100, (2400, 3000))
    assert all(before[1] == after[0] for before, after in pairwise(steps))
    assert all(error is not None for span in course.spans for error in span.errors)
    assert course.spans[-1].ratios[0] == pytest.approx(DOCUMENT[-1].ratio)
    assert course.spans[0].ratios[1] is None or course.spans[0].ratios[1] > 0


def test_the_error_of_a_spans_growth_holds_what_was_meant_to_grow() -> None:
    draw, held, spans = random.Random(3), 0, 0
    for _ in range(200):
        logs = accumulate((draw.gauss(0.01, 0.003) for _ in range(29)), initial=math.log(0.005))
        _, course = followed([pair(100 * (i + 1), math.exp(log), 0.005) for i, log in enumerate(logs)])
        assert course is not None
        for span in course.spans:
            assert span.growth[0] is not None
            assert span.errors[0] is not None
            meant = math.exp(0.01 * (span.last - span.first) / 100) - 1
            held += abs(span.growth[0] - meant) <= span.errors[0]
            spans += 1
    assert 0.85 < held / spans < 0.99


@pytest.mark.parametrize("turn", [8, 15, 22])
def test_a_turn_is_found_where_it_was_made(turn: int) -> None:
    draw, held, width = random.Random(turn), 0, 0
    for _ in range(200):
        record, _ = followed(turned(turn, 30, draw))
        assert value(record, "weights.low_gains") is True
        first, last = (value(record, f"weights.outgrown_from_{end}") for end in ("earliest", "latest"))
        held += first <= 100 * (turn + 1) <= last
        width += last - first
    assert held / 200 > 0.95
    assert width / 200 < 500, "it is no answer to say: somewhere"


@pytest.mark.parametrize("count", [4, 10, 30])
def test_equal_growth_and_noise_is_no_turn(count: int) -> None:
    draw, turns, decided = random.Random(count), 0, 0
    for _ in range(500):
        wander = accumulate((draw.gauss(0, 0.002) for _ in range(count - 1)), initial=0.0)
        record, course = followed(run([1.2 * math.exp(total) for total in wander]))
        assert course is not None
        turns += course.courses[0].turn is not None
        decided += value(record, "weights.low_gains") is not None
        assert (value(record, "weights.checkpoints_to_settle") > 0) == (value(record, "weights.low_gains") is None)
    assert turns / 500 < 0.075, "one side of a 90 % band"
    assert decided / 500 < 0.15


def test_inside_the_noise_is_unknown_and_says_why() -> None:
    record, _ = followed(run([1.2, 1.21, 1.19, 1.205, 1.195, 1.21]))
    fact = facts_of(record)["weights.low_gains", "run"]
    assert not fact.known
    assert "inside its noise" in fact.note
    assert value(record, "weights.outgrown_from") is None


def test_a_ratio_of_learned_parts_may_fall_while_the_high_noise_expert_learns_more() -> None:
    pairs = [pair(100 * i, 0.0080 + 9e-5 * i, 0.0040 + 5e-5 * i) for i in range(1, 12)]
    _, course = followed(pairs)
    assert course is not None
    by_measure = {each.measure: each for each in course.courses}
    assert by_measure[Measure.MAGNITUDE].gap.high < 0, "1.1 % against 1.2 % of each"
    assert by_measure[Measure.LEARNED].gap.low > 0, "9e-5 against 5e-5"
    assert by_measure[Measure.LEARNED].turn is None


def test_a_norm_that_is_not_finite_leaves_its_course_out() -> None:
    broken = measurement(Expert.LOW, 0.005)
    broken = replace(broken, modules=(replace(broken.modules[0], update_norm=None),))
    pairs = [*DOCUMENT[:-1], replace(DOCUMENT[-1], experts={**DOCUMENT[-1].experts, Expert.LOW: broken})]
    _, course = followed(pairs)
    assert course is not None
    assert [each.measure for each in course.courses] == [Measure.MAGNITUDE, Measure.LEARNED]


def test_of_a_save_and_the_final_file_at_one_step_the_final_one_counts() -> None:
    final = replace(pair(3000, 0.006, 0.005), final=True)
    assert one_per_step([*DOCUMENT, final])[-1] is final
    assert len(one_per_step([*DOCUMENT, final])) == len(DOCUMENT)


def test_equals_are_what_the_scatter_cannot_tell_apart() -> None:
    ratios = [1.10, 1.13, 1.155, 1.176, 1.190, 1.197, 1.1975, 1.1972, 1.192, 1.180, 1.166, 1.148]
    first, last = equals(ratios, 6)
    assert first in (5, 6)
    assert last in (7, 8)
    assert equals(ratios, 6, least=0.02) == (4, 9)
    assert equals([1.0, 1.1], 1) == (1, 1), "without scatter only what is as large is as good"
