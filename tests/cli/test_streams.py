"""Streams that are closed, full or in another encoding cost no traceback, and no report that could still be written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from diagnose.cli.streams import columns_of_terminal

ROOT = Path(__file__).parents[2]
CONFIG = str(ROOT / "tests" / "runs" / "data" / "fork-frozen" / "config.yaml")
FULL = Path("/dev/full")
COMMAND = f'"{sys.executable}" -m diagnose'
POSIX = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")


def shell(line: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | variables
    return subprocess.run(["sh", "-c", line], cwd=folder, env=environment, capture_output=True, check=False)


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii", "utf-16", "cp932"])
def test_a_report_fits_any_encoding(encoding: str, tmp_path: Path) -> None:
    done = shell(f"{COMMAND} preflight {CONFIG} --format markdown", tmp_path, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert done.stdout.decode(encoding).startswith("# ")


def test_a_config_is_utf8_in_any_encoding(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(
        Path(CONFIG).read_text(encoding="utf-8").replace("job:", "# Gr\u00f6\u00dfe \u2192\njob:"), "utf-8"
    )
    done = shell(f"{COMMAND} next c.yaml", tmp_path, PYTHONIOENCODING="ascii")
    assert "Gr\u00f6\u00dfe \u2192" in done.stdout.decode("utf-8")


@POSIX
def test_a_closed_output_is_told_and_does_not_matter_to_a_file(tmp_path: Path) -> None:
    done = shell(f"{COMMAND} preflight {CONFIG} >&-", tmp_path)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert b"standard output takes no more" in done.stderr
    done = shell(f"{COMMAND} preflight {CONFIG} -o r.md >&-", tmp_path)
    assert (done.returncode, done.stderr) == (0, b"wrote r.md\n")
    assert (tmp_path / "r.md").read_text().startswith("# ")


@POSIX
def test_all_streams_closed(tmp_path: Path) -> None:
    done = shell(f"{COMMAND} preflight {CONFIG} -o r.md >&- 2>&- <&-", tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "r.md").read_text().startswith("# ")


@POSIX
def test_a_closed_error_stream_leaves_the_report_whole(tmp_path: Path) -> None:
    whole = shell(f"{COMMAND} preflight {CONFIG}", tmp_path).stdout
    done = shell(f"{COMMAND} preflight {CONFIG} 2>&-", tmp_path)
    assert (done.returncode, done.stdout) == (0, whole)


@POSIX
@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    for command in (f"preflight {CONFIG}", f"preflight {CONFIG} --format json", "rules list"):
        done = shell(f"{COMMAND} {command} >{FULL}", tmp_path)
        assert (done.returncode, done.stderr.count(b"\n")) == (2, 1), done.stderr
        assert b"No space left" in done.stderr
    assert shell(f"{COMMAND} preflight no.yaml 2>{FULL}", tmp_path).returncode == 2


@POSIX
def test_a_reader_that_leaves_early_is_no_fault(tmp_path: Path) -> None:
    done = shell(f"{COMMAND} rules list | head -1", tmp_path)
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1


@pytest.mark.parametrize("columns", [None, "132", "0", "-3", "wide", ""])
@pytest.mark.parametrize("terminal", [None, 0, 91])
def test_columns_come_before_the_terminal_and_both_before_the_default(
    monkeypatch: pytest.MonkeyPatch, columns: str | None, terminal: int | None
) -> None:
    def size(_: int) -> os.terminal_size:
        if terminal is None:
            raise OSError("no terminal")
        return os.terminal_size((terminal, 24))

    monkeypatch.setattr(os, "get_terminal_size", size)
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    assert columns_of_terminal(77) == (132 if columns == "132" else terminal or 77)
