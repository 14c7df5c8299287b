"""Everything the checkpoints tell together: all parts of it, and how long a motion run may be."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from builders import TARGETS, config_of, facts_of, recorder, value
from measured import pair
from msgspec.structs import replace
from run_evidence import evidence

from diagnose.core.values import Fact, Intent
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.weights.evolution import record_evolution, record_validity, start_oddities
from diagnose.facts.weights.pairs import Pair
from diagnose.weights.measurement import ExpertMeasurement
from diagnose.weights.modules import Entries, ModuleMeasurement

WIDTH, RANK = 5120, 16


def summed(tensor: torch.Tensor) -> Entries:
    flat = tensor.double().abs()
    return Entries(
        flat.numel(), float(flat.sum()), float((flat**2).sum()), float(flat.max()), 0, int((flat == 0).sum())
    )


def group(down: torch.Tensor, up: torch.Tensor) -> ExpertMeasurement:
    module = ModuleMeasurement(
        name="blocks.0.self_attn.q", block=0, kind="self_attn.q", rank=down.shape[0], fan_in=down.shape[1],
        fan_out=up.shape[0], dtype="F32", scale=1.0, down=summed(down), up=summed(up), update_norm=1.0,
        spectral_norm=0.5, stable_rank=2.0, effective_rank=2.0, spectral_gap=1.5,
    )  # fmt: skip
    return ExpertMeasurement((module,))


def start(kind: str, rank: int = RANK) -> torch.Tensor:
    chance = torch.Generator().manual_seed(3)
    normal = torch.randn(rank, WIDTH, generator=chance)
    uniform = (torch.rand(rank, WIDTH, generator=chance) * 2 - 1) / math.sqrt(WIDTH)
    starts: dict[str, torch.Tensor] = {
        "kaiming uniform": uniform,
        "normal of 1/rank": normal / rank,
        "kaiming normal": normal / math.sqrt(3 * WIDTH),
        "orthogonal": torch.linalg.qr(normal.T)[0].T,
        "zero": torch.zeros(rank, WIDTH),
    }
    return starts[kind]


def trained(down: torch.Tensor, amount: float, widen: float = 3.0) -> ExpertMeasurement:
    """Up at an RMS of `amount` initial ones, and down moved `widen` times as far, as the real runs show it."""
    chance = torch.Generator().manual_seed(4)
    unit = 1 / math.sqrt(3 * WIDTH)
    up = torch.randn(WIDTH, RANK, generator=chance) * amount * unit
    return group(down + torch.randn(down.shape, generator=chance) * amount * unit * widen, up)


@pytest.mark.parametrize("amount", [0.0, 0.01, 0.1, 0.5, 1.5])
@pytest.mark.parametrize("widen", [0.0, 1.0, 3.0])
def test_the_trainers_own_start_is_never_doubted(amount: float, widen: float) -> None:
    assert not list(start_oddities(trained(start("kaiming uniform"), amount, widen)))


@pytest.mark.parametrize("kind", ["normal of 1/rank", "orthogonal", "zero", "kaiming normal"])
def test_another_start_is_seen_in_an_early_checkpoint(kind: str) -> None:
    (told,) = start_oddities(trained(start(kind), 0.02))
    assert "down matrices" in told


def test_a_principal_start_is_seen_in_its_up_matrices() -> None:
    chance = torch.Generator().manual_seed(5)
    up = torch.randn(WIDTH, RANK, generator=chance) * 0.05
    (told,) = start_oddities(group(torch.randn(RANK, WIDTH, generator=chance) * 0.05, up))
    assert "up matrices" in told


def test_numbers_that_are_not_finite_leave_the_start_open() -> None:
    broken = ExpertMeasurement(tuple(pair(100, 0.005, 0.005).experts[Expert.HIGH].modules))
    assert broken.factors[0].rms is not None
    nothing = Entries(100, None, None, None, 3, 0)
    module = broken.modules[0]
    damaged = replace(module, down=nothing)
    assert not list(start_oddities(ExpertMeasurement((damaged,))))
    record = recorder()
    record_validity([Pair(100, False, {Expert.LOW: ExpertMeasurement((damaged,), Expert.LOW)}, ("a",))], record)
    assert value(record, "weights.default_start") is None


def judged(pairs: list[Pair], **known: bool) -> Fact:
    record = recorder()
    for name, ema in known.items():
        record.known(f"{name}.ema", ema)
    record_validity(pairs, record)
    return facts_of(record)["weights.comparable", "run"]


def default() -> Pair:
    high = ExpertMeasurement(trained(start("kaiming uniform"), 0.1).modules, Expert.HIGH)
    return Pair(100, False, {Expert.HIGH: high}, ("a_high_noise.safetensors",))


def test_the_models_own_layers_are_comparable() -> None:
    assert judged([default()]).value is True


def test_a_narrow_network_is_not() -> None:
    found = judged([pair(100, 0.02, 0.02, width=128)])
    assert found.value is False
    assert "the thresholds were read on 5120 and 13824" in found.note


def test_another_start_is_not() -> None:
    odd = ExpertMeasurement(trained(start("orthogonal"), 0.02).modules, Expert.LOW)
    found = judged([Pair(100, False, {Expert.LOW: odd}, ("a_low_noise.safetensors",)), default()])
    assert found.value is False
    assert "down matrices" in found.note


def test_averaged_weights_are_not() -> None:
    found = judged([default()], config=True, effective=True)
    assert found.value is False
    assert "EMA" in found.note


def test_averages_that_are_asked_for_and_never_set_up_change_nothing() -> None:
    assert judged([default()], config=True, effective=False).value is True
    assert judged([default()], config=False, effective=False).value is True


def test_whether_they_are_set_up_may_be_unknown() -> None:
    assert not judged([default()], config=True).known


def test_without_checkpoints_nothing_is_said() -> None:
    record = recorder()
    record_validity([], record)
    assert value(record, "weights.comparable") is None


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
