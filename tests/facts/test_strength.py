import pytest
from builders import facts_of, recorder, value

from diagnose.facts.record import Recorder
from diagnose.facts.strength import Pair, pair_up, record_strength
from diagnose.model import Expert
from diagnose.weights.entries import Entries
from diagnose.weights.measurement import ExpertMeasurement, FileMeasurement, ModuleMeasurement


def entries(magnitude: float, count: int = 100, *, zeros: int = 0, non_finite: int = 0) -> Entries:
    return Entries(count, magnitude * count, magnitude**2 * count, magnitude * 3, non_finite, zeros)


def measurement(expert: Expert, magnitude: float, *, width: int = 5120, up: Entries | None = None) -> ExpertMeasurement:
    factor = entries(magnitude)
    module = ModuleMeasurement(
        name="blocks.0.self_attn.q", block=0, kind="self_attn.q", rank=4, fan_in=width, fan_out=width, dtype="BF16",
        scale=1.0, down=factor, up=up or factor, update_norm=1.0, spectral_norm=0.5, stable_rank=2.0,
        effective_rank=2.0, spectral_gap=1.5,
    )  # fmt: skip
    return ExpertMeasurement((module,), expert)


def pair(step: int, high: float, low: float, *, width: int = 5120) -> Pair:
    experts = {Expert.HIGH: measurement(Expert.HIGH, high, width=width), Expert.LOW: measurement(Expert.LOW, low)}
    return Pair(step, False, experts, (f"j_{step:09d}_high_noise.safetensors", f"j_{step:09d}_low_noise.safetensors"))


def recorded(pairs: list[Pair]) -> Recorder:
    record = recorder()
    record_strength(pairs, record)
    return record


DOCUMENT = [
    pair(step, 0.0056 * (1 + (step - 2400) * 9e-5), 0.0047 * (1 + (step - 2400) * 1.2e-4))
    for step in range(100, 3001, 100)
]


def test_the_late_window_is_the_last_fifth_and_at_least_five() -> None:
    assert [p.step for p in late_window(DOCUMENT)] == list(range(2400, 3001, 100))
    assert len(late_window(DOCUMENT[:8])) == 5
    assert len(late_window(DOCUMENT[:2])) == 2
    assert late_window([]) == ()


def test_growth_and_its_band() -> None:
    record = recorded(DOCUMENT)
    assert value(record, "weights.growth", "high") == pytest.approx(5.4)
    assert value(record, "weights.growth", "low") == pytest.approx(7.2)
    assert value(record, "weights.growth_ratio") == pytest.approx(7.2 / 5.4)
    slope = facts_of(record)["weights.ratio_slope_high", "run"]
    assert isinstance(slope.value, float)
    assert slope.value < 0
    assert slope.samples == 7


def test_two_checkpoints_have_growth_but_no_band() -> None:
    record = recorded(DOCUMENT[-2:])
    assert value(record, "weights.growth", "high") is not None
    assert value(record, "weights.ratio_slope") is None


def test_other_widths_are_not_comparable() -> None:
    assert value(recorded(DOCUMENT), "weights.comparable") is True
    assert value(recorded([pair(100, 0.02, 0.02, width=128)]), "weights.comparable") is False


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
    assert value(record, "weights.non_finite_total") == 7


def test_a_missing_expert_is_known_to_be_missing() -> None:
    record = recorded([Pair(100, True, {Expert.HIGH: measurement(Expert.HIGH, 0.005)}, ("a_high_noise.safetensors",))])
    assert value(record, "weights.present", "low") is False
    assert value(record, "weights.ratio") is None


def test_files_of_one_step_are_paired_and_the_final_one_comes_last() -> None:
    def file(name: str, step: int | None, expert: Expert) -> FileMeasurement:
        return FileMeasurement(name, step, (measurement(expert, 0.005),), 0.0, cached=False)

    files = [
        file("j_high_noise.safetensors", None, Expert.HIGH),
        file("j_000000100_low_noise.safetensors", 100, Expert.LOW),
        file("j_low_noise.safetensors", None, Expert.LOW),
        file("j_000000100_high_noise.safetensors", 100, Expert.HIGH),
    ]
    pairs = pair_up(files, frozenset({"j_high_noise.safetensors", "j_low_noise.safetensors"}), 150)
    assert [(p.step, p.final, len(p.experts)) for p in pairs] == [(100, False, 2), (150, True, 2)]


def test_checkpoints_that_are_equal_within_their_scatter_are_kept_together() -> None:
    ratios = [1.10, 1.13, 1.155, 1.176, 1.190, 1.197, 1.1975, 1.1972, 1.192, 1.180, 1.166, 1.148]
    record = recorded([pair(100 * (i + 1), 0.005 * ratio, 0.005) for i, ratio in enumerate(ratios)])
    first, last = value(record, "weights.keep_from"), value(record, "weights.keep_to")
    assert first <= 700 <= last, "the largest ratio is always among them"
    assert last > 700, "a ratio 0.0003 smaller is no worse where the scatter is larger than that"
    assert first > 500
    assert last < 1000


def test_two_checkpoints_have_no_scatter_and_only_the_better_is_kept() -> None:
    record = recorded([pair(100, 0.0055, 0.005), pair(200, 0.0056, 0.005)])
    assert (value(record, "weights.keep_from"), value(record, "weights.keep_to")) == (200, 200)
