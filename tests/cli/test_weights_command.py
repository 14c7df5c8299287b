"""`diagnose weights`: the same figures in three forms, and one clear line for what cannot be measured."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from lora_files import factors
from safetensors.torch import save_file

from diagnose.cli.main import main

CONTRACT = {
    "path", "step", "expert", "tensors", "elements", "magnitude", "magnitude_down", "magnitude_up", "rms", "max",
    "non_finite", "update_norm", "spectral_norm", "stable_rank", "seconds", "cached",
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DIAGNOSE_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    for step in (200, 100):
        for seed, expert in enumerate(("low", "high")):
            name = f"job_{step:09d}_{expert}_noise.safetensors"
            save_file(factors(module="diffusion_model.blocks.0.ffn.0", seed=step + seed), folder / name)
    return folder


def as_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert main(["weights", *map(str, arguments), "--format", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_json_of_a_run(capsys: pytest.CaptureFixture[str], run_dir: Path) -> None:
    document = as_json(capsys, run_dir)
    assert document["skipped"] == []
    assert [(each["step"], each["expert"]) for each in document["files"]] == [
        (100, "high"), (100, "low"), (200, "high"), (200, "low"),
    ]  # fmt: skip
    for each in document["files"]:
        assert each.keys() >= CONTRACT
        assert "modules" not in each
        assert (run_dir / each["path"]).is_file()
        assert each["tensors"] == 2
        assert not each["cached"]
    assert all(each["cached"] for each in as_json(capsys, run_dir)["files"])


def test_json_per_module(capsys: pytest.CaptureFixture[str], run_dir: Path) -> None:
    (module,) = as_json(capsys, run_dir, "--per-module")["files"][0]["modules"]
    assert (module["name"], module["block"], module["rank"], module["scale"]) == ("blocks.0.ffn.0", 0, 4, 1.0)
    assert module["update_norm"] > 0


def test_a_file_goes_by_the_name_it_was_given(
    capsys: pytest.CaptureFixture[str], run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(run_dir.parent)
    name = "run/job_000000100_high_noise.safetensors"
    (only,) = as_json(capsys, name)["files"]
    assert only["path"] == name
    both = as_json(capsys, name, "run/job_000000200_low_noise.safetensors")["files"]
    assert [each["path"] for each in both] == [name, "run/job_000000200_low_noise.safetensors"]


def test_numbers_that_are_none_are_null(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    tensors = factors(module="m")
    tensors["m.lora_A.weight"][0, 0] = float("nan")
    save_file(tensors, tmp_path / "bad.safetensors")
    (only,) = as_json(capsys, tmp_path / "bad.safetensors")["files"]
    assert (only["magnitude"], only["update_norm"], only["non_finite"], only["expert"]) == (None, None, 1, None)


def test_markdown_and_terminal_show_the_figures(capsys: pytest.CaptureFixture[str], run_dir: Path) -> None:
    magnitude = as_json(capsys, run_dir)["files"][0]["magnitude"]
    for form in ("markdown", "terminal"):
        assert main(["weights", str(run_dir), "--per-module", "--format", form]) == 0
        out = capsys.readouterr().out
        assert "job_000000100_high_noise.safetensors" in out
        assert f"{magnitude:.4g}" in out
        assert "blocks.0.ffn.0" in out
    assert "\x1b" not in out


def test_spikes_and_dead_modules_are_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tensors = factors(module="m.plain") | factors(module="m.spiked") | factors(module="m.idle")
    tensors["m.spiked.lora_B.weight"][:, 1:] = 0
    tensors["m.idle.lora_B.weight"].zero_()
    save_file(tensors, "job.safetensors")
    (only,) = as_json(capsys, "job.safetensors", "--per-module")["files"]
    assert (only["rank_one_modules"], only["dead_modules"]) == (["m.spiked"], ["m.idle"])
    gaps = {module["name"]: module["spectral_gap"] for module in only["modules"]}
    assert gaps == {"m.plain": only["spectral_gap"], "m.spiked": None, "m.idle": None}
    for form in ("markdown", "terminal"):
        assert main(["weights", "job.safetensors", "--per-module", "--format", form]) == 0
        rows = capsys.readouterr().out.splitlines()
        summary = next(row for row in rows if "job.safetensors" in row)
        assert "rank 1" in summary
        row = {name: next(each for each in rows if name in each.split()) for name in gaps}
        assert f"{gaps['m.plain']:.3g}" in row["m.plain"]
        assert "rank 1" in row["m.spiked"]
        assert "dead" in row["m.idle"].split()


def test_names_of_strangers_are_no_markup(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    save_file(factors(module="m"), tmp_path / "[red]a|b*c.safetensors")
    assert main(["weights", str(tmp_path / "[red]a|b*c.safetensors")]) == 0
    assert "[red]a|b*c" in capsys.readouterr().out
    assert main(["weights", str(tmp_path / "[red]a|b*c.safetensors"), "--format", "markdown"]) == 0
    assert "\\[red\\]a\\|b\\*c" in capsys.readouterr().out


def test_what_a_run_holds_besides_is_skipped_aloud(capsys: pytest.CaptureFixture[str], run_dir: Path) -> None:
    save_file({"m.lokr_w1": torch.ones(2, 2)}, run_dir / "lokr.safetensors")
    (run_dir / "torn.safetensors").write_bytes(b"torn")
    assert main(["weights", str(run_dir), "--format", "json"]) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert len(document["files"]) == 4
    assert [each["path"] for each in document["skipped"]] == ["torn.safetensors", "lokr.safetensors"]
    assert captured.err.count("skipped: ") == 2


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04rest of a zip"])
def test_a_named_file_that_is_none_is_the_users_fault(
    capsys: pytest.CaptureFixture[str], run_dir: Path, content: bytes
) -> None:
    path = run_dir / "bad.safetensors"
    path.write_bytes(content)
    assert main(["weights", str(run_dir / "job_000000100_low_noise.safetensors"), str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"diagnose: {path}: ")
    assert captured.err.count("\n") == 1


def test_a_named_file_that_is_no_plain_lora_is_the_users_fault(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    save_file({"m.lokr_w1": torch.ones(2, 2)}, tmp_path / "lokr.safetensors")
    assert main(["weights", str(tmp_path / "lokr.safetensors")]) == 2
    assert "LoKr" in capsys.readouterr().err


def test_a_folder_without_checkpoints(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "metrics_job.jsonl").write_text('{"step": 0, "loss": 1.0}\n')
    assert main(["weights", str(tmp_path)]) == 2
    assert "no checkpoint that can be measured" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["terminal", "markdown"])
def test_where_it_learned_and_which_way_only_where_asked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, form: str
) -> None:
    for step in (100, 200, 300):
        tensors = factors(module="blocks.0.ffn.0", seed=step) | factors(module="blocks.1.attn.k", seed=step + 1)
        save_file(tensors, tmp_path / f"job_{step:09d}_high_noise.safetensors")
    assert main(["weights", str(tmp_path), "--format", form]) == 0
    assert "Where it learned" not in capsys.readouterr().out
    assert main(["weights", str(tmp_path), "--format", form, "--where"]) == 0
    shown = capsys.readouterr().out
    assert "The high-noise expert learned most in " in shown
    assert "block 1" in shown
    assert "200 to 300" in shown.partition("Which way the weights went")[2]
    where = as_json(capsys, tmp_path, "--where")["where"]
    assert [each["expert"] for each in where["locations"]] == ["high"]
    assert where["directions"][0]["steps"] == [100, 200, 300]
    assert "where" not in as_json(capsys, tmp_path)
