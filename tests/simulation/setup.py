"""What a trainer makes of a config: who trains when, with which rates, what is saved, and what kills the run.

Only what shapes the files of a run. Facts from the trainers' code are those of knowledge/effective.yaml and
`knowledge/automagic.md`; this is written apart from `diagnose.facts.config`, which the simulation is to test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.demo.case import Phase, read_phase
from diagnose.domains.wan22.experts import Expert
from simulation.adamw import AdamWSettings
from simulation.automagic import AutomagicSettings
from simulation.deaths import Death, death_of

BOUNDS = {"lr_bump": 1e-6, "min_lr": 1e-7, "max_lr": 1e-3}
"""Automagic's defaults."""
WEIGHTED = 0.22
"""Mean weight of the fork's `weighted` for the timesteps of the high-noise expert, over that of the others."""
SIDES = (Expert.HIGH, Expert.LOW)
"""In the order in which the trainers take turns."""


@dataclass(frozen=True, slots=True)
class Setup:
    """A config as the trainer runs it.

    Attributes:
        keep: saved pairs that are kept, the final one included.
        switch: batches of one expert before the other's turn.
        accumulation: batches of one step; `batch_size`: clips of one batch.
        adapts: whether the optimizer is automagic.
        phases: of the fork's alpha schedule; empty without one.
        ema: decay of the averages that upstream saves instead of the weights.
        high_loss: what the high-noise losses are multiplied with.
        log_every: steps between the rows of upstream's log; None: no log.
        death: what kills the run by itself.
    """

    trainer: str
    name: str
    process: Mapping[str, Any]
    steps: int
    save_every: int
    keep: int
    switch: int
    accumulation: int
    batch_size: int
    rank: int
    experts: tuple[Expert, ...]
    optimizers: Mapping[Expert, AutomagicSettings | AdamWSettings]
    phases: tuple[Phase, ...]
    linear_alpha: float
    ema: float | None
    high_loss: float
    log_every: int | None
    death: Death | None

    @property
    def forked(self) -> bool:
        return self.trainer == RELAXIS

    @property
    def adapts(self) -> bool:
        return all(isinstance(each, AutomagicSettings) for each in self.optimizers.values())

    def turns(self, step: int) -> dict[Expert, int]:
        """Return how many batches of a step train each expert, in the order of the turns."""
        if len(self.experts) == 1:
            return {self.experts[0]: self.accumulation}
        counts: dict[Expert, int] = {}
        for batch in range(step * self.accumulation, (step + 1) * self.accumulation):
            expert = SIDES[batch // self.switch % 2]
            counts[expert] = counts.get(expert, 0) + 1
        return counts


def read_setup(config: str, trainer: str) -> Setup:
    """Return what the trainer makes of a config text."""
    document = yaml.safe_load(config)["config"]
    process = document["process"][0]
    network, train, save = process["network"], process["train"], process["save"]
    kwargs = process["model"].get("model_kwargs") or {}
    experts = tuple(side for side in SIDES if kwargs.get(f"train_{side.value}_noise", True))
    schedule = network.get("alpha_schedule") or {}
    scheduled = trainer == RELAXIS and schedule.get("enabled", False)
    return Setup(
        trainer=trainer,
        name=document["name"],
        process=process,
        steps=train["steps"],
        save_every=save["save_every"],
        keep=save.get("max_step_saves_to_keep", 5),
        switch=train.get("switch_boundary_every", 1),
        accumulation=train.get("gradient_accumulation", 1),
        batch_size=train.get("batch_size", 1),
        rank=network["linear"],
        experts=experts,
        optimizers={side: _optimizer(train, side, trainer, both=len(experts) > 1) for side in experts},
        phases=tuple(read_phase(*each) for each in schedule["conv_alpha_phases"].items()) if scheduled else (),
        linear_alpha=schedule.get("linear_alpha", network["linear"]),
        ema=_ema(train, trainer),
        high_loss=WEIGHTED if train.get("timestep_type") == "weighted" and trainer == RELAXIS else 1.0,
        log_every=_log_every(process),
        death=death_of(process, trainer),
    )


def _optimizer(
    train: Mapping[str, Any], side: Expert, trainer: str, *, both: bool
) -> AutomagicSettings | AdamWSettings:
    params = train.get("optimizer_params") or {}
    rate = train.get("lr", 1e-6)
    if not train.get("optimizer", "adamw").startswith("automagic"):
        return AdamWSettings(rate, weight_decay=params.get("weight_decay", 0.01))
    own = dict(BOUNDS)
    for key in BOUNDS:
        if key in params:  # the fork reads a key of one expert only where the shared one stands beside it
            own[key] = params.get(f"{side.value}_noise_{key}", params[key]) if both else params[key]
    return AutomagicSettings(
        start=rate,
        bump=own["lr_bump"],
        floor=own["min_lr"],
        ceiling=own["max_lr"],
        beta2=params.get("beta2", 0.999),
        weight_decay=params.get("weight_decay", 0.0),
        clip=params.get("clip_threshold", 1.0),
        holds_after_pause=trainer == RELAXIS,
    )


def _ema(train: Mapping[str, Any], trainer: str) -> float | None:
    """Return the decay; the fork never sets the averages up."""
    settings = train.get("ema_config") or {}
    used = settings.get("use_ema", False) and trainer == AI_TOOLKIT
    return settings.get("ema_decay", 0.999) if used else None


def _log_every(process: Mapping[str, Any]) -> int | None:
    logging = process.get("logging") or {}
    return logging.get("log_every", 100) if logging.get("use_ui_logger") else None
