"""A file is written whole or not at all; inputs and strangers' files stay as they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from diagnose.cli.output_file import check_output, write_marked
from diagnose.core.errors import DiagnoseError

FORMS = ("yaml", "markdown", "html", "terminal")


def test_an_input_is_never_written_to_by_any_name(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("a: 1\n")
    (tmp_path / "link.yaml").symlink_to(config)
    os.link(config, tmp_path / "hard.yaml")
    for name in ("c.yaml", "link.yaml", "hard.yaml", "./c.yaml"):
        with pytest.raises(DiagnoseError, match="never written to"):
            check_output(tmp_path / name, inputs=[config], force=True)


def test_nothing_is_written_into_a_folder_that_is_read(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "way").symlink_to(tmp_path / "run")
    for name in ("run/report.md", "way/report.md", "run/sub/../report.md"):
        with pytest.raises(DiagnoseError, match="never written to"):
            check_output(tmp_path / name, inputs=[tmp_path / "run"], force=True)
    check_output(tmp_path / "report.md", inputs=[tmp_path / "run", None], force=False)


@pytest.mark.parametrize("form", FORMS)
def test_what_we_wrote_may_be_replaced_until_somebody_changes_it(form: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    write_marked(path, "one\n", form)
    check_output(path, inputs=[], force=False)
    path.write_text(f"mine\n{path.read_text()}")
    with pytest.raises(DiagnoseError, match="--force"):
        check_output(path, inputs=[], force=False)
    check_output(path, inputs=[], force=True)


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ('{\n  "schema": "diagnose/report/1"', True),
        ('{"runs": [{"tool": {"driver": {"name": "diagnose"', False),
        ("notes\n", False),
        ("", True),
        ("# written by diagnose; it may be replaced while its sha256 starts with 0123456789abcdef\n", False),
    ],
)
def test_a_file_is_known_by_what_it_holds(text: str, ours: bool, tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_text(text)
    if ours:
        check_output(path, inputs=[], force=False)
        return
    with pytest.raises(DiagnoseError, match="there already"):
        check_output(path, inputs=[], force=False)


def test_a_folder_is_told_how_to_name_a_file(tmp_path: Path) -> None:
    with pytest.raises(DiagnoseError, match="name a file in it"):
        check_output(tmp_path, inputs=[], force=True)
