import math
import random

import pytest
from builders import alternating, facts_of, readings, recorder, value
from msgspec.structs import replace
from run_evidence import evidence

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.losses import extract, mixed_variation
from diagnose.facts.log.series import build_series
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_readings import Validation
from diagnose.sources.log_rows import LogRow


def recorded(rows: list[LogRow]) -> Recorder:
    record = recorder()
    extract(evidence(read=readings(metrics=rows)), record)
    return record


def losses(*values: float) -> list[LogRow]:
    return [LogRow(step, step + 1, loss=loss, expert=Expert.HIGH) for step, loss in enumerate(values)]


def test_level_is_taken_over_the_second_half_of_the_experts_own_batches() -> None:
    record = recorded(
        alternating(40, 10, lambda step, e: LogRow(step, step + 1, loss=1.0 if step < 20 else 3.0, expert=e))
    )
    fact = facts_of(record)["log.loss_mean", "high"]
    assert fact.value == 3
    assert fact.samples == 10
    assert "steps 20 to 29" in fact.note
    assert value(record, "log.batches", "high") == 20


def test_nan_losses_do_not_count_in_the_level() -> None:
    record = recorded(losses(*[0.2] * 10, *[0.0] * 5, *[0.4] * 10))
    assert value(record, "log.loss_mean", "high") == pytest.approx(0.4)


def test_a_falling_loss_is_certain_and_pure_noise_is_not() -> None:
    draw = random.Random(3)
    falling = recorded(losses(*[2 - step / 400 + draw.gauss(0, 0.1) for step in range(400)]))
    noise = recorded(losses(*[1 + draw.gauss(0, 0.3) for step in range(400)]))
    assert value(falling, "log.loss_trend_certain", "high") is True
    assert value(falling, "log.loss_trend", "high") < 0
    assert value(noise, "log.loss_trend_certain", "high") is False


def test_an_exploding_loss_is_measured_on_the_worse_expert() -> None:
    def row(step: int, expert: Expert) -> LogRow:
        loss = math.exp(step / 40) if expert is Expert.LOW else 0.5
        return LogRow(step, step + 1, loss=loss, expert=expert)

    assert value(recorded(alternating(400, 10, row)), "log.loss_blow_up") > 100


def test_short_logs_claim_no_trend() -> None:
    record = recorded(losses(*[0.5] * 20))
    assert facts_of(record)["log.loss_trend", "high"].value is None
    assert facts_of(record)["log.loss_blow_up", "run"].value is None


def test_the_mixed_variation_sees_both_experts() -> None:
    rows = alternating(200, 10, lambda step, e: LogRow(step, step, loss=2.0 if e is Expert.LOW else 0.5, expert=e))
    series = build_series(readings(metrics=rows))
    assert series is not None
    variation = mixed_variation(series)
    assert variation is not None
    assert variation[0] == pytest.approx(0.6, abs=0.02)


def test_the_best_validation_is_held_against_the_last() -> None:
    run = readings(loss_db=[LogRow(1, None, loss=0.1)])
    for losses, known in (((0.5, 0.4, 0.6), True), ((0.5, 0.4), False)):
        validations = tuple(Validation(100 * at, loss) for at, loss in enumerate(losses, 1))
        record = recorder()
        extract(evidence(read=replace(run, logs=(replace(run.logs[0], validations=validations),))), record)
        facts = facts_of(record)
        assert facts["log.val_loss_best_step", "run"].value == (200 if known else None)
        assert facts["log.val_loss_rise", "run"].value == (pytest.approx(1.5) if known else None)


def test_a_level_needs_two_losses() -> None:
    assert value(recorded(losses(0.1, 0.2, 0.4)), "log.loss_mean", "high") == pytest.approx(0.3)
    assert value(recorded(losses(0.1, 0.2)), "log.loss_mean", "high") is None
    three = recorded(losses(0.1, 0.2, 0.3, 0.4))
    assert value(three, "log.loss_std", "high") == pytest.approx(math.sqrt(0.005))


def test_a_trend_needs_forty_batches_and_is_in_percent_of_the_level_a_thousand_steps() -> None:
    line = [1 + step / 1000 for step in range(40)]
    assert value(recorded(losses(*line[:39])), "log.loss_trend", "high") is None
    fact = facts_of(recorded(losses(*line)))["log.loss_trend", "high"]
    level = 1 + 29.5 / 1000
    assert fact.value == pytest.approx(100 / level)
    assert fact.note == f"90 % band {100 / level:+.1f} to {100 / level:+.1f}"


