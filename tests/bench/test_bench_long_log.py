"""The benchmark makes what it says, and sees a limit that is broken."""

from __future__ import annotations

import pytest
from bench import bench_long_log
from bench.bench_long_log import SIZES, measured
from msgspec.structs import replace


@pytest.mark.parametrize("name", [name for name in SIZES if name.startswith("10^6")])
def test_a_long_log_is_made_and_judged(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_long_log, "ROWS", 300)
    seconds, megabytes, wrong = measured(replace(SIZES[name], seconds=0.0, megabytes=1))
    assert seconds > 0
    assert megabytes > 1
    assert wrong == "more than 0 s; more than 1 MB"
