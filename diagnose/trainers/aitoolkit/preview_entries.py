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
from diagnose.sources.readings import AskedPreview
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
    "d": "seed",
    "seed": "seed",
}
"""Flags in a prompt -> the setting of one preview that they stand for, as far as anything here asks for it."""
SHARED = ("steps", "guidance")
_NUMBER = re.compile(r"\d{1,9}(?:\.\d*)?")
_WHOLE = re.compile(r"-?\d{1,20}")
LEAST, MOST = -(2**63), 2**64
"""Between them lie the seeds that torch takes."""
RANDOM = -1
"""The seed that stands for a new one for every preview (config_modules.py:1162-1164); a flag is read after that."""
BEFORE_TRAINING = "before the first step"
FIRST_FRAME_NEEDED = frozenset({"wan21_i2v", "wan22_14b_i2v"})
"""Models whose preview ends in an error without a first frame: 36 channels against 16 (wan22_pipeline.py:163), or a
ValueError (wan21_i2v.py:415)."""


class Shot(Struct, frozen=True):
    """One preview.

    Attributes:
        key: where it is written.
        text: the prompt without the flags in it.
        flags: the flags, by the setting of one preview that each stands for.
        has_settings: whether it is an entry with settings of its own, and no prompt that stands alone.
    """

    key: str
    text: str
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
    texts = {key: str(prompt).strip() for key, prompt in prompts.items() if prompt is not None}
    return [Shot(key, text.split("--")[0].strip(), flags_of(text), entries) for key, text in texts.items()]


def makes_previews(config: Config) -> bool:
    """Return whether any preview is made."""
    return bool(shots(config)) and not config.flag("previews.off", default=False).value


def flags_of(prompt: str) -> Mapping[str, str]:
    """Return the flags in a prompt, as the trainer cuts them out: "--flag value", up to the next "--"."""
    parts = [part.partition(" ") for part in prompt.strip().split("--")[1:]]
    return {FLAGS[flag.strip()]: content.strip() for flag, _, content in parts if flag.strip() in FLAGS}


def own(config: Config, shot: Shot, name: str) -> Setting:
    """Return a setting of a preview's own entry; a prompt that stands alone has none."""
    if shot.has_settings:
        return config.setting(f"preview.own.{name}", shot.key)
    return Setting(None, config.raw.setting(shot.key).place, written=False)


def previews(trainer: AiToolkitModel, config: Config) -> Previews:
    """Return the previews as the trainer makes them."""
    asked, shared = shots(config), config.finite("preview.frames")
    made = makes_previews(config)
    needs_picture = made and config.architecture in FIRST_FRAME_NEEDED
    pictures = {shot.key: shot.flags.get("first_frame") or own(config, shot, "first_frame").value for shot in asked}
    bare = next((key for key, picture in pictures.items() if needs_picture and not picture), None)
    switches = [("cache_text", ""), ("unload_text_encoder", "")]
    switches += [("clip.cache_text", entry) for entry in config.entries("clips")]
    text_is_cached = any(config.flag(name, entry, default=False).value for name, entry in switches)
    step = _first_step(config)
    if step is None:
        first = "at the end" if trainer.saves_before_last_preview else "at the end, before the final save"
    else:
        first = f"at step {step:.0f}" if step else BEFORE_TRAINING
    return Previews(
        made=made,
        first_step=step,
        first=first,
        frames=_longest(config, asked, float(shared.value)) if shared is not None else None,
        lacking_picture=config.raw.setting(bare).place if bare is not None else None,
        negatives=tuple(_without_negative(config) if made else ()) if config.architecture in trainer.archs else None,
        negative_when=BEFORE_TRAINING if text_is_cached else first,
        shared={name: value for name in SHARED if (value := _shared(config, name)) is not None},
        entries=tuple(_entries(config, asked)),
        first_apart=bool(config.setting("previews.first").value) and step != 0,
    )


def _entries(config: Config, asked: Sequence[Shot]) -> Iterator[AskedPreview]:
    """Yield each preview with its seed, which is the same at every step unless it is random.

    A walking seed walks from prompt to prompt. Where it does not walk, the seed of an entry holds for those after it as
    well (BaseSDTrainProcess.py:291-327).
    """
    shared, walks = config.setting("preview.seed").value, config.flag("preview.walk_seed", default=False).value
    seed, frames = shared, config.finite("preview.frames")
    for index, shot in enumerate(asked):
        if walks:
            seed = shared + index if _is_whole(shared) else None
        entry = own(config, shot, "seed")
        seed = entry.value if entry.given else seed
        flag = shot.flags.get("seed", "")
        used = int(flag) if _WHOLE.fullmatch(flag) else seed
        drawn = used == RANDOM and not flag
        fixed = not drawn if _is_whole(used) else None
        length = _frames(config, shot)
        if length is None and frames is not None:
            length = float(frames.value)
        yield AskedPreview(shot.text, used if fixed else None, fixed, length)


def _is_whole(value: object) -> bool:
    """Return whether a value is a seed that the trainer can take."""
    return isinstance(value, int) and not isinstance(value, bool) and LEAST <= value < MOST


def _first_step(config: Config) -> float | None:
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


def _longest(config: Config, asked: Sequence[Shot], shared: float) -> float:
    """Return the frames of the longest preview, as written; `shared` is what is said for all of them."""
    own_frames = (_frames(config, shot) for shot in asked)
    return max((shared if frames is None else frames for frames in own_frames), default=shared)


def _frames(config: Config, shot: Shot) -> float | None:
    """Return the frames that a preview has by itself, as written; None where it has those of all."""
    flag = shot.flags.get("frames", "")
    return float(flag) if flag.isdecimal() else finite(own(config, shot, "frames").value)


def _shared(config: Config, name: str) -> tuple[float, Place] | None:
    """Return a number that all previews have in common, and where the first has it; None where they differ."""
    found = [_of_one(config, shot, name) for shot in shots(config)]
    value, place = found[0] if len({value for value, _ in found}) == 1 else (None, None)
    return (value, place) if value is not None and place is not None else None


def _of_one(config: Config, shot: Shot, name: str) -> tuple[float | None, Place]:
    """Return a number of one preview: by a flag in its prompt, by its entry, else what is said for all."""
    if name in shot.flags:
        flag = shot.flags[name]
        return float(flag) if _NUMBER.fullmatch(flag) else None, config.raw.setting(shot.key).place
    entry, all_of_them = own(config, shot, name), config.setting(f"preview.{name}")
    setting = entry if entry.given else all_of_them
    return finite(setting.value), setting.place


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