def test_a_trend_is_taken_of_twenty_blocks() -> None:
    late = [1.0, 2.0] * 20  # the mean of each pair is the same: no slope is left
    assert value(recorded(losses(*late, *late)), "log.loss_trend", "high") == pytest.approx(0)


def test_losses_without_a_level_have_no_trend() -> None:
    assert value(recorded(losses(*[-1.0] * 40)), "log.loss_trend", "high") is None
    assert value(recorded(losses(*[0.5] * 40)), "log.loss_trend", "high") == 0


def test_the_last_quarter_is_held_against_the_first() -> None:
    quarters = [0.5] * 10 + [1.0] * 10 + [3.0] * 10 + [2.0] * 10
    fact = facts_of(recorded(losses(*quarters)))["log.loss_blow_up", "run"]
    assert (fact.value, fact.samples) == (4, 10)
    tenth = [0.5] * 9 + [1.0] * 31
    assert value(recorded(losses(*tenth)), "log.loss_blow_up") == 2
    assert value(recorded(losses(*[0.5] * 11, *[2.0] * 29)), "log.loss_blow_up") == 4


def test_a_validation_loss_of_zero_divides_nothing() -> None:
    run = readings(loss_db=[LogRow(1, None, loss=0.1)])
    zeros = tuple(Validation(100 * at, loss) for at, loss in enumerate((0.5, 0.0, 0.2), 1))
    record = recorder()
    extract(evidence(read=replace(run, logs=(replace(run.logs[0], validations=zeros),))), record)
    assert value(record, "log.val_loss_best") == 0
    assert value(record, "log.val_loss_rise") is None


def test_the_variation_is_that_of_whole_windows_of_fifty() -> None:
    for count, known in ((49, None), (50, 50), (99, 99), (100, 100)):
        series = build_series(readings(metrics=losses(*[1.0, 2.0] * 50)[:count]))
        assert series is not None
        variation = mixed_variation(series)
        assert (variation[1] if variation is not None else None) == known
    uneven = build_series(readings(metrics=losses(*[1.0] * 49, 50.0, *[1.0] * 50)))
    assert uneven is not None
    both = mixed_variation(uneven)
    assert both is not None
    assert both[0] == pytest.approx((7.0 / 1.98 + 0) / 2 * 0.99, rel=0.02)
    low = build_series(readings(metrics=losses(*[0.1, 0.2] * 25)))
    assert low is not None
    assert mixed_variation(low) is not None, "a mean below one is a mean"


def stable(*values: tuple[Expert, float | None]) -> list[LogRow]:
    return [LogRow(s, s + 1, loss=0.1, expert=e, gradient_stability=each) for s, (e, each) in enumerate(values)]


def test_a_stability_that_only_repeats_the_other_experts_does_not_count() -> None:
    high, low = Expert.HIGH, Expert.LOW
    rows = stable((high, 0.4), (high, 0.6), (low, 0.6), (low, 0.8), (high, 0.5), (high, 0.5), (low, None))
    record = recorded(rows)
    assert value(record, "log.gradient_stability") == pytest.approx(0.56)
    assert facts_of(record)["log.gradient_stability", "run"].samples == 5


def test_without_a_logged_stability_there_is_no_mean() -> None:
    assert value(recorded(losses(0.1, 0.2)), "log.gradient_stability") is None


def test_the_last_fit_of_the_losses_is_told() -> None:
    rows = [replace(row, loss_r2=r2) for row, r2 in zip(losses(0.1, 0.2, 0.3), (0.1, 0.2, None), strict=True)]
    assert value(recorded(rows), "log.loss_r2") == 0.2
    assert value(recorded(losses(0.1)), "log.loss_r2") is None


def test_quarters_are_quarters() -> None:
    rising = recorded(losses(*map(float, range(1, 41))))
    assert value(rising, "log.loss_blow_up") == pytest.approx(35.5 / 5.5)


def test_losses_of_zero_have_no_growth() -> None:
    config_less = [replace(row, loss=0.0 if row.step % 3 else 0.1) for row in losses(*[0.1] * 80)]
    assert value(recorded(config_less), "log.loss_blow_up") is None
