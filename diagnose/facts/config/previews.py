"""What the previews are made of, when the first is made, and which of them end the run."""

from __future__ import annotations

from diagnose.facts.config.clips import frames_taken
from diagnose.facts.recorder import NONE, Recorder
from diagnose.trainers.aitoolkit.model import AiToolkitModel, toolkit_of
from diagnose.trainers.aitoolkit.preview_entries import (
    FIRST_FRAME_NEEDED,
    first_preview,
    longest,
    makes_previews,
    negative_encoded,
    without_first_frame,
    without_negative,
)
from diagnose.trainers.declared import Config


def record_previews(config: Config, trainer: AiToolkitModel | None, record: Recorder) -> None:
    """Record what the previews are made of, and which of them end the run, and when."""
    model, made, section = trainer or toolkit_of(config), makes_previews(config), config.place("previews")
    skipped = config.setting("previews.skip_first")
    first = [skipped.place if skipped.value else section]
    record.known("config.previews_made", made, places=[section])
    record.setting("config.sample_fps", config.finite("preview.fps"))
    if made:
        record.known("effective.first_preview", first_preview(config, model), places=first)

    if config.architecture is not None:
        bare = without_first_frame(config) if made and config.architecture in FIRST_FRAME_NEEDED else []
        place = config.raw.setting(bare[0].key).place if bare else section
        record.known("config.preview_without_image", bool(bare), places=[place])

    shared = config.finite("preview.frames")
    if made and shared is not None:
        record.known("config.preview_frames", longest(config, float(shared.value)), places=[shared.place])
        if config.is_image_to_video:
            record.known("effective.preview_frames", frames_taken(shared.value), places=[shared.place])

    if config.architecture not in config.model.archs:
        return
    found = without_negative(config) if made else ()
    bad = {key: (state, place) for key, state, place in found}
    for key, (state, place) in bad.items():
        record.known("config.negative_prompt", state, subject=key, places=[place])
        record.known("effective.negative_ends", negative_encoded(config, model), subject=key, places=first)
    if not bad:
        record.known("config.negative_prompt", NONE, subject=NONE, places=[section])
        record.known("effective.negative_ends", NONE, subject=NONE)
