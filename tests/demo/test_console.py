from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from consoles import read_console

from diagnose.demo.console import progress_bar
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
