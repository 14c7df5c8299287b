"""Everything the checkpoints tell together: all parts of it, and how long a motion run may be."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import TARGETS, config_of, recorder, value
from measured import pair
from run_evidence import evidence

from diagnose.core.values import Intent
from diagnose.facts.weights.evolution import record_evolution

LONG = [pair(step, 0.005 * (1 + step / 1e5), 0.005 * (1 + step / 2e5)) for step in range(200, 3001, 200)]
WAN = {"arch": "wan22_14b_i2v"}


def test_without_checkpoints_there_is_nothing_to_tell() -> None:
    found = record_evolution(evidence(), recorder())
    assert (found.trajectory, found.directions, found.locations, found.keep) == (None, (), (), None)


def test_strength_growth_place_and_choice_are_told() -> None:
    record = recorder()
    record.known("run.resumes", 0)
    found = record_evolution(evidence(intent=Intent.MOTION, pairs=tuple(LONG)), record)
    assert found.trajectory is not None
    assert found.keep is not None
    assert [each.step for each in found.locations] == [3000, 3000]
    assert value(record, "weights.ratio") == pytest.approx(1.03 / 1.015)


@pytest.mark.parametrize(
    ("intent", "alone", "last"),
    [(Intent.MOTION, False, 2400), (Intent.MOTION, True, 1200), (Intent.STYLE, False, None), (None, False, None)],
)
def test_a_motion_run_is_good_up_to_a_step_that_counts_both_experts(
    tmp_path: Path, intent: Intent | None, alone: bool, last: int | None
) -> None:
    kwargs = {"train_low_noise": False} if alone else {}
    config = config_of(tmp_path, model={**WAN, "model_kwargs": kwargs})
    found = record_evolution(evidence(config, intent=intent, pairs=tuple(LONG)), recorder())
    assert found.keep is not None
    late = [step for step, why in found.keep.against if why == "length"]
    assert TARGETS.degraded == 2400
    assert (min(late) if late else None) == (None if last is None else last + 200)
