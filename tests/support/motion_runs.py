"""Run folders whose previews move: textures that are carried along, as animated WebP like the trainer's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from made_runs import write_config
from numpy.typing import NDArray
from PIL import Image

WIDTH, HEIGHT, FRAMES, FPS = 160, 128, 17, 16
STEPS = (0, 100, 200, 300, 400, 500, 600)
SPEEDS = (2.6, 3.1, 3.6, 4.4)
"""Pixels per frame, by prompt."""

Picture = NDArray[np.uint8]


def texture(seed: int, width: int = 3 * WIDTH, height: int = 2 * HEIGHT) -> Picture:
    """A picture of spots of several sizes."""
    rng = np.random.default_rng(seed)
    whole = np.zeros((height, width))
    for cell in (4, 8, 16):
        rough = rng.random((height // cell + 2, width // cell + 2)) * 255
        fine = Image.fromarray(rough.astype(np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
        whole += np.asarray(fine, dtype=float)
    whole -= whole.min()
    return np.asarray(255 * whole / whole.max(), dtype=np.uint8)


def panned(seed: int, speed: float, frames: int = FRAMES) -> list[Image.Image]:
    """A texture that moves by `speed` pixels a frame before a still camera."""
    ground = Image.fromarray(texture(seed)).convert("RGB")
    shift = (float(index) * speed for index in range(frames))
    size, how = (WIDTH, HEIGHT), Image.Transform.AFFINE
    return [
        ground.transform(size, how, (1, 0, at, 0, 1, 40 + at / 3), resample=Image.Resampling.BICUBIC) for at in shift
    ]


def noise(seed: int, frames: int = FRAMES) -> list[Image.Image]:
    """Pictures that have nothing to do with each other."""
    rng = np.random.default_rng(seed)
    return [Image.fromarray(rng.integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)) for _ in range(frames)]


def write_preview(path: Path, pictures: Sequence[Image.Image], fps: int = FPS) -> Path:
    """Write an animated WebP as the trainers do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    first, *others = pictures
    first.save(path, format="WEBP", append_images=others, save_all=True, duration=1000 // fps, loop=0, quality=80)
    return path


def name_of(step: int, prompt: int) -> str:
    """Return the name of a preview, a minute after that of the step before."""
    return f"samples/{1_795_000_000_000 + step * 600 + prompt}__{step:09d}_{prompt}.webp"


def motion_run(
    folder: Path,
    times: Callable[[int], float],
    *,
    steps: Sequence[int] = STEPS,
    prompts: int = len(SPEEDS),
    scatter: float = 0.03,
    **sample: Any,
) -> Path:
    """Write a run of a motion LoRA. At each step its previews move `times` as fast as at step 0.

    `scatter`: by how much, as the standard deviation of the logarithm, they depart from it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_config(folder, steps=max(steps))
    path = folder / "config.yaml"
    document = yaml.safe_load(path.read_text())
    asked = {"prompts": [f"a walk, {number}" for number in range(prompts)], "seed": 42, "num_frames": FRAMES}
    document["config"]["process"][0]["sample"] |= {**asked, "fps": FPS, "width": WIDTH, "height": HEIGHT, **sample}
    path.write_text(yaml.safe_dump(document))
    rng = np.random.default_rng(7)
    for step in steps:
        for prompt in range(prompts):
            speed = SPEEDS[prompt % len(SPEEDS)] * times(step) * float(np.exp(rng.normal(0, scatter)))
            write_preview(folder / name_of(step, prompt), panned(prompt, speed))
    return folder
