"""Measured checkpoints, built by hand: one module per expert, with the magnitudes asked for."""

from __future__ import annotations

from msgspec.structs import replace

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.weights.pairs import Pair
from diagnose.weights.measurement import ExpertMeasurement
from diagnose.weights.modules import Entries, ModuleMeasurement


def entries(magnitude: float, count: int = 100, *, zeros: int = 0, non_finite: int = 0) -> Entries:
    return Entries(count, magnitude * count, magnitude**2 * count, magnitude * 3, non_finite, zeros)


def measurement(expert: Expert, magnitude: float, *, width: int = 5120, up: Entries | None = None) -> ExpertMeasurement:
    factor = entries(magnitude)
    start = factor.count / (3 * width)  # down factors never get smaller than their random start
    down = replace(factor, square_sum=max(factor.square_sum or 0.0, start))
    module = ModuleMeasurement(
        name="blocks.0.self_attn.q", block=0, kind="self_attn.q", rank=4, fan_in=width, fan_out=width, dtype="BF16",
        scale=1.0, down=down, up=up or factor, update_norm=1.0, spectral_norm=0.5, stable_rank=2.0,
        effective_rank=2.0, spectral_gap=1.5,
    )  # fmt: skip
    return ExpertMeasurement((module,), expert)


def pair(step: int, high: float, low: float, *, width: int = 5120) -> Pair:
    experts = {Expert.HIGH: measurement(Expert.HIGH, high, width=width), Expert.LOW: measurement(Expert.LOW, low)}
    return Pair(step, False, experts, (f"j_{step:09d}_high_noise.safetensors", f"j_{step:09d}_low_noise.safetensors"))


DOCUMENT = [
    pair(step, 0.0056 * (1 + (step - 2400) * 9e-5), 0.0047 * (1 + (step - 2400) * 1.2e-4))
    for step in range(100, 3001, 100)
]
"""As the document's run from step 2400 on, and as if it had gone that way from the start."""
