"""The figures of a clip: those of its pairs of neighbouring frames, and of these the median over its time.

Frames that hardly differ are one frame that is shown longer, as Pillow and libwebp write them: so a clip has the same
figures whatever it is kept in. A picture that is held for much longer than others is time in which nothing moves.
Runs in a child process alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from diagnose.motion.camera import camera_motion
from diagnose.motion.flow import Flow, Picture, Seen, Vectors, length
from diagnose.motion.measured import STILL_AMOUNT, STILL_STRONG, TRUST_LEAST
from diagnose.sources.video.decoding import Clip, Unfit, grey

SIDE = 240
"""Pixels of the short side at which pictures are measured. Smaller ones are enlarged: at 64 pixels the flow of noise
agrees with itself by chance (trust .1 to .5, enlarged .1 to .2)."""
LONGEST = 8 * SIDE
STRONGEST = 0.05
"""Share of the pixels that is "what moves most"."""
COARSE = 8
"""Parts of the short side over which the flow is averaged for the coarse share."""
SAME = 2
"""Levels of 255: frames that differ no more anywhere are one."""
MOST_PAIRS = 160
"""Of a clip, at least half as many of a longer one, evenly spread; the previews of WAN have 80."""
HELD = 2.5
"""So many times the usual time between frames is a picture that is held."""
NOTHING_MOVES = 1e-3
"""Pixels: below it shares of the motion are shares of nothing."""

Values = NDArray[np.float64]


class _Pair(NamedTuple):
    """A pair of frames: when the earlier was first shown and the later, and the figures, in pixels and shares."""

    later: int
    begin: float
    end: float
    trust: float
    figures: tuple[float, ...]


_FIGURES = ("amount", "strong", "camera", "object", "object_strong")
_SHARES = ("camera_share", "coarse_share")
_NOTHING = (0.0,) * len(_FIGURES) + (float("nan"),) * len(_SHARES)


def clip_motion(clip: Clip) -> dict[str, Any]:
    """Return the fields of a `ClipMotion`, all but the file.

    Raises:
        Unfit: a photograph, or a film that says nothing of its time.
    """
    scale = SIDE / min(clip.width, clip.height)
    width, height = round(clip.width * scale), round(clip.height * scale)
    pairs, last = _Sampled(), None
    if max(width, height) > LONGEST:
        raise Unfit(f"pictures of {clip.width} x {clip.height} pixels are too narrow to measure", damage=False)
    flow = Flow(height, width)
    for kept in _distinct(clip, width, height):
        if last is not None and pairs.wanted():
            pairs.add(_measured(flow, last, kept))
        last = kept
    if not clip.film:
        raise Unfit("is a single picture, not a film", damage=False)
    known = clip.end or (clip.decoded / clip.rate if clip.rate else None)
    whole = {"frames": clip.decoded, "width": clip.width, "height": clip.height, "seconds": known}
    if not pairs.kept:
        return {**whole, **_still()}
    seen_to_its_end = clip.whole and not clip.damaged
    held = max(0.0, known - last.at) if seen_to_its_end and known is not None and last is not None else 0.0
    return {**whole, **_over_time(pairs.kept, held)}


class _Kept(NamedTuple):
    """A frame that differs from the one before it."""

    frame: int
    at: float
    picture: Picture


def _distinct(clip: Clip, width: int, height: int) -> Iterator[_Kept]:
    """Yield the frames that differ from the one before, each with the time when it is first shown.

    Raises:
        Unfit: the file says nothing of the time.
    """
    last: _Kept | None = None
    for index, shown in enumerate(clip):
        at = shown.at if shown.at is not None else index / clip.rate if clip.rate else None
        if at is None:
            if index:
                raise Unfit("says nothing of the time of its frames", damage=True)
            at = 0.0
        picture = grey(shown.picture, width, height)
        if last is not None and (at <= last.at or not (cv2.absdiff(picture, last.picture) > SAME).any()):
            continue
        last = _Kept(index, at, picture)
        yield last


class _Sampled:
    """Pairs of a clip of unknown length, evenly spread: every n-th, and n doubles when there are too many."""

    def __init__(self) -> None:
        self.kept: list[_Pair] = []
        self._every, self._count = 1, 0

    def wanted(self) -> bool:
        """Return whether the next pair is to be measured."""
        self._count += 1
        return (self._count - 1) % self._every == 0

    def add(self, pair: _Pair) -> None:
        """Keep a pair."""
        self.kept.append(pair)
        if len(self.kept) > MOST_PAIRS:
            self.kept, self._every = self.kept[::2], 2 * self._every


def _measured(flow: Flow, earlier: _Kept, later: _Kept) -> _Pair:
    seen = flow.between(earlier.picture, later.picture)
    when = (later.frame, earlier.at, later.at)
    trust = float(seen.agrees.mean())
    if trust < TRUST_LEAST:
        return _Pair(*when, trust, _NOTHING)
    camera = camera_motion(seen)
    speeds, alone = length(seen.vectors)[seen.agrees], length(seen.vectors - camera)[seen.agrees]
    followed = length(camera)[seen.agrees]
    amount, by_camera, beside = float(speeds.mean()), float(followed.mean()), float(alone.mean())
    moves = amount > NOTHING_MOVES
    shares = (
        by_camera / (by_camera + beside) if moves else float("nan"),
        _coarse(seen) / amount if moves else float("nan"),
    )
    return _Pair(*when, trust, (amount, _strongest(speeds), by_camera, beside, _strongest(alone), *shares))


def _strongest(speeds: Vectors) -> float:
    count = max(1, round(STRONGEST * speeds.size))
    return float(np.partition(speeds, speeds.size - count)[speeds.size - count :].mean())


def _coarse(seen: Seen) -> float:
    """Return the mean speed that is left when the flow is averaged over the parts of the picture around each point."""
    part = max(1, min(seen.agrees.shape) // COARSE)
    known = seen.agrees.astype(np.float32)
    share = cv2.blur(known, (part, part))
    mean = cv2.blur(seen.vectors * known[..., None], (part, part)) / np.maximum(share, np.float32(1e-6))[..., None]
    return float(length(mean)[seen.agrees].mean())


def _still() -> dict[str, Any]:
    nothing = dict.fromkeys(_FIGURES, 0.0) | dict.fromkeys(_SHARES)
    return {"pairs": 0, "trust": 1.0, "still": True, "liveliest": None, **nothing}


def _over_time(pairs: list[_Pair], held: float) -> dict[str, Any]:
    """Return the medians over the time of a clip: a pair counts by how long it lasts, a picture that is held as still.

    Rates are in short sides per second.
    """
    lasting = np.array([pair.end - pair.begin for pair in pairs])
    usual = float(np.median(lasting))
    paused = np.where(lasting > HELD * usual, lasting - usual, 0.0)
    moving = lasting - paused
    pause = float(paused.sum()) + (held - usual if held > HELD * usual else 0.0)
    trusts = np.array([pair.trust for pair in pairs])
    trust = _median(np.append(trusts, 1.0), np.append(moving, pause))
    figures = np.array([pair.figures for pair in pairs])
    rates = figures[:, : len(_FIGURES)] / (moving[:, None] * SIDE)
    sure = trusts >= TRUST_LEAST
    found: dict[str, Any] = {"pairs": len(pairs), "trust": round(trust, 4), "still": False}
    if trust < TRUST_LEAST or not sure.any():
        return found | dict.fromkeys((*_FIGURES, *_SHARES, "liveliest"))
    weights = np.append(moving[sure], pause)
    for index, name in enumerate(_FIGURES):
        found[name] = round(_median(np.append(rates[sure, index], 0.0), weights), 5)
    found["still"] = found["amount"] < STILL_AMOUNT and found["strong"] < STILL_STRONG
    for index, name in enumerate(_SHARES, start=len(_FIGURES)):
        told = sure & ~np.isnan(figures[:, index])
        said = not found["still"] and told.any()
        found[name] = round(_median(figures[told, index], moving[told]), 4) if said else None
    best = int(np.argmax(np.where(sure, rates[:, 0], -1.0)))
    return found | {"liveliest": pairs[best].later - 1}


def _median(values: Values, weights: Values) -> float:
    """Return the value below and above which there is the same weight."""
    order = np.argsort(values)
    summed = np.cumsum(weights[order])
    below = int(np.searchsorted(summed, summed[-1] / 2, side="left"))
    above = int(np.searchsorted(summed, summed[-1] / 2 * (1 + 1e-9), side="right"))
    return float((values[order[below]] + values[order[min(above, len(values) - 1)]]) / 2)
