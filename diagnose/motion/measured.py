"""What measuring a clip gives: the figures of its motion, or why there are none.

The unit is the short side of the picture per second: a thing at 1.0 crosses a square picture in a second, whatever the
size of the picture and the frame rate. Each figure is the median over the measured pairs of neighbouring frames, so a
cut or a flash in a few of them does not decide it.

Limits. The figures come from optical flow on a small grey picture. They were tried on made-up clips and on a few real
videos (tests/bench/MOTION.md), not on samples of a real 14B run. Noise and heavy compression change them by up to a
third, so only like is compared with like: the same prompt and seed, the same size, length and codec.
"""

from __future__ import annotations

from msgspec import Struct

TRUST_LEAST = 0.3
"""Of the pixels of a pair: where fewer agree with themselves, what the flow says is guesswork. Tried, see MOTION.md."""
TRUST_GOOD = 0.5
"""Below it a figure is told with caution."""
STILL_AMOUNT, STILL_STRONG = 0.01, 0.05
"""Short sides per second: a still clip with noise, flicker or compression keeps below both. Tried, see MOTION.md."""
OBJECT_LEAST = 0.1
"""Short sides per second of `object_strong`: a pure pan leaves up to half of it behind."""
LEAKS, LEAK = 2.0, 0.05
"""An object beside a moving camera is believed from so many times what a fit of the camera leaves of its own motion:
LEAK is that share. Tried, see MOTION.md."""


class ClipMotion(Struct, frozen=True):
    """How things move in one clip. Rates are in short sides per second.

    Attributes:
        file: the clip.
        frames: those that came out of the file.
        pairs: pairs of neighbouring frames that were measured; fewer than there are where a long clip is sampled.
        seconds: how long the clip lasts; None where the file does not say.
        width, height: of a frame in pixels.
        trust: share of the pixels whose flow forward and back again ends where it began, median over the pairs. Under
            TRUST_LEAST (cuts, noise, a broken picture) no figure below is given.
        still: nothing moves: `amount` < STILL_AMOUNT and `strong` < STILL_STRONG. A film of one frame is still too:
            Pillow and libwebp merge frames that are alike.
        amount: mean speed over the picture. Limit: a small thing in a large picture hardly counts.
        strong: mean speed of the fastest twentieth of the pixels: what moves most, however small.
        camera: mean speed of the movement of the whole picture (a robust affine fit: pan, zoom, turn, shear).
        object: mean speed of what is left without the camera.
        object_strong: the same of its fastest twentieth. Limit: of a pure pan some .05 is left too; see
            `object_moves`.
        camera_share: part of the speed that the camera explains, 0 to 1.
        coarse_share: part of the speed that is left when the flow is averaged over an eighth of the picture, 0 to 1:
            near 1 where large parts move together, low where small parts tremble each their own way.
        liveliest: the pair of frames with most motion, counted from 0, among all pairs of the clip; for a film strip.
    """

    file: str
    frames: int
    pairs: int
    seconds: float | None
    width: int
    height: int
    trust: float
    still: bool
    amount: float | None
    strong: float | None
    camera: float | None
    object: float | None
    object_strong: float | None
    camera_share: float | None
    coarse_share: float | None
    liveliest: int | None

    @property
    def object_moves(self) -> bool | None:
        """Whether something moves beside the camera; None where that cannot be said."""
        if self.object_strong is None or self.camera is None:
            return None
        return self.object_strong > max(OBJECT_LEAST, LEAKS * LEAK * self.camera)


class Unmeasured(Struct, frozen=True):
    """Why a clip has no figures. `damage`: the file is at fault, not a limit of ours or a missing package."""

    file: str
    reason: str
    damage: bool
