"""One round of every fault; and what must not come of a command is seen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from fuzz.faults import FAULTS, tried
from fuzz.program import BadError, Place

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and signals of Linux")


@pytest.mark.parametrize("name", FAULTS)
def test_a_round_of_a_fault_ends_as_it_should(name: str) -> None:
    came, failed = tried(name, FAULTS[name], 1, 7)
    assert (sum(came.values()), failed) == (1, 0)


def test_a_traceback_and_what_is_left_behind_are_seen(tmp_path: Path) -> None:
    place = Place.of(tmp_path)
    with pytest.raises(BadError, match="exit status 2"):
        place.ended(place.start(["no-such-command"]), allowed={0})
    (place.out / ".diagnose-0123").touch()
    with pytest.raises(BadError, match="left behind"):
        place.nothing_left()
