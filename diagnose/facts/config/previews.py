"""What the previews are made of, when the first is made, and which of them end the run."""

from __future__ import annotations

from diagnose.core.values import Place
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
    made = makes_previews(config)
    record.known("config.previews_made", made, places=[config.place("previews")])
    _record_first_frame(config, record)
    _record_frames(config, record)
    fps = config.finite("preview.fps")
    if fps is not None:
        record.known("config.sample_fps", fps.value, places=[fps.place])
    if made:
        model = trainer or toolkit_of(config)
        record.known("effective.first_preview", first_preview(config, model), places=[_when(config)])
    if config.architecture in config.model.archs:
        _record_negative(config, trainer or toolkit_of(config), record)


def _when(config: Config) -> Place:
    skipped = config.setting("previews.skip_first")
    return skipped.place if skipped.value else config.place("previews")


def _record_first_frame(config: Config, record: Recorder) -> None:
    if config.text("arch") is None:
        return
    bare = without_first_frame(config)
    without = config.architecture in FIRST_FRAME_NEEDED and makes_previews(config) and bool(bare)
    place = config.raw.setting(bare[0].key).place if without else config.place("previews")
    record.known("config.preview_without_image", without, places=[place])


def _record_frames(config: Config, record: Recorder) -> None:
    shared = config.finite("preview.frames")
    if shared is None or not makes_previews(config):
        return
    record.known("config.preview_frames", longest(config, float(shared.value)), places=[shared.place])
    if config.is_image_to_video:
        record.known("effective.preview_frames", frames_taken(shared.value), places=[shared.place])


def _record_negative(config: Config, trainer: AiToolkitModel, record: Recorder) -> None:
    """Record where the negative prompt is no text, a subject per place to write it, and when the run ends of it."""
    found = without_negative(config) if makes_previews(config) else ()
    bad = {key: (state, place) for key, state, place in found}
    for key, (state, place) in bad.items():
        record.known("config.negative_prompt", state, subject=key, places=[place])
        record.known("effective.negative_ends", negative_encoded(config, trainer), subject=key, places=[_when(config)])
    if not bad:
        record.known("config.negative_prompt", NONE, subject=NONE, places=[config.place("previews")])
        record.known("effective.negative_ends", NONE, subject=NONE)
