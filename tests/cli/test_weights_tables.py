"""What the tables of measurements show."""

from __future__ import annotations

from pathlib import Path

import pytest
from lora_files import factors
from report_text import shown
from safetensors.torch import save_file

from diagnose.cli.progress import measure_with_progress
from diagnose.cli.weights_tables import LEGEND, PER_MODULE, SUMMARY, Measured, tables
from diagnose.sources.file_reader import Role, reader_for
from diagnose.trainers.rooms import run_readers


def test_a_table_of_files_and_one_of_each_files_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIAGNOSE_CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "j_000000100_high_noise.safetensors"
    save_file(factors(module="blocks.0.ffn.0"), path)
    checkpoint = reader_for(path, run_readers(), Role.CHECKPOINT).read(path, run_dir=tmp_path)
    (file,) = measure_with_progress([checkpoint])
    measured = [Measured(path.name, file, expert) for expert in file.experts]
    summary, modules = (shown(group) for group in tables(measured, per_module=True))
    assert [cell.strip() for cell in summary[0].splitlines()[0].split("|")[1:-1]] == list(SUMMARY)
    assert summary[1] == f"{LEGEND}."
    assert modules[0] == f"## {path.name} (high noise)"
    assert [cell.strip() for cell in modules[1].splitlines()[0].split("|")[1:-1]] == list(PER_MODULE)
    assert len(tables(measured, per_module=False)) == 1
    narrow = tables(measured, per_module=False, columns=80)
    assert len(narrow) == len(measured) + 1
    assert f"magnitude {SUMMARY['magnitude'](measured[0])}" in shown(narrow[0])[1]
    assert len(tables(measured, per_module=False, columns=200)) == 1
