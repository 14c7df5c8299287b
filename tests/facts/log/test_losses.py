import math
import random
from dataclasses import replace

import pytest
from builders import alternating, facts_of, readings, recorder, value
from run_evidence import evidence

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.losses import extract, mixed_variation
from diagnose.facts.log.series import build_series
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_readings import LogRow, Validation


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
