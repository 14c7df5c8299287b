from dataclasses import replace

import pytest
from builders import facts_of, recorder, value
from measured import entries, measurement, pair

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.recorder import Recorder
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
