"""The document's figures, recomputed from the written files with json and the reference safetensors reader."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

import pytest
import yaml
from consoles import read_console
from safetensors import safe_open

from diagnose.core.errors import DiagnoseError
from diagnose.demo import checkpoints
from diagnose.demo.writer import new_folder, progress_bar, write_demo
from diagnose.sources.log_readings import SessionEnd

BAR = re.compile(r"\r(run-v1\d): +\d+%\|.{10}\| (\d+)/(\d+) \[.*?lr0: (\S+) lr1: (\S+) loss: (\S+) grad_norm: \S+\]")


def console(folder: Path) -> str:
    return (folder / "stdout.log").read_bytes().decode()


@pytest.mark.parametrize(("name", "last", "total"), [("v15", 3069, 10000), ("v17", 2199, 2200)])
def test_bars_repeat_the_logged_rows(name: str, last: int, total: int, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(f"{name}_dir")
    rows = [json.loads(line) for line in (folder / f"metrics_run-{name}.jsonl").read_text().splitlines()]
    bars = BAR.findall(console(folder))
    assert [int(bar[1]) for bar in bars] == [0, *range(last)]
    for row, (run, _, steps, high, low, loss) in zip(rows, bars, strict=True):
        assert (run, int(steps)) == (f"run-{name}", total)
        assert (high, low) == (f"{row['lr_0']:.1e}", f"{row['lr_1']:.1e}")
        assert loss == f"{row['loss']:.3e}"


def test_every_save_is_told(v15_dir: Path) -> None:
    text = console(v15_dir)
    assert re.findall(r"\nSaving at step (\d+)\n", text) == [str(step) for step in range(100, 3001, 100)]
    assert "\nSaved checkpoint to output/run-v15/run-v15_000002400.safetensors\n" in text


def test_v15_was_stopped_by_hand(v15_dir: Path) -> None:
    text = console(v15_dir)
    assert text.endswith("\nKeyboardInterrupt\n")
    assert text.count("Traceback (most recent call last):") == 1


def test_v17_ran_to_the_end(v17_dir: Path) -> None:
    text = console(v17_dir)
    assert "Traceback" not in text
    assert text.endswith("Saved optimizer to output/run-v17/optimizer.pt\n")
    assert "\nSaved checkpoint to output/run-v17/run-v17.safetensors\n" in text


def test_the_start_tells_the_fork_and_the_network(v15_dir: Path) -> None:
    text = console(v15_dir)
    assert text.startswith("Running 1 job\n")
    assert "\ncreate LoRA for U-Net: 6 modules.\n" in text
    assert "\nAlpha scheduler enabled with 3 phases\n" in text


def test_every_turn_is_told(v15_dir: Path) -> None:
    turns = re.findall(r"  → Switched expert: (\w+) → (\w+) \(step (\d+)\)\n", console(v15_dir))
    assert turns[:2] == [("high_noise", "low_noise", "100"), ("low_noise", "high_noise", "200")]
    assert len(turns) == 30


def test_it_stays_small(v15_dir: Path) -> None:
    assert (v15_dir / "stdout.log").stat().st_size < 500_000


@pytest.mark.parametrize(("name", "end"), [("v15", SessionEnd.INTERRUPTED), ("v17", SessionEnd.FINISHED)])
def test_our_own_reader_finds_every_step(name: str, end: SessionEnd, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(f"{name}_dir")
    reading = read_console(folder / "stdout.log", run_dir=folder)
    losses = [json.loads(line)["loss"] for line in (folder / f"metrics_run-{name}.jsonl").read_text().splitlines()]
    assert [row.step for row in reading.log.rows] == list(range(len(losses)))
    assert [row.loss for row in reading.log.rows] == [float(f"{loss:.3e}") for loss in losses]
    assert [session.end for session in reading.sessions] == [end]
    assert {sign.trainer for sign in reading.signs} == {"ai-toolkit-relaxis"}
    assert not reading.remarks


def test_a_bar_counts_and_keeps_the_time() -> None:
    bar = progress_bar("run", 400, 2200, 11.4, "loss: 1.0e-01")
    assert bar == "run:  18%|█▊        | 400/2200 [1:16:00<5:42:00, 11.40s/it, loss: 1.0e-01]"


def test_before_the_first_step_the_pace_is_unknown() -> None:
    assert progress_bar("run", 0, 10, 2.0, "x") == "run:   0%|          | 0/10 [00:00<?, ?it/s, x]"


@pytest.mark.parametrize(("done", "cells"), [(20, "▋         "), (299, "█████████▉"), (300, "██████████")])
def test_cells_are_filled_by_eighths(done: int, cells: str) -> None:
    assert f"|{cells}|" in progress_bar("run", done, 300, 1.0, "x")


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in next(folder.glob("metrics_*.jsonl")).read_text().splitlines()]


def magnitude(path: Path) -> float:
    total, count = 0.0, 0
    with safe_open(path, "pt") as file:
        for name in file.keys():  # noqa: SIM118 - not a dict, and it cannot be iterated
            tensor = file.get_tensor(name).double()
            total += float(tensor.abs().sum())
            count += tensor.numel()
    return total / count


def pair(folder: Path, stem: str) -> tuple[float, float]:
    high, low = (magnitude(folder / f"{stem}_{expert}_noise.safetensors") for expert in ("high", "low"))
    return high, low


@pytest.fixture(scope="module")
def v15_weights(v15_dir: Path) -> dict[int, tuple[float, float]]:
    return {step: pair(v15_dir, f"run-v15_{step:09d}") for step in range(100, 3001, 100)}


@pytest.fixture(scope="module")
def v17_weights(v17_dir: Path) -> dict[int, tuple[float, float]]:
    numbered = {step: pair(v17_dir, f"run-v17_{step:09d}") for step in range(100, 2101, 100)}
    return {**numbered, 2200: pair(v17_dir, "run-v17")}


def fingerprint(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_v15_log_shows_the_documents_figures(v15_dir: Path) -> None:
    log = rows(v15_dir)
    assert len(log) == 3070
    for step in (2399, 2400):
        assert (f"{log[step]['lr_0']:.2e}", f"{log[step]['lr_1']:.2e}") == ("1.48e-04", "1.10e-04")
        assert f"{log[step]['lr_0'] / log[step]['lr_1']:.2f}" == "1.35"
    figures = {"high_noise": ("0.0755", "0.0715"), "low_noise": ("0.0826", "0.0415")}
    for expert, printed in figures.items():
        own = [row for row in log if row["expert"] == expert]
        losses = [row["loss"] for row in own if row["step"] < 2400]
        assert (f"{fmean(losses):.4f}", f"{pstdev(losses):.4f}") == printed
        assert f"{fmean(row['gradient_stability'] for row in own):.3f}" == "0.486"
    assert f"{log[-1]['loss_r2']:.4f}" == "0.0058"
    assert log[-1]["loss_slope"] < 0


def test_v15_weights_show_the_documents_figures(v15_weights: dict[int, tuple[float, float]]) -> None:
    (high, low), (high_end, low_end) = v15_weights[2400], v15_weights[3000]
    assert (f"{high:.6f}", f"{low:.6f}", f"{high / low:.2f}") == ("0.005605", "0.004710", "1.19")
    assert (f"{high_end / high - 1:.3f}", f"{low_end / low - 1:.3f}") == ("0.054", "0.071")


def test_v15_weight_ratio_turns_about_step_2300(v15_weights: dict[int, tuple[float, float]]) -> None:
    ratios = {step: high / low for step, (high, low) in v15_weights.items() if step % 200 == 0}
    assert 2000 <= max(ratios, key=lambda step: ratios[step]) <= 2400
    assert 1.185 < max(ratios.values()) < 1.20
    late = [ratios[step] for step in range(2400, 3001, 200)]
    assert all(after < before for before, after in pairwise(late))


@pytest.mark.parametrize("name", ["v15_weights", "v17_weights"])
def test_while_one_expert_trains_the_other_stands_still_but_for_a_step_at_the_edge(
    name: str, request: pytest.FixtureRequest
) -> None:
    weights: dict[int, tuple[float, float]] = request.getfixturevalue(name)
    steps = sorted(weights)
    for before, after in pairwise(steps[:-1]):
        moved = [abs(b - a) for a, b in zip(weights[before], weights[after], strict=True)]
        high_trains = before // 100 % 2 == 0
        assert min(moved) < 0.15 * max(moved)
        assert (moved[0] > moved[1]) is high_trains, (before, after)


def test_v15_starts_just_above_the_untrained_reading(v15_weights: dict[int, tuple[float, float]]) -> None:
    untrained = (40960 / (2 * 5120**0.5) + 55296 / (2 * 13824**0.5)) / 157696
    assert all(untrained < reading < 1.2 * untrained for reading in v15_weights[100])


def test_v17_weights_are_strong_and_stay_so(v17_weights: dict[int, tuple[float, float]]) -> None:
    ratios = [high / low for step, (high, low) in v17_weights.items() if step % 200 == 0]
    assert all(ratio > 1.5 for ratio in ratios[1:])
    assert ratios[-1] == max(ratios)
    assert f"{ratios[-1]:.1f}" == "1.7"
    assert f"{v17_weights[2000][0]:.4f}" == "0.0086"
    assert (f"{v17_weights[2200][0]:.4f}", f"{v17_weights[2200][1]:.4f}") == ("0.0089", "0.0052")


def test_v17_rates_settle_at_a_ratio_of_four(v17_dir: Path) -> None:
    log = rows(v17_dir)
    assert len(log) == 2200
    assert f"{log[2000]['lr_0'] / log[2000]['lr_1']:.1f}" == f"{log[-1]['lr_0'] / log[-1]['lr_1']:.1f}" == "4.2"
    assert f"{fmean(row['gradient_stability'] for row in log):.2f}" == "0.49"


@pytest.mark.parametrize("name", ["v15", "v17"])
def test_the_config_is_one_a_person_wrote(name: str, request: pytest.FixtureRequest) -> None:
    text = (request.getfixturevalue(f"{name}_dir") / "config.yaml").read_text()
    process = yaml.safe_load(text)["config"]["process"][0]
    assert text.count("#") >= 4
    assert process["train"]["optimizer_params"]["low_noise_lr_bump"] == 5.0e-6
    assert process["model"]["arch"] == "wan22_14b_i2v"


def test_every_save_has_its_scheduler_state(v15_dir: Path, v17_dir: Path) -> None:
    states = [json.loads(path.read_text()) for path in sorted(v15_dir.glob("*_alpha_scheduler.json"))]
    assert [state["total_steps"] for state in states] == list(range(100, 3001, 100))
    assert [len(state["global_losses"]) for state in states[:3]] == [101, 200, 200]
    final = json.loads((v17_dir / "run-v17_alpha_scheduler.json").read_text())
    assert final["total_steps"] == 2199


def test_a_run_stays_small(v15_dir: Path, v17_dir: Path) -> None:
    for folder in (v15_dir, v17_dir):
        assert sum(path.stat().st_size for path in folder.iterdir()) < 30_000_000


def test_same_seed_same_bytes_and_another_seed_another_run(v17_dir: Path, tmp_path: Path) -> None:
    again = fingerprint(write_demo("run-v17", tmp_path / "again"))
    other = fingerprint(write_demo("run-v17", tmp_path / "other", seed=1))
    first = fingerprint(v17_dir)
    assert again == first
    assert list(other) == list(first)
    assert {name for name in first if other[name] == first[name]} == {"config.yaml"}


def test_a_target_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DiagnoseError, match="not an empty folder"):
        write_demo("run-v15", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_unknown_case_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(DiagnoseError, match="no such example run"):
        write_demo("run-v1", tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_fault_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def two_files_then_a_fault(*_: object) -> Iterator[tuple[str, bytes]]:
        yield "one", b"1"
        yield "two", b"2"
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoints, "checkpoint_files", two_files_then_a_fault)
    with pytest.raises(KeyboardInterrupt):
        write_demo("run-v17", tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_the_folder_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "a" / "run"
    with new_folder(target) as folder:
        (folder / "x").write_text("1")
        assert not target.exists()
    assert [path.name for path in target.iterdir()] == ["x"]
    assert [path.name for path in target.parent.iterdir()] == ["run"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    with new_folder(tmp_path / "run") as folder:
        (folder / "x").write_text("1")
    (tmp_path / "run" / "x").unlink()
    with new_folder(tmp_path / "run") as folder:
        (folder / "y").write_text("2")
    assert (tmp_path / "run" / "y").read_text() == "2"


def test_a_folder_with_something_in_it_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "keep").write_text("mine")
    with pytest.raises(DiagnoseError, match="not an empty folder"), new_folder(tmp_path):
        pytest.fail("must not be entered")
    assert [path.name for path in tmp_path.iterdir()] == ["keep"]


def test_a_file_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "run"
    target.write_text("mine")
    with pytest.raises(DiagnoseError, match="not an empty folder"), new_folder(target):
        pytest.fail("must not be entered")
    assert target.read_text() == "mine"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_nothing_is_left_after_an_exception(tmp_path: Path, error: type[BaseException]) -> None:
    def stop() -> None:
        with new_folder(tmp_path / "run") as folder:
            (folder / "x").write_text("1")
            raise error

    with pytest.raises(error):
        stop()
    assert list(tmp_path.iterdir()) == []


def test_what_the_system_refuses_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    line = r"cannot be written \([^\n]+\); name another folder$"
    with pytest.raises(DiagnoseError, match=line), new_folder(tmp_path / "file" / "run"):
        pytest.fail("must not be entered")
