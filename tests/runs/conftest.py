"""The document's two runs, written once for all tests."""

from pathlib import Path

import pytest

from diagnose import Report, postmortem
from diagnose.demo.writer import write_demo


@pytest.fixture(scope="session")
def v15_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo("run-v15", tmp_path_factory.mktemp("demo") / "run-v15")


@pytest.fixture(scope="session")
def v17_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo("run-v17", tmp_path_factory.mktemp("demo") / "run-v17")


@pytest.fixture(scope="session")
def v15(v15_dir: Path) -> Report:
    return postmortem(v15_dir)


@pytest.fixture(scope="session")
def v17(v17_dir: Path) -> Report:
    return postmortem(v17_dir)
