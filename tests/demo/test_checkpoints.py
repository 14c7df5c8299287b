from __future__ import annotations

import json
from pathlib import Path

from safetensors import safe_open


def metadata(path: Path) -> dict[str, str]:
    with safe_open(path, "pt") as file:
        found: dict[str, str] = file.metadata()
    return found


def test_v15_has_thirty_numbered_pairs(v15_dir: Path) -> None:
    names = {path.name for path in v15_dir.glob("*.safetensors")}
    assert names == {
        f"run-v15_{step:09d}_{expert}_noise.safetensors" for step in range(100, 3001, 100) for expert in ("high", "low")
    }


def test_v17_ends_with_a_pair_without_a_number(v17_dir: Path) -> None:
    names = {path.name for path in v17_dir.glob("*.safetensors")}
    assert len(names) == 2 * 22
    assert {"run-v17_high_noise.safetensors", "run-v17_low_noise.safetensors"} <= names
    assert json.loads(metadata(v17_dir / "run-v17_low_noise.safetensors")["training_info"])["step"] == 2200


def test_metadata_says_the_step_and_the_software(v15_dir: Path) -> None:
    found = metadata(v15_dir / "run-v15_000002400_high_noise.safetensors")
    assert json.loads(found["training_info"]) == {"step": 2400, "epoch": 100}
    assert json.loads(found["software"])["version"] == "0.7.4"
    assert (found["format"], found["ss_output_name"]) == ("pt", "run-v15")


def test_both_experts_carry_one_hash_and_saves_differ(v15_dir: Path) -> None:
    high, low, other = (
        metadata(v15_dir / f"run-v15_{name}_noise.safetensors")["sshs_model_hash"]
        for name in ("000002400_high", "000002400_low", "000002500_low")
    )
    assert high == low != other


def test_metadata_has_the_keys_of_a_real_run(real_fork_run: Path, v15_dir: Path) -> None:
    real = metadata(next(real_fork_run.glob("*_high_noise.safetensors")))
    ours = metadata(v15_dir / "run-v15_000000100_high_noise.safetensors")
    assert set(ours) == set(real)
    for key in ("software", "format", "ss_base_model_version"):
        assert ours[key] == real[key]
    assert len(ours["sshs_model_hash"]) == len(real["sshs_model_hash"])
    assert len(ours["sshs_legacy_hash"]) == len(real["sshs_legacy_hash"])
