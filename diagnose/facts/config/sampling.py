"""Which timesteps each expert is trained on, and how they are weighed: what the trainer makes of the settings."""

from __future__ import annotations

import math

from diagnose.core.model import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.config.declared import Config, Setting
from diagnose.facts.record import Recorder
from diagnose.trainers.model import TrainerModel

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
BOUNDARY_OF_I2V, BOUNDARY_OF_T2V = 0.9, 0.875
"""Where the models switch experts by their own configuration (RES-02; wan22_14b_model.py:34-35)."""


def record_sampling(config: Config, trainer: TrainerModel | None, record: Recorder) -> None:
    """Record the facts about timesteps."""
    focus = config.setting("train.content_or_style")
    record.known("config.content_or_style", str(focus.value), places=[focus.place])
    drawn = drawn_timesteps(config)
    if drawn is not None:
        kind, setting, why = drawn
        record.known("effective.timestep_sampling", kind, places=[setting.place], note=why)
        record.known("effective.high_starved", kind in STARVING, places=[setting.place], note=why)
        record.known("config.timesteps_ignore_boundary", kind in BLIND, places=[setting.place])
        _record_crash(config, kind, setting.place, record)
    arch = config.text("model.arch")
    if arch is not None and config.is_wan22_14b:
        own = BOUNDARY_OF_I2V if config.is_image_to_video else BOUNDARY_OF_T2V
        record.known("config.boundary_of_model", own, places=[arch.place])
    if trainer is not None:
        _record_boundary(config, trainer, record)
        _record_weights(config, trainer, record)


def drawn_timesteps(config: Config) -> tuple[str, Setting, str] | None:
    """Return what timesteps are drawn by, the setting that decides it, and why where that is not timestep_type."""
    scheduler, kind = config.text("train.noise_scheduler"), config.text("train.timestep_type")
    if scheduler is None or kind is None:
        return None
    if kind.value in BLIND:
        return kind.value, kind, ""
    if scheduler.value != "flowmatch":
        why = f"with noise_scheduler {scheduler.value} timestep_type is not read: the model's own schedule, at shift 5"
        return "shift", scheduler, why
    for key in ("train.linear_timesteps", "train.linear_timesteps2"):
        linear = config.flag(key, default=False)
        if linear.value:
            return "linear", linear, f"{key.removeprefix('train.')} draws evenly, whatever timestep_type says"
    return kind.value, kind, "" if kind.written else "the trainer's default; the key is absent"


def share_above(kind: str, boundary: float) -> float | None:
    """Return which part of a schedule's 1000 indices lies above a boundary ratio; None for an even or blind one."""
    if kind == "sigmoid":
        return 0.5 * math.erfc(math.log(boundary / (1 - boundary)) / math.sqrt(2))
    if kind in SHIFTED:
        return 1 - boundary / (SHIFT - (SHIFT - 1) * boundary)
    return LINEAR_SHARE * (1 - boundary) if kind == "lognorm_blend" else None


def _record_crash(config: Config, kind: str, place: Place, record: Recorder) -> None:
    """Record the chance that a run of the low-noise expert alone draws a timestep of the other, which has no gradient.

    Where timesteps are no whole numbers, the first index of the low-noise range is the last one above the boundary
    (BaseSDTrainProcess.py:1236-1238): one index in as many as the range has.
    """
    share = share_above(kind, config.model.boundary.other)
    steps, accumulation = config.finite("train.steps"), config.finite("train.gradient_accumulation")
    alone = config.trains(Expert.LOW).value and not config.trains(Expert.HIGH).value
    if not (config.is_wan22_14b and alone) or share is None or kind != drawn_by_type(config):
        record.known("effective.crash_odds", 0.0, places=[place])
    elif steps is not None and accumulation is not None:
        draws = max(0.0, float(steps.value)) * max(1.0, float(accumulation.value))
        odds = 1 - (1 - 1 / (INDICES * (1 - share))) ** draws
        record.known("effective.crash_odds", odds, places=[place], note=f"{draws:.0f} draws")


def drawn_by_type(config: Config) -> str | None:
    """Return timestep_type where the trainer goes by it."""
    scheduler, kind = config.text("train.noise_scheduler"), config.text("train.timestep_type")
    return kind.value if kind is not None and scheduler is not None and scheduler.value == "flowmatch" else None


def _record_boundary(config: Config, trainer: TrainerModel, record: Recorder) -> None:
    name, rule = config.text("model.name_or_path"), trainer.boundary
    if name is not None and config.is_wan22_14b:
        says_i2v = "i2v" in name.value.lower()
        record.known("config.base_suits_boundary", says_i2v == config.is_image_to_video, places=[name.place])
        i2v = not rule.by_name or says_i2v
        record.known("effective.boundary", rule.i2v if i2v else rule.other, places=[name.place], note=rule.source)


def _record_weights(config: Config, trainer: TrainerModel, record: Recorder) -> None:
    """Record the mean loss weight of the high-noise range over the low-noise one."""
    kind = config.text("train.timestep_type")
    if kind is None:
        return
    for key, means in trainer.weighted_sampling.items():
        setting = config.setting(key)
        if setting.value == "weighted" if key == "train.timestep_type" else bool(setting.value):
            weight = means.high_mean / means.low_mean
            record.known("effective.high_loss_weight", weight, places=[setting.place], note=means.source)
            return
    record.known("effective.high_loss_weight", 1.0, places=[kind.place])
