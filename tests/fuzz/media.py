"""Data sets: clips, pictures, captions and size files that are torn, empty, in other encodings, links, pipes or folders.

Clips are decoded in a process of its own, which costs much: one input of many is judged. What is read here reads all else.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from random import Random

from clips import animated_webp, moving, noisy, still, write_clip
from fuzz import noise
from fuzz.formats import Entry, Files, Folder, Format, Link, Pipe, seeds
from fuzz.trees import ODD_TEXTS, as_json, grown_wild

from diagnose.sources.dataset.listing import list_media, read_caption
from diagnose.sources.video.webp import take_apart

SMALL = {"width": 64, "height": 48}
CONFIGS = seeds("config.yaml")
SIZES = {"a.mp4": [64, 48, "0.1"], "__version__": "0.2"}


@cache
def sound() -> dict[str, bytes]:
    """Return small sound files, by their ending."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = write_clip(folder / "a.mp4", moving(5, **SMALL))
        return {
            ".mp4": clip.read_bytes(),
            ".mkv": write_clip(folder / "a.mkv", noisy(5)).read_bytes(),
            ".avi": write_clip(folder / "a.avi", still(5, **SMALL), codec="mpeg4").read_bytes(),
            ".webp": animated_webp(folder / "a.webp", moving(5, **SMALL)).read_bytes(),
            ".jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)),
            ".png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0\0\1\0" * 2 + b"\x08\2\0\0\0" + bytes(40),
        }


def entry(content: bytes, chance: Random) -> Entry:
    """Return a file, damaged more often than not, or what is no file."""
    if chance.random() < 0.04:
        return chance.choice((Link("a.mp4"), Link("/dev/zero"), Link("."), Link("x"), Pipe(), Folder()))
    return noise.noisy(content, chance, (*noise.BYTES, noise.emptied)) if chance.random() < 0.6 else content


def make(chance: Random) -> Files:
    files: dict[str, Entry] = {"config.yaml": chance.choice(CONFIGS)}
    for name in chance.sample(("a", "b", "c d", "\u591c", "\udcff", "x" * 200, "-n", "a\nb"), chance.choice((1, 2, 3))):
        ending = chance.choice((*sound(), ".MP4", ".gif", ".webm"))
        files[f"clips/{name}{ending}"] = entry(
            sound()[chance.choice((ending, ".mp4")) if ending in sound() else ".mp4"], chance
        )
        caption = chance.choice(("a man jumps", *ODD_TEXTS)).encode("utf-8", "surrogatepass")
        files[f"clips/{name}{chance.choice(('.txt', '.caption', '.json'))}"] = entry(caption, chance)
    if chance.random() < 0.3:
        files["clips/.aitk_size.json"] = entry(as_json(grown_wild(SIZES, chance), chance), chance)
    return files


def _read(folder: Path) -> None:
    for media in list_media(folder / "clips").media:
        for extension in ("txt", ".json", ""):
            read_caption(media, extension)
    for path in (folder / "clips").glob("*.webp"):
        if path.is_file() and not path.is_symlink():
            take_apart(path.read_bytes())


FORMAT = Format(
    make=make,
    read=_read,
    command=lambda folder: [
        "preflight", str(folder / "config.yaml"), "--dataset", str(folder / "clips"), "--format", "json",
    ],
    judged_every=20,
)  # fmt: skip
