"""What is shared by all that decode: pictures in another size."""

from __future__ import annotations

import av
import pytest
from clips import picture

from diagnose.sources.video.decoding import grey


@pytest.mark.parametrize("width", [64, 240, 250, 300])
def test_a_grey_picture_is_whole_in_memory_whatever_its_width(width: int) -> None:
    frame = av.VideoFrame.from_ndarray(picture(), format="gray")
    assert grey(frame, width, 96).flags.c_contiguous
