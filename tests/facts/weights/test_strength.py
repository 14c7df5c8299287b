import math

import pytest
from builders import facts_of, recorder, value
from measured import entries, measurement, pair
from msgspec.structs import replace

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.recorder import Recorder
from diagnose.facts.trend import scatter
from diagnose.facts.weights.pairs import Pair, one_per_step, pair_up
from diagnose.facts.weights.strength import record_broken, record_strength
from diagnose.weights.measurement import FileMeasurement
from diagnose.weights.modules import Entries


def recorded(pairs: list[Pair]) -> Recorder:
    record = recorder()
    record_strength(pairs, one_per_step(pairs), record)
    return record


def test_untouched_up_matrices_mean_untrained() -> None:
    untouched = measurement(Expert.LOW, 0.003, up=entries(0.0, zeros=100))
    experts = {Expert.HIGH: measurement(Expert.HIGH, 0.005), Expert.LOW: untouched}
    record = recorded([Pair(100, False, experts, ("a_high_noise.safetensors", "a_low_noise.safetensors"))])
    assert value(record, "weights.trained", "high") is True
    assert value(record, "weights.trained", "low") is False


def test_non_finite_weights_leave_the_magnitude_unknown_and_are_counted() -> None:
    broken = measurement(Expert.HIGH, 0.005, up=Entries(100, None, None, None, 7, 0))
    record = recorded([Pair(100, True, {Expert.HIGH: broken}, ("a_high_noise.safetensors",))])
    assert value(record, "weights.magnitude", "high") is None


def a_file(name: str, step: int | None, expert: Expert | None, *, broken: bool = False) -> FileMeasurement:
    up = Entries(100, None, None, None, 7, 0) if broken else None
    measured = replace(measurement(Expert.HIGH, 0.005, up=up), expert=expert)
    return FileMeasurement(name, step, (measured,), 0.0, cached=False)


def test_a_broken_file_counts_also_where_nothing_tells_its_step_or_expert() -> None:
    files = [a_file("a.safetensors", None, None, broken=True)]
    record = recorder()
    record_broken(files, pair_up(files, frozenset(), None), record)
    fact = facts_of(record)["weights.non_finite_total", "run"]
    assert (fact.value, [place.file for place in fact.places]) == (7, ["a.safetensors"])


def test_a_broken_file_before_a_sound_one_is_told_apart() -> None:
    files = [a_file("a.safetensors", 100, Expert.HIGH, broken=True), a_file("b.safetensors", 200, Expert.HIGH)]
    record = recorder()
    record_broken(files, pair_up(files, frozenset(), None), record)
    assert value(record, "weights.non_finite_total") == 0
    fact = facts_of(record)["weights.non_finite_files", "run"]
    assert (fact.value, [place.file for place in fact.places]) == (1, ["a.safetensors"])


def test_a_missing_expert_is_known_to_be_missing() -> None:
    record = recorded([Pair(100, True, {Expert.HIGH: measurement(Expert.HIGH, 0.005)}, ("a_high_noise.safetensors",))])
    assert value(record, "weights.present", "low") is False
    assert value(record, "weights.ratio") is None


@pytest.mark.parametrize(
    ("ratios", "leads"),
    [
        ([0.9], True),
        ([1.1], False),
        ([0.997], None),
        ([1.004], None),
        ([0.98, 1.01, 0.97, 1.03, 0.98, 1.02, 0.99], None),
        ([0.90, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96], True),
    ],
)
def test_who_leads_is_known_beyond_rounding_and_scatter(ratios: list[float], leads: bool | None) -> None:
    record = recorded([pair(100 * (index + 1), 0.005 * ratio, 0.005) for index, ratio in enumerate(ratios)])
    assert value(record, "weights.low_leads") is leads


