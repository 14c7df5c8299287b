"""What this room answers of a config, question by question (`TrainerModel`)."""

from __future__ import annotations

from diagnose.trainers.aitoolkit.alternation import turns, updates
from diagnose.trainers.aitoolkit.expert_rates import effective_rates, rates_adapt, starting_rate
from diagnose.trainers.aitoolkit.kept_logs import logs
from diagnose.trainers.aitoolkit.known_keys import hints, key_faults, refused_parameters
from diagnose.trainers.aitoolkit.lora_scale import alpha_plan, lora_scale, phases_act
from diagnose.trainers.aitoolkit.memory_use import memory_use
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.aitoolkit.preview_entries import previews
from diagnose.trainers.aitoolkit.refusals import refusals, validates
from diagnose.trainers.aitoolkit.timesteps import high_loss_weight, timesteps, weighs_losses
from diagnose.trainers.aitoolkit.value_kinds import misfits, unseen_values


class AiToolkit(AiToolkitModel, frozen=True, kw_only=True):
    """One of the two trainers at one commit, with its answers."""

    rates = effective_rates
    rates_adapt = rates_adapt
    starting_rate = starting_rate
    turns = turns
    updates = updates
    scale = lora_scale
    alpha_plan = alpha_plan
    phases_act = phases_act
    timesteps = timesteps
    high_loss_weight = high_loss_weight
    weighs_losses = weighs_losses
    validates = validates
    previews = previews
    memory = memory_use
    logs = logs
    refusals = refusals
    refused_parameters = refused_parameters
    misfits = misfits
    unseen_values = unseen_values
    key_faults = key_faults
    hints = hints


MODEL = AiToolkit
"""What the description of a trainer of this room becomes."""
