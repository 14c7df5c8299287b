"""What every test needs: a cache of its own, and the document's two runs, written once for all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnose.demo.writer import write_demo


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what the tests work out, of whatever rule base or file, out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIAGNOSE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def v15_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo("run-v15", tmp_path_factory.mktemp("demo") / "run-v15")


@pytest.fixture(scope="session")
def v17_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo("run-v17", tmp_path_factory.mktemp("demo") / "run-v17")
