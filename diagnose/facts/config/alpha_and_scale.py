"""The LoRA's alpha: its scale in training and at inference, and what the alpha schedule comes to."""

from __future__ import annotations

from diagnose.facts.recorder import NONE, Recorder
from diagnose.trainers.declared import Config
from diagnose.trainers.trainer_model import TrainerModel


def record_alpha(config: Config, trainer: TrainerModel | None, conv_modules: int | None, record: Recorder) -> None:
    """Record alpha over rank as written, the scale in effect, and what the schedule asks for and does.

    `conv_modules`: convolution modules of the saved network, None where there is no checkpoint.
    """
    alpha, rank = config.finite("alpha"), config.rank
    if config.has("alpha") and (alpha is None or rank is None):
        note = "no linear_alpha is written"
        record.known("config.alpha_over_rank", 1.0, places=[config.place("alpha")], note=note)
    elif alpha is not None and rank is not None and rank.value > 0:
        record.known("config.alpha_over_rank", alpha.value / rank.value, places=[alpha.place, rank.place])
    scale = trainer.scale(config) if trainer is not None else None
    if scale is not None:
        record.known("effective.training_scale", scale.training, places=scale.places, note=scale.why)
        record.known("effective.scale_excess", scale.excess, places=scale.places, note=scale.why)
    if config.has("alpha_schedule.per_expert"):
        count, at = len(config.mapping("alpha_schedule.per_expert")), config.place("alpha_schedule.per_expert")
        record.known("config.alpha_phases_per_expert", count, places=[at])
    enabled = config.flag("alpha_schedule.enabled", default=False)
    if enabled.value:
        _record_phases(config, record)
        acts = trainer.phases_act(config, conv_modules) if trainer is not None else None
        if acts is not None:
            record.known("effective.alpha_phases_act", acts[0], places=[enabled.place], note=acts[1])


def _record_phases(config: Config, record: Recorder) -> None:
    """Record the alpha of the first phase, and the least gradient stability at which each phase may end."""
    phases = config.named_entries("alpha_schedule.phases")
    for entry in list(phases.values())[:1]:
        record.setting("config.foundation_alpha", config.number("phase.alpha", entry))
    limits = {phase: config.number("phase.min_stability", entry) for phase, entry in phases.items()}
    for phase, limit in limits.items():
        record.setting("config.phase_min_stability", limit, subject=phase)
    if not any(limits.values()):
        at, note = config.place("alpha_schedule.enabled"), "no phase asks for it"
        record.known("config.phase_min_stability", 0, subject=NONE, places=[at], note=note)
