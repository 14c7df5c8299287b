"""The LoRA's scale in training, and what the fork's alpha schedule does to it."""

from __future__ import annotations

from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.answers import AlphaPlan, Scale
from diagnose.trainers.declared import Config

PLAIN = "lora"
"""The kind of network that is a plain LoRA."""
LOSSES_NEEDED = 100
"""Losses that the scheduler must have before it may end a phase (toolkit/alpha_scheduler.py of the fork)."""


def lora_scale(trainer: AiToolkitModel, config: Config) -> Scale | None:
    """Return the scale in training against the scale at inference; None for a network that is no plain LoRA.

    Transformer LoRAs are kept in the peft form: alpha = rank, no alpha in the file, so a loader applies scale 1.
    The fork's alpha schedule trains at its own alpha / rank all the same.
    """
    kind, rank = config.text("lora.kind"), config.rank
    if kind is None or kind.value.lower() != PLAIN or rank is None or rank.value <= 0:
        return None
    enabled, plan = config.flag("alpha_schedule.enabled", default=False), alpha_plan(trainer, config)
    if plan is None or not enabled.value:
        return Scale(1.0, 1.0, (rank.place,), "alpha = rank in training, and no alpha in the file")
    scale = plan.alpha / rank.value
    if scale <= 0:
        return None
    places = (plan.written.place if plan.written is not None else enabled.place, rank.place)
    why = f"{plan.alpha:g}/{rank.value:g} while training; {trainer.alpha_schedule.source}"
    return Scale(scale, 1 / scale, places, why)


def phases_act(trainer: AiToolkitModel, config: Config, conv_modules: int | None) -> tuple[bool, str] | None:
    """Return whether the schedule's phases reach a module, and why; None where that is not known."""
    if not trainer.alpha_schedule.read:
        return False, f"{trainer.label} does not read the key"
    if conv_modules is not None:
        return conv_modules > 0, f"{conv_modules} convolution modules in the saved network"
    if config.is_wan22_14b:
        return False, "every LoRA target of the WAN transformer is a linear layer"
    return None


def alpha_plan(trainer: AiToolkitModel, config: Config) -> AlphaPlan | None:
    """Return what the schedule asks for; None where the trainer does not read it."""
    if not trainer.alpha_schedule.read:
        return None
    written = config.number("alpha_schedule.alpha")
    alpha = float(written.value) if written is not None else trainer.alpha_schedule.linear_alpha
    phase, entry = next(iter(config.named_entries("alpha_schedule.phases").items()), (None, ""))
    least = config.number("phase.min_steps", entry) if phase is not None else None
    earliest = max(LOSSES_NEEDED, least.value if least is not None else 0)
    return AlphaPlan(alpha, written, LOSSES_NEEDED, phase, earliest, least)
