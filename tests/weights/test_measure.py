"""Files and runs: experts apart, order kept, faults named, and nothing loaded that is not needed."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from lora_files import Save, factors, measure_file
from safetensors.torch import save_file

from diagnose.core.cache import Cache
from diagnose.core.errors import DiagnoseError
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.readings import CheckpointFile
from diagnose.sources.run_reading import read_checkpoints
from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint
from diagnose.trainers.rooms import run_readers
from diagnose.weights.instrument import Advance
from diagnose.weights.measure import measure_run

REAL = Path(__file__).parents[3] / "shared" / "cases" / "real"


def many(count: int, prefix: str = "diffusion_model") -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = {}
    for index in range(count):
        found |= factors(module=f"{prefix}.blocks.{index}.ffn.0", seed=index)
    return found


def test_a_combined_file_is_measured_by_expert(save: Save) -> None:
    high, low = many(2, "diffusion_model.transformer_1"), many(3, "diffusion_model.transformer_2")
    measured = measure_file(save(high | low, "job_000000020.safetensors"), cache=Cache(None))
    assert [(each.expert, 2 * len(each.modules)) for each in measured.experts] == [(Expert.HIGH, 4), (Expert.LOW, 6)]
    assert (measured.file, measured.step, measured.cached) == ("job_000000020.safetensors", 20, False)


def test_progress_counts_every_module_and_every_byte(save: Save) -> None:
    checkpoint = save(many(5))
    steps: list[Advance] = []
    measure_file(checkpoint, cache=Cache(None), progress=steps.append)
    assert [(step.modules, step.total) for step in steps] == [(index, 5) for index in range(1, 6)]
    assert sum(step.bytes for step in steps) == sum(tensor.end - tensor.begin for tensor in checkpoint.tensors)


def test_progress_of_a_remembered_file_is_one_step(save: Save, tmp_path: Path) -> None:
    checkpoint, cache = save(many(5)), Cache(tmp_path / "cache")
    measure_file(checkpoint, cache=cache)
    steps: list[Advance] = []
    measure_file(checkpoint, cache=cache, progress=steps.append)
    assert [(step.modules, step.total) for step in steps] == [(5, 5)]


def test_a_file_that_cannot_be_measured_costs_itself_alone(save: Save) -> None:
    good = save(many(1))
    foreign = save({"m.lokr_w1": torch.ones(2, 2)}, "foreign.safetensors")
    first, second = measure_run([foreign, good], cache=Cache(None))
    assert (first.experts, first.seconds, first.cached) == ((), 0, False)
    assert [remark.place.file for remark in first.remarks] == ["foreign.safetensors"]
    assert "LoKr" in first.remarks[0].text
    assert second.experts
    assert not second.remarks


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-8])


def touch(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-8] + b"\1" * 8)


@pytest.mark.parametrize(
    ("spoil", "word"), [(cut, "ends within"), (touch, "changed while"), (Path.unlink, "cannot be")]
)
def test_a_file_that_changes_after_its_header_was_read(save: Save, spoil: Callable[[Path], None], word: str) -> None:
    checkpoint = save(many(3))
    spoil(checkpoint.path)
    with pytest.raises(DiagnoseError, match=word):
        measure_file(checkpoint, cache=Cache(None))


def test_an_interruption_stores_nothing(save: Save, tmp_path: Path) -> None:
    def interrupt(step: Advance) -> None:
        if step.modules == 2:
            raise KeyboardInterrupt

    checkpoint, cache = save(many(50)), tmp_path / "cache"
    with pytest.raises(KeyboardInterrupt):
        measure_file(checkpoint, cache=Cache(cache), progress=interrupt)
    assert not cache.exists()


def test_an_unchanged_file_is_not_read_and_nothing_heavy_loaded(tmp_path: Path) -> None:
    path = tmp_path / "job_000000100_high_noise.safetensors"
    save_file(many(2), path)
    cache = tmp_path / "cache"
    first = measure_file(read_checkpoint(path, run_dir=tmp_path), cache=Cache(cache))
    script = (
        "import sys; from pathlib import Path\n"
        "from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint\n"
        "from diagnose.core.cache import Cache\n"
        "from diagnose.weights.measure import measure_run\n"
        "from diagnose.weights.optimizer_state import read_optimizer\n"
        f"checkpoint = read_checkpoint(Path({str(path)!r}), run_dir=Path({str(tmp_path)!r}))\n"
        f"(measured,) = measure_run([checkpoint], cache=Cache(Path({str(cache)!r})))\n"
        "print(measured.cached, measured.experts[0].magnitude, 'numpy' in sys.modules)\n"
        "(measured,) = measure_run([checkpoint], cache=Cache(None))\n"
        "print(measured.cached, measured.experts[0].magnitude, 'torch' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    magnitude = repr(first.experts[0].magnitude)
    assert done.stdout.split() == ["True", magnitude, "False", "False", magnitude, "False"]


def test_every_real_checkpoint_is_measured() -> None:
    if not REAL.is_dir():
        pytest.skip("the real runs are not here")
    for run in sorted(REAL.iterdir()):
        checkpoints, remarks = read_checkpoints(run, run_readers())
        assert not remarks
        for measured in measure_run(checkpoints[:1] + checkpoints[-1:], cache=Cache(None)):
            assert measured.experts
            assert not measured.remarks
            for expert in measured.experts:
                assert expert.ranks in {(16,), (64,)}
                assert len(expert.modules) == 20
                assert expert.update_norm is not None
                assert expert.update_norm > 0


def checkpoint_of(run: str, name: str) -> CheckpointFile:
    path = REAL / run / name
    if not path.is_file():
        pytest.skip("the real runs are not here")
    return read_checkpoint(path, run_dir=path.parent)


def test_a_diverged_run_shows_in_finite_numbers() -> None:
    checkpoint = checkpoint_of("fork-i_nan", "i_nan_high_noise.safetensors")
    (expert,) = measure_file(checkpoint, cache=Cache(None)).experts
    assert expert.entries.non_finite == 0
    assert expert.magnitude is not None
    assert expert.magnitude > 1e19
    assert expert.update_norm is not None
