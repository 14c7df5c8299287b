"""Which timesteps the trainers draw under the settings, and how they weigh the loss at each."""

from __future__ import annotations

import math

from diagnose.domains.wan22.experts import Expert
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.answers import Timesteps
from diagnose.trainers.declared import FLOW_MATCHING, Config, Setting

BLIND = frozenset({"next_sample", "one_step", "two_step", "four_step", "eight_step"})
"""Samplings that ignore the boundary between the experts (BaseSDTrainProcess.py:1254-1272)."""
STARVING = frozenset({"sigmoid"})
"""Samplings under which some 1.4 % of the draws lie above t = 900, nine tenths of them below 950. `shift` draws 36 %
there and `lognorm_blend` spreads its few evenly (computed from custom_flowmatch_sampler.py:113-221)."""
SHIFTED = frozenset({"shift", "flux_shift", "lumina2_shift"})
SHIFT = 5.0
"""The shift of WAN 2.2's schedule (wan22_5b_model.py:53-57, used by the 14B model as well)."""
LINEAR_SHARE = 0.25
"""Part of lognorm_blend's schedule that is spaced evenly; the rest hardly reaches t = 875."""
INDICES = 1000
WEIGHTED = "weighted"
"""The sampling that weighs the loss."""
EVEN = ("timesteps.linear", "timesteps.linear_half")
"""Switches that draw evenly, and put a weight on the loss (SDTrainer.py:804 of the fork, :927 of upstream). The weight
of the last timestep is 0, and so is the loss there."""


def timesteps(trainer: AiToolkitModel, config: Config) -> Timesteps | None:
    """Return what timesteps are drawn by; None where the settings do not tell."""
    scheduler, kind = config.text("noise_scheduler"), config.text("timestep_type")
    if scheduler is None or kind is None:
        return None
    drawn, setting, why = kind.value, kind, "" if kind.written else "the trainer's default; the key is absent"
    even = [name for name in EVEN if config.flag(name, default=False).value]
    if kind.value in BLIND:
        why = ""
    elif scheduler.value != FLOW_MATCHING:
        drawn, setting = "shift", scheduler
        why = f"with noise_scheduler {scheduler.value} timestep_type is not read: the model's own schedule, at shift 5"
    elif even:
        drawn, setting, key = "linear", config.setting(even[0]), config.called(even[0]).rpartition(".")[2]
        why = f"{key} draws evenly, whatever timestep_type says"
    by_type = kind.value if scheduler.value == FLOW_MATCHING else None
    odds = _crash_odds(config, trainer, drawn) if drawn == by_type else (0.0, "")
    return Timesteps(drawn, setting, why, drawn in STARVING, drawn in BLIND, odds)


def share_above(kind: str, boundary: float) -> float | None:
    """Return which part of a schedule's 1000 indices lies above a boundary ratio; None for an even or blind one."""
    if kind == "sigmoid":
        return 0.5 * math.erfc(math.log(boundary / (1 - boundary)) / math.sqrt(2))
    if kind in SHIFTED:
        return 1 - boundary / (SHIFT - (SHIFT - 1) * boundary)
    return LINEAR_SHARE * (1 - boundary) if kind == "lognorm_blend" else None


def _crash_odds(config: Config, trainer: AiToolkitModel, kind: str) -> tuple[float, str] | None:
    """Return the chance that a run of the low-noise expert alone draws a timestep of the other, and a note.

    There it has no gradient, and the run ends. Where timesteps are no whole numbers, the first index of the low-noise
    range is the last one above the boundary (BaseSDTrainProcess.py:1236-1238): one index in as many as the range has.
    None where the settings do not tell how many draws there are.
    """
    share = share_above(kind, trainer.boundary.other)
    alone = config.trains(Expert.LOW).value and not config.trains(Expert.HIGH).value
    if not (config.is_wan22_14b and alone) or share is None:
        return 0.0, ""
    steps, accumulation = config.finite("steps"), config.finite("accumulation")
    if steps is None or accumulation is None:
        return None
    draws = max(0.0, float(steps.value)) * max(1.0, float(accumulation.value))
    return 1 - (1 - 1 / (INDICES * (1 - share))) ** draws, f"{draws:.0f} draws"


def high_loss_weight(trainer: AiToolkitModel, config: Config) -> tuple[float, Setting, str] | None:
    """Return the mean loss weight of the high-noise range over the low-noise one, what decides it, and a note."""
    kind = config.text("timestep_type")
    if kind is None:
        return None
    for name, means in trainer.weighted_sampling.items():
        setting = config.setting(name)
        if setting.value == WEIGHTED if name == "timestep_type" else bool(setting.value):
            return means.high_mean / means.low_mean, setting, means.source
    return 1.0, kind, ""


def weighs_losses(_trainer: AiToolkitModel, config: Config) -> bool:
    """Whether the settings put a weight on each loss that can be zero."""
    kind = config.text("timestep_type")
    return (kind is not None and kind.value == WEIGHTED) or any(config.flag(e, default=False).value for e in EVEN)
