"""What is said beside the result, how much of it, and nothing that steers a terminal."""

from __future__ import annotations

import pytest

from diagnose.cli.messages import Volume, detail, quiet, set_volume, tell, warn


@pytest.mark.parametrize(("volume", "said"), [(Volume.QUIET, "w"), (Volume.NORMAL, "wt"), (Volume.VERBOSE, "wtd")])
def test_the_volume_decides_what_is_said(volume: Volume, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    set_volume(volume)
    try:
        warn("w")
        tell("t")
        detail("d")
        assert quiet() == (volume is Volume.QUIET)
    finally:
        set_volume(Volume.NORMAL)
    assert capsys.readouterr().err.split() == list(said)


def test_no_text_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    warn("a\x1b[31m\u202e\nb")
    assert capsys.readouterr().err == "a\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}\nb\n"
