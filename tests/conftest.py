"""What every test needs: a cache of its own."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what the tests work out, of whatever rule base or file, out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIAGNOSE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield
