"""The previews a config asks for, each as the trainer makes it, and when the first of them is made.

The settings of a preview come from its own entry, then from `sample`; flags in its prompt (`--n`, `--ctrl_img`, ...)
win over both (config_modules.py:1373-1455).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from diagnose.core.model import Place
from diagnose.facts.config.declared import Config, Setting, shown
from diagnose.facts.record import NONE, Recorder
from diagnose.sources.config import dotted as reader
from diagnose.trainers.model import TrainerModel

FLAGS = {"n": "neg", "frames": "num_frames", "num_frames": "num_frames", "fps": "fps", "ctrl_img": "ctrl_img"}
"""Flags in a prompt that say what a key of the preview would say, as far as anything here asks for it."""
BEFORE_TRAINING = "before the first step"
FIRST_FRAME_NEEDED = frozenset({"wan21_i2v", "wan22_14b_i2v"})
"""Models whose preview ends in an error without ctrl_img: 36 channels against 16 (wan22_pipeline.py:163), or a
ValueError (wan21_i2v.py:415)."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One preview: where it is written, and the flags in its prompt under the names of the keys they stand for."""

    path: str
    flags: Mapping[str, str]


def shots(config: Config) -> Sequence[Shot]:
    """Return the previews in the order written. An entry without a prompt makes none."""
    if config.setting("sample.samples").written:
        entries = range(len(config.items("sample.samples")))
        prompts = {f"sample.samples[{i}]": config.setting(f"sample.samples[{i}].prompt").value for i in entries}
    else:
        prompts = {f"sample.prompts[{i}]": each for i, each in enumerate(config.items("sample.prompts"))}
    return [Shot(path, flags_of(str(prompt))) for path, prompt in prompts.items() if prompt is not None]


def flags_of(prompt: str) -> Mapping[str, str]:
    """Return the flags in a prompt, as the trainer cuts them out: "--flag value", up to the next "--"."""
    parts = [part.partition(" ") for part in prompt.strip().split("--")[1:]]
    return {FLAGS[flag.strip()]: content.strip() for flag, _, content in parts if flag.strip() in FLAGS}


def makes_previews(config: Config) -> bool:
    """Return whether the config names prompts for previews and does not switch them off."""
    return bool(shots(config)) and not config.flag("train.disable_sampling", default=False).value


def first_preview(config: Config, trainer: TrainerModel) -> str:
    """Say when the trainer makes its first preview, and what is not saved yet where that is the end of the run."""
    step = first_preview_step(config)
    if step == 0:
        return BEFORE_TRAINING
    if step is not None:
        return f"at step {step:.0f}"
    return "at the end" if trainer.saves_before_last_preview else "at the end, before the final save"


def first_preview_step(config: Config) -> float | None:
    """Return the step of the first preview, 0 for one before any step, None where it is at the end or not known."""
    if not config.flag("train.skip_first_sample", default=False).value:
        return 0
    steps, every = config.finite("train.steps"), config.finite("sample.sample_every")
    least = config.finite("sample.sample_start_step")
    if steps is not None and every is not None and every.value >= 1:
        start = max(1.0, float(least.value) if least is not None else 0.0)
        step = math.ceil(start / every.value) * every.value
        if step < steps.value:
            return float(step)
    return None


def record_previews(config: Config, trainer: TrainerModel | None, record: Recorder) -> None:
    """Record what the previews are made of, and which of them end the run, and when."""
    made = makes_previews(config)
    record.known("config.previews_made", made, places=[reader.place(config.reading, "sample")])
    _record_first_frame(config, record)
    _record_frames(config, record)
    fps = config.finite("sample.fps")
    if fps is not None:
        record.known("config.sample_fps", fps.value, places=[fps.place])
    if made:
        model = trainer or config.model
        record.known("effective.first_preview", first_preview(config, model), places=[_when(config)])
    if config.architecture in config.model.archs:
        _record_negative(config, trainer or config.model, record)


def _when(config: Config) -> Place:
    skipped = config.setting("train.skip_first_sample")
    return skipped.place if skipped.value else reader.place(config.reading, "sample")


def _record_first_frame(config: Config, record: Recorder) -> None:
    if config.text("model.arch") is None:
        return
    bare = [shot for shot in shots(config) if not (shot.flags.get("ctrl_img") or own(config, shot, "ctrl_img").value)]
    without = config.architecture in FIRST_FRAME_NEEDED and makes_previews(config) and bool(bare)
    place = reader.place(config.reading, bare[0].path if without else "sample")
    record.known("config.preview_without_image", without, places=[place])


def own(config: Config, shot: Shot, key: str) -> Setting:
    """Return a setting of a preview's own entry; a prompt that stands alone has none."""
    if shot.path.startswith("sample.samples"):
        return config.setting(f"{shot.path}.{key}")
    return Setting(None, reader.place(config.reading, shot.path), written=False)


def _record_frames(config: Config, record: Recorder) -> None:
    shared = config.finite("sample.num_frames")
    if shared is None or not makes_previews(config):
        return
    record.known("config.preview_frames", longest(config, float(shared.value)), places=[shared.place])
    if config.is_image_to_video:
        record.known("effective.preview_frames", (int(shared.value) - 1) // 4 * 4 + 1, places=[shared.place])


def longest(config: Config, shared: float) -> float:
    """Return the frames of the longest preview, as written; `shared` is what `sample` says for all of them."""
    return max((_frames(config, shot, shared) for shot in shots(config)), default=shared)


def _frames(config: Config, shot: Shot, shared: float) -> float:
    flag = shot.flags.get("num_frames", "")
    if flag.isdecimal():
        return float(flag)
    value = own(config, shot, "num_frames").value
    plain = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if plain else shared


def _record_negative(config: Config, trainer: TrainerModel, record: Recorder) -> None:
    """Record where the negative prompt is no text, a subject per place to write it, and when the run ends of it.

    The encoder is handed what stands there, False where nothing does, and asks for its length.
    """
    bad = dict(_without_text(config)) if makes_previews(config) else {}
    for path, (state, place) in bad.items():
        record.known("config.negative_prompt", state, subject=path, places=[place])
        record.known("effective.negative_ends", _encoded(config, trainer), subject=path, places=[_when(config)])
    if not bad:
        record.known("config.negative_prompt", NONE, subject=NONE, places=[reader.place(config.reading, "sample")])
        record.known("effective.negative_ends", NONE, subject=NONE)


def _without_text(config: Config) -> Iterator[tuple[str, tuple[str, Place]]]:
    shared = config.setting("sample.neg")
    for shot in shots(config):
        written = own(config, shot, "neg")
        found, path = (written, f"{shot.path}.neg") if written.written else (shared, "sample.neg")
        if "neg" not in shot.flags and not isinstance(found.value, str | list):
            yield path, (f"is {shown(found.value)}" if found.written else "is absent", found.place)


def _encoded(config: Config, trainer: TrainerModel) -> str:
    """Say when the negative prompt is encoded: with the captions where those are cached, else with its preview."""
    sets = [f"datasets[{i}]" for i in range(len(config.items("datasets")))]
    cached = any(config.flag(f"{part}.cache_text_embeddings", default=False).value for part in ("train", *sets))
    if cached or config.flag("train.unload_text_encoder", default=False).value:
        return BEFORE_TRAINING
    return first_preview(config, trainer)
