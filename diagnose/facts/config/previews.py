"""What the previews are made of, when the first is made, and which of them end the run."""

from __future__ import annotations

from diagnose.facts.recorder import NONE, Recorder
from diagnose.rulebase.domain import Network
from diagnose.trainers.answers import Previews
from diagnose.trainers.declared import Config
from diagnose.trainers.trainer_model import TrainerModel


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

    if previews.made:
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


def _record_sampling(config: Config, trainer: TrainerModel | None, previews: Previews, record: Recorder) -> None:
    """Record in how many steps, with how much guidance, by which sampler and at which shift previews are sampled."""
    for name, (value, place) in previews.shared.items():
        record.known(f"config.preview_{name}", value, places=[place])
    pipeline, section = trainer.preview_pipeline if trainer is not None else None, config.place("previews")
    if pipeline is not None and config.is_wan22_14b:
        record.known("effective.preview_sampler", pipeline.sampler, places=[section], note=pipeline.source)
        record.known("effective.preview_shift", pipeline.shift, places=[section], note=pipeline.source)
