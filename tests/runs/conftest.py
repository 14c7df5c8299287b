"""The document's two runs, written once for all tests."""

from pathlib import Path

import pytest

from diagnose import Report, postmortem


@pytest.fixture(scope="session")
def v15(v15_dir: Path) -> Report:
    return postmortem(v15_dir)


@pytest.fixture(scope="session")
def v17(v17_dir: Path) -> Report:
    return postmortem(v17_dir)
