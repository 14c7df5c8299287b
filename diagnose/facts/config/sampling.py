"""Which timesteps each expert is trained on, how they are weighed, and which expert validation losses are of."""

from __future__ import annotations

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.recorder import NONE, Recorder
from diagnose.trainers.aitoolkit.model import AiToolkitModel, toolkit_of
from diagnose.trainers.aitoolkit.refusals import validates
from diagnose.trainers.aitoolkit.timesteps import BLIND, STARVING, crash_odds, drawn_timesteps, high_loss_weight
from diagnose.trainers.declared import Config

BOUNDARY_OF_I2V, BOUNDARY_OF_T2V = 0.9, 0.875
"""Where the models switch experts by their own configuration (RES-02; wan22_14b_model.py:34-35)."""
SIGMAS = (1.0, 0.75, 0.5, 0.25)
"""Noise levels of a validation where none are named (config_modules.py, ValidationConfig)."""


def record_sampling(config: Config, trainer: AiToolkitModel | None, record: Recorder) -> None:
    """Record the facts about timesteps."""
    focus = config.setting("timesteps.focus")
    record.known("config.content_or_style", str(focus.value), places=[focus.place])
    drawn = drawn_timesteps(config)
    if drawn is not None:
        kind, setting, why = drawn
        record.known("effective.timestep_sampling", kind, places=[setting.place], note=why)
        record.known("effective.high_starved", kind in STARVING, places=[setting.place], note=why)
        record.known("config.timesteps_ignore_boundary", kind in BLIND, places=[setting.place])
        odds = crash_odds(config, kind)
        if odds is not None:
            record.known("effective.crash_odds", odds[0], places=[setting.place], note=odds[1])
    _record_boundary(config, trainer, record)
    if trainer is not None:
        weight = high_loss_weight(config, trainer)
        if weight is not None:
            record.known("effective.high_loss_weight", weight[0], places=[weight[1].place], note=weight[2])
    _record_validation(config, trainer or toolkit_of(config), record)


def _record_boundary(config: Config, trainer: AiToolkitModel | None, record: Recorder) -> None:
    if not config.is_wan22_14b:
        return
    own = BOUNDARY_OF_I2V if config.is_image_to_video else BOUNDARY_OF_T2V
    record.known("config.boundary_of_model", own, places=[config.place("arch")])
    name = config.text("base_model")
    if name is not None and trainer is not None:
        rule, says_i2v = trainer.boundary, "i2v" in name.value.lower()
        record.known("config.base_suits_boundary", says_i2v == config.is_image_to_video, places=[name.place])
        boundary = rule.i2v if says_i2v or not rule.by_name else rule.other
        record.known("effective.boundary", boundary, places=[name.place], note=rule.source)


def _record_validation(config: Config, model: AiToolkitModel, record: Recorder) -> None:
    """Record which expert the validation losses are of: the mean sigma decides (wan22_14b_model.py:122)."""
    if not config.is_wan22_14b or config.is_image_to_video or not validates(config, model):
        record.known("effective.validated_expert", NONE, places=[config.place("validation")])
        return
    written = config.items("validation.sigmas") or SIGMAS
    sigmas = [float(each) for each in written if isinstance(each, int | float) and not isinstance(each, bool)]
    if sigmas:
        mean = sum(sigmas) / len(sigmas)
        expert = Expert.HIGH if mean > model.boundary.other else Expert.LOW
        place, note = config.place("validation.sigmas"), f"the mean sigma is {mean:.3g}"
        record.known("effective.validated_expert", expert.value, places=[place], note=note)
