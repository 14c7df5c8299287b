"""What the figures of a clip say by themselves."""

from __future__ import annotations

import pytest

from diagnose.motion.measured import LEAK, LEAKS, OBJECT_LEAST, ClipMotion


def clip(camera: float | None, object_strong: float | None) -> ClipMotion:
    return ClipMotion(
        file="a.webp",
        frames=9,
        pairs=8,
        seconds=0.5,
        width=480,
        height=832,
        trust=0.9,
        still=False,
        amount=0.2,
        strong=0.4,
        camera=camera,
        object=0.1,
        object_strong=object_strong,
        camera_share=0.5,
        coarse_share=0.9,
        liveliest=3,
    )


@pytest.mark.parametrize(
    ("camera", "strong", "moves"),
    [
        (0.0, OBJECT_LEAST, False),
        (0.0, OBJECT_LEAST + 0.001, True),
        (4.0, LEAKS * LEAK * 4.0, False),
        (4.0, LEAKS * LEAK * 4.0 + 0.001, True),
        (None, 0.5, None),
        (0.5, None, None),
    ],
)
def test_an_object_is_believed_from_what_a_camera_alone_does_not_leave(
    camera: float | None, strong: float | None, moves: bool | None
) -> None:
    assert clip(camera, strong).object_moves is moves
