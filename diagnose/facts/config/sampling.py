"""Which timesteps each expert is trained on, how they are weighed, and which expert validation losses are of."""

from __future__ import annotations

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.recorder import NONE, Recorder
from diagnose.trainers.declared import Config
from diagnose.trainers.trainer_model import TrainerModel

BOUNDARY_OF_I2V, BOUNDARY_OF_T2V = 0.9, 0.875
"""Where the models switch experts by their own configuration (RES-02; wan22_14b_model.py:34-35)."""


def record_sampling(config: Config, trainer: TrainerModel | None, record: Recorder) -> None:
    """Record the facts about timesteps."""
    if config.has("timesteps.focus"):
        focus = config.setting("timesteps.focus")
        record.known("config.content_or_style", str(focus.value), places=[focus.place])
    drawn = config.model.timesteps(config)
    if drawn is not None:
        places = [drawn.setting.place]
        record.known("effective.timestep_sampling", drawn.kind, places=places, note=drawn.why)
        record.known("effective.high_starved", drawn.starves, places=places, note=drawn.why)
        record.known("config.timesteps_ignore_boundary", drawn.blind, places=places)
        if drawn.crash_odds is not None:
            record.known("effective.crash_odds", drawn.crash_odds[0], places=places, note=drawn.crash_odds[1])
    _record_boundary(config, trainer, record)
    if trainer is not None:
        weight = trainer.high_loss_weight(config)
        if weight is not None:
            record.known("effective.high_loss_weight", weight[0], places=[weight[1].place], note=weight[2])
    _record_validation(config, trainer or config.model, record)


def _record_boundary(config: Config, trainer: TrainerModel | None, record: Recorder) -> None:
    if not config.is_wan22_14b:
        return
    own = BOUNDARY_OF_I2V if config.is_image_to_video else BOUNDARY_OF_T2V
    record.known("config.boundary_of_model", own, places=[config.place("arch")])
    name = config.text("base_model")
    rule = trainer.boundary if trainer is not None else None
    if name is not None and rule is not None:
        says_i2v = "i2v" in name.value.lower()
        record.known("config.base_suits_boundary", says_i2v == config.is_image_to_video, places=[name.place])
        boundary = rule.i2v if says_i2v or not rule.by_name else rule.other
        record.known("effective.boundary", boundary, places=[name.place], note=rule.source)


def _record_validation(config: Config, model: TrainerModel, record: Recorder) -> None:
    """Record which expert the validation losses are of: the mean sigma decides (wan22_14b_model.py:122)."""
    validates = model.validates(config)
    if validates is None or model.boundary is None:
        return
    if not config.is_wan22_14b or config.is_image_to_video or not validates:
        record.known("effective.validated_expert", NONE, places=[config.place("validation")])
        return
    written = config.items("validation.sigmas") or model.validation_sigmas
    sigmas = [float(each) for each in written if isinstance(each, int | float) and not isinstance(each, bool)]
    if sigmas:
        mean = sum(sigmas) / len(sigmas)
        expert = Expert.HIGH if mean > model.boundary.other else Expert.LOW
        place, note = config.place("validation.sigmas"), f"the mean sigma is {mean:.3g}"
        record.known("effective.validated_expert", expert.value, places=[place], note=note)
