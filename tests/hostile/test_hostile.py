"""Hostile and unlucky inputs, each by a whole command: what made an earlier version crash, hang, or write where it must not."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from fuzz import checkpoint, optimizer
from fuzz.changing import during
from fuzz.program import DATABASE, PACKAGE, RUN

from diagnose.cli.main import main
from diagnose.core.cache import Cache
from diagnose.core.errors import DiagnoseError
from diagnose.weights.measure import measure_weights
from diagnose.weights.optimizer_state import read_optimizer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes, links and devices of POSIX")
FOUND = {0, 1}
"""Exit statuses of a judgement."""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RUN, tmp_path / "run"))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copy(RUN / "config.yaml", tmp_path / "config.yaml"))


@pytest.fixture(autouse=True)
def _clean(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """What was printed holds nothing that steers a terminal, and no traceback."""
    yield
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err
    assert "\x07" not in out + err
    assert "Traceback" not in err


def spawn(*arguments: str | Path, **how: Any) -> subprocess.CompletedProcess[bytes]:
    environ = {**os.environ, "PYTHONPATH": str(PACKAGE), **how.pop("environ", {})}
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
    return subprocess.run([sys.executable, "-m", "diagnose", *arguments], check=False, env=environ, timeout=120, **how)


def edited(config: Path, **parts: Any) -> Path:
    """Put values into the sections of a config."""
    tree = yaml.safe_load(config.read_text(encoding="utf-8"))
    for section, values in parts.items():
        tree["config"]["process"][0].setdefault(section, {}).update(values)
    config.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")
    return config


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_standard_output_in_another_encoding(run: Path, encoding: str) -> None:
    done = spawn("postmortem", run, environ={"PYTHONIOENCODING": encoding})
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    assert done.stdout.decode(encoding).startswith("# ")


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root makes device nodes")
def test_a_device_a_link_and_a_pipe_stay_what_they_are(config: Path, tmp_path: Path) -> None:
    os.mknod(tmp_path / "null", 0o020666, os.makedev(1, 3))
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "stdout").symlink_to("/proc/self/fd/1")
    status = [spawn("preflight", config, "-o", tmp_path / name).returncode for name in ("null", "stdout", "pipe")]
    assert status[2] == 2
    assert (tmp_path / "null").is_char_device()
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "stdout").is_symlink()


def test_an_input_is_never_written_to(run: Path, config: Path) -> None:
    before = {path: path.read_bytes() for path in (config, *run.iterdir())}
    log = run / "metrics_r_switch1.jsonl"
    assert main(["preflight", str(config), "-o", str(config)]) == 2
    assert main(["postmortem", str(run), "--config", str(config), "-o", str(config), "--force"]) == 2
    assert main(["postmortem", str(run), "--log", str(log), "-o", str(log)]) == 2
    assert main(["next", str(run / "config.yaml"), "-o", str(run / "config.yaml")]) == 2
    assert main(["preflight", str(run / "config.yaml"), "-o", str(run / "new.md")]) == 2
    assert {path: path.read_bytes() for path in (config, *run.iterdir())} == before


def test_streams_that_are_closed_or_full(run: Path, tmp_path: Path) -> None:
    def closed(number: int) -> Any:
        return lambda: os.close(number)

    done = spawn("postmortem", run, preexec_fn=closed(1))
    assert done.returncode == 2
    assert b"takes no more" in done.stderr
    assert spawn("postmortem", run, preexec_fn=closed(2)).returncode == 0
    assert spawn("postmortem", run, "-o", tmp_path / "r.md", preexec_fn=closed(1)).returncode == 0
    with Path("/dev/full").open("wb") as full:
        done = spawn("postmortem", run, stdout=full)
    assert done.returncode == 2
    assert b"No space left on device" in done.stderr


def test_rights_links_and_the_umask_are_kept(config: Path, tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text("s")
    (tmp_path / "old.md").chmod(0o600)
    (tmp_path / "target.md").write_text("t")
    (tmp_path / "link.md").symlink_to("target.md")
    before = os.umask(0o077)
    try:
        for name in ("new.md", "old.md", "link.md"):
            main(["preflight", str(config), "-o", str(tmp_path / name), "--force"])
    finally:
        os.umask(before)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("new.md", "old.md")]
    assert modes == [0o600, 0o600]
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "target.md").read_text() != "t"


def test_a_name_that_is_no_utf8_as_sarif(config: Path, tmp_path: Path) -> None:
    odd = config.rename(tmp_path / "c\udcff.yaml")
    assert main(["preflight", str(odd), "--format", "sarif", "-o", str(tmp_path / "o.sarif")]) in FOUND
    json.loads((tmp_path / "o.sarif").read_text(encoding="utf-8"))


def test_a_link_beside_a_database_to_what_has_no_end(tmp_path: Path) -> None:
    shutil.copytree(DATABASE, tmp_path / "run")
    (tmp_path / "run" / "loss_log.db-wal").unlink()
    (tmp_path / "run" / "loss_log.db-wal").symlink_to("/dev/zero")
    assert main(["postmortem", str(tmp_path / "run"), "-o", str(tmp_path / "r.json")]) == 0
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["run"]["steps_trained"]


def test_a_pipe_in_the_place_of_a_size_file(config: Path, tmp_path: Path) -> None:
    (tmp_path / "ds").mkdir()
    os.mkfifo(tmp_path / "ds" / ".aitk_size.json")
    (tmp_path / "ds" / "a.mp4").touch()
    assert main(["preflight", str(config), "--dataset", str(tmp_path / "ds")]) in FOUND


def test_a_join_of_a_billion_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run").mkdir()
    with closing(sqlite3.connect(tmp_path / "run" / "loss_log.db")) as database, database:
        database.execute("CREATE TABLE steps(step, wall_time)")
        database.execute("CREATE TABLE metrics(step, key, value_real)")
        database.executemany("INSERT INTO steps VALUES (?, 1.0)", [(7,)] * 30_000)
        database.executemany("INSERT INTO metrics VALUES (?, 'loss/loss', 0.1)", [(7,)] * 30_000)
    assert main(["postmortem", str(tmp_path / "run")]) == 2
    assert "takes too long" in capsys.readouterr().err


@pytest.mark.parametrize(
    "parts",
    [
        {"sample": {"width": [832, 480], "samples": [{"prompt": {"a": 1}, "seed": [1]}]}},
        {"train": {"[trigger]": "x", "a.b": 1, "": 2, "a]b": 3}},
        {"network": {"linear_alpha": [16, float("inf")]}, "train": {"betas": [0.9, float("nan")]}},
        {"train": {"steps": {"a": [1]}, "lr": [[]], "optimizer": {}, "noise_scheduler": []}},
        {"model": {"arch": ["wan22_14b_i2v"], "name_or_path": {"x": None}}, "datasets": {"folder_path": 1}},
    ],
)
def test_keys_and_values_that_nobody_expects(config: Path, parts: dict[str, Any]) -> None:
    datasets = parts.pop("datasets", None)
    edited(config, **parts)
    if datasets is not None:
        text = config.read_text(encoding="utf-8").replace(
            "datasets:", "datasets: [3, null, {folder_path: 1}]\n    old:"
        )
        config.write_text(text, encoding="utf-8")
    for command in ("preflight", "next"):
        assert main([command, str(config)]) in FOUND | {2}


def test_words_of_sqlite_that_quote_a_stranger(tmp_path: Path) -> None:
    path = tmp_path / "loss_log.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE steps(step)")
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_master SET sql = 'CREATE TABLE \x1b[31mFAKE(', name = '\x1b]0;owned\x07'")
        database.commit()
    assert main(["postmortem", str(RUN), "--log", str(path)]) == 2


def test_names_of_files_that_steer_a_terminal(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    for expert in ("high", "low"):
        (run / f"\x1b[31mRED\x1b]0;owned\x07_000000200_{expert}_noise.safetensors").write_bytes(checkpoint.sound()[0])
    (run / "\x1b]0;owned\x07.safetensors").write_bytes(b"x" * 16)
    assert main(["weights", str(run), "--per-module"]) in FOUND
    assert main(["postmortem", str(run)]) in FOUND


def test_a_rule_folder_with_a_name_that_is_no_utf8(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "\udcff.yaml").write_text("a: 1\n")
    assert main(["preflight", str(config), "--rules", str(tmp_path / "r")]) == 2
    assert "the key when is missing" in capsys.readouterr().err


def test_the_same_figures_wherever_the_numbers_lie_in_memory(tmp_path: Path) -> None:
    """Sums of BLAS depend on the alignment of what it adds up, which differs from one process to the next."""
    from lora_files import factors  # noqa: PLC0415 - loads torch
    from safetensors.torch import save  # noqa: PLC0415 - as above

    from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint  # noqa: PLC0415 - as above

    path = tmp_path / "a_000000020_high_noise.safetensors"
    path.write_bytes(save(factors(16, 257, 129)))
    found, kept = set(), []
    for size in range(20):
        kept.append(bytearray(size * 8 + 1))  # moves what is allocated next
        found.add(str(measure_weights([read_checkpoint(path, run_dir=tmp_path)], cache=Cache(None))))
    assert len({text.split("seconds=")[0] for text in found}) == 1


def test_an_optimizer_state_that_is_rewritten_while_it_is_read(tmp_path: Path) -> None:
    """Were it mapped, the process would die of SIGBUS."""
    path, content = tmp_path / "optimizer.pt", optimizer.saved(optimizer.sound()[0])
    path.write_bytes(content)

    def save(stop: threading.Event) -> None:
        while not stop.is_set():
            with path.open("wb") as stream:
                time.sleep(0.001)
                stream.write(content)

    came: set[int] = set()
    with during(save):
        for _ in range(200):
            with suppress(DiagnoseError):
                came.add(len(read_optimizer(path, live=True).groups))
    assert came <= {2}


@pytest.mark.parametrize("columns", ["1", "0", "-1", "x", "999999999"])
def test_any_width_is_bounded(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert main(["postmortem", str(RUN), "--format", "terminal"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) < 300
