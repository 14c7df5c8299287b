"""The previews a config asks for, each as the trainer makes it, and when the first of them is made.

The settings of a preview come from its own entry, then from those of all previews; flags in its prompt (`--n`,
`--ctrl_img`, ...) win over both (config_modules.py:1373-1455).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from diagnose.core.values import Place
from diagnose.sources.finite import finite
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.answers import Previews
from diagnose.trainers.declared import Config, Setting, shown

FLAGS = {
    "n": "negative",
    "frames": "frames",
    "num_frames": "frames",
    "ctrl_img": "first_frame",
    "s": "steps",
    "steps": "steps",
    "l": "guidance",
    "cfg": "guidance",
}
"""Flags in a prompt -> the setting of one preview that they stand for, as far as anything here asks for it."""
SHARED = ("steps", "guidance")
_NUMBER = re.compile(r"\d{1,9}(?:\.\d*)?")
BEFORE_TRAINING = "before the first step"
FIRST_FRAME_NEEDED = frozenset({"wan21_i2v", "wan22_14b_i2v"})
"""Models whose preview ends in an error without a first frame: 36 channels against 16 (wan22_pipeline.py:163), or a
ValueError (wan21_i2v.py:415)."""


class Shot(Struct, frozen=True):
    """One preview.

    Attributes:
        key: where it is written.
        flags: the flags in its prompt, by the setting of one preview that each stands for.
        has_settings: whether it is an entry with settings of its own, and no prompt that stands alone.
    """

    key: str
    flags: Mapping[str, str]
    has_settings: bool


def shots(config: Config) -> Sequence[Shot]:
    """Return the previews in the order written. An entry without a prompt makes none."""
    entries = config.setting("previews.entries").written
    if entries:
        keys = config.entries("previews.entries")
        prompts = {key: config.setting("preview.own.prompt", key).value for key in keys}
    else:
        prompts = dict(zip(config.entries("previews.prompts"), config.items("previews.prompts"), strict=False))
    return [Shot(key, flags_of(str(prompt)), entries) for key, prompt in prompts.items() if prompt is not None]


def flags_of(prompt: str) -> Mapping[str, str]:
    """Return the flags in a prompt, as the trainer cuts them out: "--flag value", up to the next "--"."""
    parts = [part.partition(" ") for part in prompt.strip().split("--")[1:]]
    return {FLAGS[flag.strip()]: content.strip() for flag, _, content in parts if flag.strip() in FLAGS}


def own(config: Config, shot: Shot, name: str) -> Setting:
    """Return a setting of a preview's own entry; a prompt that stands alone has none."""
    if shot.has_settings:
        return config.setting(f"preview.own.{name}", shot.key)
    return Setting(None, config.raw.setting(shot.key).place, written=False)


def makes_previews(config: Config) -> bool:
    """Return whether the config names prompts for previews and does not switch them off."""
    return bool(shots(config)) and not config.flag("previews.off", default=False).value


def first_preview(config: Config, trainer: AiToolkitModel) -> str:
    """Say when the trainer makes its first preview, and what is not saved yet where that is the end of the run."""
    step = first_preview_step(config)
    if step == 0:
        return BEFORE_TRAINING
    if step is not None:
        return f"at step {step:.0f}"
    return "at the end" if trainer.saves_before_last_preview else "at the end, before the final save"


def first_preview_step(config: Config) -> float | None:
    """Return the step of the first preview, 0 for one before any step, None where it is at the end or not known."""
    if not config.flag("previews.skip_first", default=False).value:
        return 0
    steps, every, least = (config.finite(name) for name in ("steps", "sample_every", "sample_start"))
    if steps is not None and every is not None and every.value >= 1:
        start = max(1.0, float(least.value) if least is not None else 0.0)
        step = math.ceil(start / every.value) * every.value
        if step < steps.value:
            return float(step)
    return None


def longest(config: Config, shared: float) -> float:
    """Return the frames of the longest preview, as written; `shared` is what is said for all of them."""
    return max((_frames(config, shot, shared) for shot in shots(config)), default=shared)


def _frames(config: Config, shot: Shot, shared: float) -> float:
    flag = shot.flags.get("frames", "")
    if flag.isdecimal():
        return float(flag)
    frames = finite(own(config, shot, "frames").value)
    return shared if frames is None else frames


def previews(trainer: AiToolkitModel, config: Config) -> Previews:
    """Return the previews as the trainer makes them."""
    made, shared = makes_previews(config), config.finite("preview.frames")
    needs_picture = config.architecture in FIRST_FRAME_NEEDED and made
    bare = next((each for each in shots(config) if needs_picture and not _has_picture(config, each)), None)
    return Previews(
        made=made,
        first_step=first_preview_step(config),
        first=first_preview(config, trainer),
        frames=longest(config, float(shared.value)) if shared is not None else None,
        lacking_picture=config.raw.setting(bare.key).place if bare is not None else None,
        negatives=tuple(_without_negative(config) if made else ()) if config.architecture in trainer.archs else None,
        negative_when=_negative_encoded(config, trainer),
        shared={name: value for name in SHARED if (value := _shared(config, name)) is not None},
    )


def _shared(config: Config, name: str) -> tuple[float, Place] | None:
    """Return a number that all previews have in common, and where the first has it; None where they differ."""
    found = [_of_one(config, shot, name) for shot in shots(config)]
    values = {value for value, _ in found}
    value = values.pop() if len(values) == 1 else None
    return (value, found[0][1]) if value is not None else None


def _of_one(config: Config, shot: Shot, name: str) -> tuple[float | None, Place]:
    """Return a number of one preview: by a flag in its prompt, by its entry, else what is said for all."""
    if name in shot.flags:
        flag = shot.flags[name]
        return float(flag) if _NUMBER.fullmatch(flag) else None, config.raw.setting(shot.key).place
    entry, all_of_them = own(config, shot, name), config.setting(f"preview.{name}")
    setting = entry if entry.given else all_of_them
    return finite(setting.value), setting.place


def _has_picture(config: Config, shot: Shot) -> bool:
    """Return whether a preview names a picture to start from."""
    return bool(shot.flags.get("first_frame") or own(config, shot, "first_frame").value)


def _without_negative(config: Config) -> Iterator[tuple[str, str, Place]]:
    """Yield the keys where a negative prompt that some preview takes is no text: key, what is there, place.

    The encoder is given the value as written, False where the key is absent, and asks for its length.
    """
    shared = config.setting("preview.negative")
    for shot in shots(config):
        written = own(config, shot, "negative")
        if written.written:
            found, key = written, config.called("preview.own.negative", shot.key)
        else:
            found, key = shared, config.called("preview.negative")
        if "negative" not in shot.flags and not isinstance(found.value, str | list):
            yield key, f"is {shown(found.value)}" if found.written else "is absent", found.place


def _negative_encoded(config: Config, trainer: AiToolkitModel) -> str:
    """Say when the negative prompt is encoded: with the captions where those are cached, else with its preview."""
    by_set = (config.flag("clip.cache_text", entry, default=False) for entry in config.entries("clips"))
    cached = any(each.value for each in (config.flag("cache_text", default=False), *by_set))
    if cached or config.flag("unload_text_encoder", default=False).value:
        return BEFORE_TRAINING
    return first_preview(config, trainer)
