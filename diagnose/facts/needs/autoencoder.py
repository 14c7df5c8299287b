"""What the GPU holds while the autoencoder works: as it decodes a preview, or encodes the clips of a step.

The activations of a step are not there at that time. Both are estimates that nobody verified, so they only raise the
most that a run takes. Nothing is known of single frames, nor of the cache of latents that is made before the training.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from diagnose.facts.needs.passes import longest_of
from diagnose.facts.recorder import Recorder
from diagnose.trainers.answers import MemoryUse
from diagnose.trainers.declared import Config
from diagnose.trainers.footprint import Footprint

DECODING, ENCODING = "while previews are decoded", "while clips are encoded"
LARGEST_SIDE = 2**16
"""Pixels; a side beyond is a typing error."""


def moments(
    config: Config, constants: Footprint, use: MemoryUse, held: float, record: Recorder
) -> Iterator[tuple[str, float]]:
    """Yield what the GPU holds at the most in each such moment, as far as it is known; `held`: all but activations."""
    area = preview_area(config)
    if area is not None:
        yield DECODING, held - use.freed + constants.autoencoder.decoding * area
    clips = [longest_of(config, path, record) for path in use.uncached]
    areas = [max(each.sides) ** 2 for each in clips if each is not None and each.frames > 1]
    if areas:
        yield ENCODING, held + constants.autoencoder.encoding * max(areas)


def uncounted(config: Config, use: MemoryUse, counted: Collection[str]) -> Iterator[str]:
    """Yield the work of the autoencoder that no figure is known for."""
    made = config.model.previews(config)
    if (made is None or made.made) and DECODING not in counted:
        yield "decoding previews"
    if use.uncached and ENCODING not in counted:
        yield "encoding what is not cached"
    if len(use.uncached) < len(config.entries("clips")):
        yield "caching latents before the training"


def preview_area(config: Config) -> float | None:
    """Return the pixels of a frame of a preview; None where no clips are made, or their size is not known."""
    made = config.model.previews(config)
    sides = [config.finite(name) for name in ("preview.width", "preview.height")]
    known = [float(side.value) for side in sides if side is not None and 0 < side.value <= LARGEST_SIDE]
    if made is None or not made.made or made.frames is None or made.frames <= 1 or len(known) < len(sides):
        return None
    return known[0] * known[1]
