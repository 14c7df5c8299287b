"""Example runs, written once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnose.demo.case import Case, load_case

_REAL = Path(__file__).parents[3] / "shared" / "cases" / "real"


@pytest.fixture(scope="session")
def v15() -> Case:
    return load_case("run-v15")


@pytest.fixture(scope="session")
def v17() -> Case:
    return load_case("run-v17")


@pytest.fixture(scope="session")
def real_fork_run() -> Path:
    """A run directory that the real trainer wrote, where this machine has one."""
    folder = _REAL / "fork-a_ratio135"
    if not folder.is_dir():
        pytest.skip("no runs of the real trainer here")
    return folder