@pytest.mark.parametrize(
    ("ratios", "settled"),
    [
        ([1.21, 1.40, 1.49], False),  # a healthy run: as fast as the steps
        ([1.033, 1.06, 1.077], False),  # a weak one, in its first rise all the same
        ([1.21, 1.40, 1.49, 1.42], True),  # it has fallen
        ([1.14, 1.15, 1.155, 1.16], True),  # it has levelled out
        ([1.0, 1.0], True),
        ([0.98], True),
        ([1.0], None),  # one young pair shows no rise
    ],
)
def test_a_ratio_in_its_first_rise_has_not_settled(ratios: list[float], settled: bool | None) -> None:
    record = recorded([pair(100 * (index + 1), 0.0042 * ratio, 0.0042) for index, ratio in enumerate(ratios)])
    assert value(record, "weights.ratio_settled") is settled


@pytest.mark.parametrize(("high", "settled"), [(0.004, False), (0.01, True)])
def test_one_checkpoint_tells_once_the_random_start_is_a_small_part(high: float, settled: bool) -> None:
    only = pair(100, high, high / 1.2)
    assert value(recorded([only]), "weights.ratio_settled") is settled


@pytest.mark.parametrize(("high", "leads"), [(1.0049, None), (1.0051, False), (0.9951, None), (0.9949, True)])
def test_ratios_that_round_alike_lead_nobody(high: float, leads: bool | None) -> None:
    assert value(recorded([pair(100, high, 1.0)]), "weights.low_leads") is leads


@pytest.mark.parametrize(("last", "leads"), [(1.1185, None), (1.1235, False)])
def test_a_lead_is_one_beyond_two_errors(last: float, leads: bool | None) -> None:
    ratios = [1.2, 1.24, 1.18, 1.23, 1.19, 1.25, last]  # whatever the last one is, it scatters by the same error
    error = scatter(ratios)
    assert error == pytest.approx(1.4826 * 0.10 / math.sqrt(6))
    record = recorded([pair(100 * (at + 1), each, 1.0) for at, each in enumerate(ratios)])
    assert value(record, "weights.low_leads") is leads


@pytest.mark.parametrize(("before", "settled"), [(1.26, True), (1.25, False)])
def test_a_rise_slower_than_the_square_root_has_settled(before: float, settled: bool) -> None:
    # from step 100 to 200 the lead grows from 0.26 or 0.25 to 0.34: twice the pace is 0.16 or 0.18, half the lead 0.17
    record = recorded([pair(100, before, 1.0), pair(200, 1.34, 1.0)])
    assert value(record, "weights.ratio_settled") is settled


@pytest.mark.parametrize(("start", "settled"), [(0.66, True), (0.67, False)])
def test_one_checkpoint_tells_where_its_random_start_is_small(start: float, settled: bool) -> None:
    only = pair(100, 1.0, 0.5)
    high = only.experts[Expert.HIGH]
    untrained = high.untrained_magnitude
    assert untrained is not None
    scaled = pair(100, untrained / start, untrained / start / 2)
    assert value(recorded([scaled]), "weights.ratio_settled") is settled


def test_at_step_zero_nothing_has_risen() -> None:
    assert value(recorded([pair(0, 1.5, 1.0)]), "weights.ratio_settled") is None
    assert value(recorded([pair(1, 1.5, 1.0)]), "weights.ratio_settled") is not None


def test_the_largest_reading_and_ratio_are_told_with_what_was_lost_since() -> None:
    record = recorded([pair(100, 0.9, 0.5), pair(200, 1.0, 0.5), pair(300, 0.8, 0.5)])
    assert value(record, "weights.magnitude_peak", "high") == pytest.approx(1.0)
    assert (value(record, "weights.ratio_best"), value(record, "weights.ratio_best_step")) == (pytest.approx(2), 200)
    assert value(record, "weights.ratio_fell") is True
    assert value(recorded([pair(200, 1.0, 0.5), pair(300, 0.9976, 0.5)]), "weights.ratio_fell") is False


def test_at_most_three_broken_files_are_named() -> None:
    files = [
        a_file(f"{name}.safetensors", step, Expert.HIGH, broken=step < 500)
        for step, name in ((100, "a"), (200, "b"), (300, "c"), (400, "d"), (500, "e"))
    ]
    record = recorder()
    record_broken(files, pair_up(files, frozenset(), None), record)
    fact = facts_of(record)["weights.non_finite_files", "run"]
    assert (fact.value, [place.file[0] for place in fact.places]) == (4, ["a", "b", "c"])
    assert value(record, "weights.non_finite_total") == 0
