"""What every test needs: a cache of its own, the two runs of the document, one thread, and how hypothesis searches."""

import os
from collections.abc import Callable, Container, Iterable, Iterator
from pathlib import Path

import hypothesis
import pytest
from one_reader import no_engine

from diagnose.core.child import ONE_THREAD
from diagnose.demo.writer import write_demo

REAL = Path(__file__).parents[2] / "shared" / "cases" / "real"

# As the program's own processes have it: there is a worker for every core, and threads of theirs would only wait for
# each other. Numpy and torch read it when they are imported, which is later.
os.environ.update(ONE_THREAD)

# A busy machine is no fault of the code, so no example has a deadline. The suite tries the same examples on every run;
# HYPOTHESIS_PROFILE=explore tries new ones each time.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
Drawings = Callable[..., str]


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


@pytest.fixture(scope="module")
def one_reader() -> Iterator[None]:
    """Let the matcher answer alone: in a module that asks for many reports, and not how rules are matched."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("diagnose.engine.infer._locate", no_engine)
        yield


@pytest.fixture
def real() -> Path:
    if not REAL.is_dir():
        pytest.skip("the real runs are not here")
    return REAL


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Return a function that writes a file into the run folder `tmp_path`."""

    def writer(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return writer


@pytest.fixture
def drawings() -> Drawings:
    """Return a function that draws the training bar as the trainers do, a post and a tick per step.

    `lead` is 1 for upstream and 0 for the fork; `numbers` makes what stands behind the bar in a step, `before` the
    text printed ahead of its post; after the steps in `untold` the tick is missing, as it is after a save.
    """

    def draw(
        steps: Iterable[int],
        total: int,
        *,
        lead: int,
        numbers: Callable[[int], str] = lambda step: f"lr: 1.0e-04 loss: {step / 100:.3e}",
        before: Callable[[int], str] = lambda _: "",
        untold: Container[int] = (),
    ) -> str:
        steps = list(steps)
        position = max(steps[0] - 1 + lead, 0)
        text = [f"\rjob:   0%|          | {position}/{total} [00:00<?, ?it/s]"]
        for step in steps:
            behind = f"/{total} [00:01<00:09,  4.20it/s, {numbers(step)}]"
            text.append(f"{before(step)}\rjob:  12%|█▏        | {position}{behind}")
            position = step + lead
            if step not in untold:
                text.append(f"\rjob:  12%|█▏        | {position}{behind}")
        return "".join(text)

    return draw
