"""Which timesteps each expert is trained on and how they are weighed; what validation and the previews are made of."""

from __future__ import annotations

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.recorder import NONE, Recorder
from diagnose.rulebase.domain import Network
from diagnose.trainers.answers import Previews
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


def record_previews(config: Config, trainer: TrainerModel | None, network: Network | None, record: Recorder) -> None:
    """Record what the previews are made of, and which of them end the run, and when."""
    previews, section = (trainer or config.model).previews(config), config.place("previews")
    if previews is None:
        return
    skipped = config.setting("previews.skip_first")
    first = [skipped.place if skipped.value else section]
    record.known("config.previews_made", previews.made, places=[section])
    record.setting("config.sample_fps", config.finite("preview.fps"))
    if previews.made:
        record.known("effective.first_preview", previews.first, places=first)
    if config.architecture is not None:
        bare = previews.lacking_picture
        record.known("config.preview_without_image", bare is not None, places=[bare or section])

    shared = config.finite("preview.frames")
    if previews.made and shared is not None and previews.frames is not None:
        record.known("config.preview_frames", previews.frames, places=[shared.place])
        if config.is_image_to_video and network is not None:
            taken = network.frames_taken(shared.value)
            record.known("effective.preview_frames", taken, places=[shared.place])

    _record_sampling(config, trainer, previews, record)
    if previews.negatives is None:
        return
    bad = {key: (state, place) for key, state, place in previews.negatives}
    for key, (state, place) in bad.items():
        record.known("config.negative_prompt", state, subject=key, places=[place])
        record.known("effective.negative_ends", previews.negative_when, subject=key, places=first)
    if not bad:
        record.known("config.negative_prompt", NONE, subject=NONE, places=[section])
        record.known("effective.negative_ends", NONE, subject=NONE)


def _series(previews: Previews) -> int | None:
    """Return how many prompts can be followed from save to save; None where that is unknown."""
    if not previews.made:
        return 0
    known = [each for each in previews.entries if each.fixed is not None and each.frames is not None]
    if not known or len(known) < len(previews.entries):
        return None
    return sum(each.fixed is True and (each.frames or 0) > 1 for each in known)


def _record_sampling(config: Config, trainer: TrainerModel | None, previews: Previews, record: Recorder) -> None:
    """Record how many prompts compare, and how previews are sampled: steps, guidance, sampler and shift."""
    section, series = config.place("previews"), _series(previews)
    if series is not None:
        record.known("config.preview_series", series, places=[section])
    if not previews.made:
        return
    for name, (value, place) in previews.shared.items():
        record.known(f"config.preview_{name}", value, places=[place])
    pipeline = trainer.preview_pipeline if trainer is not None else None
    if pipeline is not None and config.is_wan22_14b:
        record.known("effective.preview_sampler", pipeline.sampler, places=[section], note=pipeline.source)
        record.known("effective.preview_shift", pipeline.shift, places=[section], note=pipeline.source)
