"""What reading a data set costs, and how far apart noise and motion are. Stand-alone; prints figures, asserts nothing.

    python tests/bench/bench_dataset.py speed              whole pre-flights over generated clips
    python tests/bench/bench_dataset.py movement [VIDEO..] movement of stills encoded as clips, and of small objects

With videos, a frame of each is a further picture, and the video itself an example of motion.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from clips import Frame, picture

from diagnose.sources.video.decoder import answer

CLIPS, FRAMES, WIDTH, HEIGHT = 30, 81, 832, 480
CONFIG = """\
job: extension
config:
  name: job
  process:
  - type: diffusion_trainer
    datasets: [{folder_path: /nowhere, num_frames: 81, resolution: [624]}]
    model: {arch: wan22_14b_i2v, name_or_path: ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16}
"""
ENCODERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("libx264", {"crf": "18"}),
    ("libx264", {"crf": "28"}),
    ("libx264", {"crf": "38"}),
    ("libx264", {"crf": "30", "g": "12"}),
    ("libx265", {"crf": "30", "x265-params": "log-level=none"}),
    ("mpeg4", {"b:v": "3M"}),
)
NOISE = (0, 2, 5, 10)
OBJECTS = ((8, 30, 5), (12, 30, 2), (12, 60, 5), (16, 20, 5), (16, 40, 5), (8, 80, 2))
"""Side in pixels, brightness above the ground, noise: in pictures some 640 wide."""


def encode(path: Path, frames: Sequence[Frame], codec: str, options: dict[str, str]) -> Path:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=16, options=options)
        stream.height, stream.width = frames[0].shape
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="gray")))
        container.mux(stream.encode())
    return path


def movement(path: Path) -> float:
    return float(answer({"path": str(path), "still": False, "count": 49, "fps": None})["movement"])


def with_noise(ground: Frame, sigma: float, rng: np.random.Generator) -> Frame:
    return np.clip(ground + rng.normal(0, sigma, ground.shape), 0, 255).astype(np.uint8) if sigma else ground


def crossing(ground: Frame, side: int, contrast: int, index: int, height: float) -> Frame:
    frame = ground.astype(np.int16)
    left, top = index * 3 % (ground.shape[1] - side), int(ground.shape[0] * height)
    spot = frame[top : top + side, left : left + side]
    spot += contrast if spot.mean() < 128 else -contrast
    return np.clip(frame, 0, 255).astype(np.uint8)


def pictures(videos: Sequence[Path]) -> Iterator[tuple[str, Frame]]:
    yield "blocks", picture(width=640, height=368)
    yield "grain", np.random.default_rng(3).integers(0, 255, (368, 640), dtype=np.uint8)
    for video in videos:
        with av.open(str(video)) as container:
            for index, frame in enumerate(container.decode(video=0)):
                if index == 30:
                    scale = max(1, frame.width // 640)
                    size = (frame.width // scale // 2 * 2, frame.height // scale // 2 * 2)
                    yield video.name, frame.reformat(*size, format="gray").to_ndarray()
                    break


def measure_movement(videos: Sequence[Path], folder: Path) -> None:
    rng = np.random.default_rng(1)
    stills: dict[tuple[str, int], list[float]] = {}
    objects: list[float] = []
    for _, ground in pictures(videos):
        for sigma in NOISE:
            frames = [with_noise(ground, sigma, rng) for _ in range(49)]
            for codec, options in ENCODERS:
                stills.setdefault((codec, sigma), []).append(movement(encode(folder / "a.mp4", frames, codec, options)))
        for side, contrast, sigma in OBJECTS:
            for height in (0.25, 0.5, 0.75):
                frames = [
                    with_noise(crossing(ground, side, contrast, index, height), sigma, rng) for index in range(49)
                ]
                objects.append(movement(encode(folder / "a.mp4", frames, "libx264", {"crf": "24"})))
    for (codec, sigma), found in sorted(stills.items()):
        print(f"still, {codec:8} noise {sigma:2}: movement at most {max(found):5.1f}")
    print(f"small objects ({len(objects)} clips): least {', '.join(f'{each:.1f}' for each in sorted(objects)[:6])}")
    for video in videos:
        print(f"{video.name}: movement {movement(video):.1f}")


def measure_speed(folder: Path, repeat: int) -> None:
    rng = np.random.default_rng(1)
    ground = picture(width=WIDTH, height=HEIGHT)
    for codec, options in (("libx264", {"crf": "23"}), ("libx265", {"crf": "28", "x265-params": "log-level=none"})):
        data = folder / codec
        data.mkdir()
        frames = [with_noise(np.roll(ground, 4 * index, axis=1), 4, rng) for index in range(FRAMES)]
        source = encode(data / "clip00.mp4", frames, codec, options).read_bytes()
        for index in range(CLIPS):
            (data / f"clip{index:02}.mp4").write_bytes(source)
            (data / f"clip{index:02}.txt").write_text(f"a dancer spins, take {index}")
        print(f"{CLIPS} clips of {FRAMES} frames, {WIDTH} x {HEIGHT}, {codec}, {len(source) / 1e3:.0f} kB each")
        timed(folder, ["--dataset", str(data)], repeat)
    print("without a data set")
    timed(folder, [], repeat)


def timed(folder: Path, extra: list[str], repeat: int) -> None:
    config = folder / "config.yaml"
    config.write_text(CONFIG)
    for _ in range(repeat):
        started = time.perf_counter()
        argv = [
            sys.executable,
            "-m",
            "diagnose",
            "preflight",
            str(config),
            "--format",
            "json",
            "--fail-on",
            "never",
            *extra,
        ]
        with subprocess.Popen(argv, stdout=subprocess.DEVNULL) as process:
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = 0
        seconds = time.perf_counter() - started
        print(f"  {seconds:5.2f} s, processor {usage.ru_utime + usage.ru_stime:5.2f} s")


def main() -> None:
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("speed", "movement"))
    parser.add_argument("videos", nargs="*", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.what == "speed":
            measure_speed(Path(folder), options.repeat)
        else:
            measure_movement(options.videos, Path(folder))


if __name__ == "__main__":
    main()
