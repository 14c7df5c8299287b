"""Where a result goes and in which format, and when the status is 1."""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path

import pytest

from diagnose.cli.main import main
from diagnose.cli.output import chosen_format, deliver, width
from diagnose.core.errors import DiagnoseError
from diagnose.report.formats import ENDINGS, formats

CONFIG = str(Path(__file__).parents[1] / "runs" / "data" / "fork-frozen" / "config.yaml")


def options(output: str | None = None, form: str | None = None, *, show: bool = False) -> argparse.Namespace:
    return argparse.Namespace(format=form, output=Path(output) if output else None, open=show)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_the_terminal_view_and_a_pipe_markdown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert chosen_format(options()) == "markdown"
    monkeypatch.setattr(sys, "stdout", Screen())
    assert chosen_format(options()) == "terminal"
    assert chosen_format(options(form="json")) == "json"
    assert chosen_format(options("report")) == "markdown"


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_ending_names_the_format(ending: str) -> None:
    assert chosen_format(options(f"x{ending.upper()}")) == ENDINGS[ending]
    assert ENDINGS[ending] in formats()


@pytest.mark.parametrize(
    ("output", "form", "show"),
    [("x.html", "markdown", False), ("x.pdf", None, False), (None, "json", True), ("x.md", None, True)],
)
def test_a_contradiction_is_refused(output: str | None, form: str | None, show: bool) -> None:
    with pytest.raises(DiagnoseError):
        chosen_format(options(output, form, show=show))


def test_an_unknown_ending_is_taken_where_the_format_is_said() -> None:
    assert chosen_format(options("x.report", "html")) == "html"


@pytest.mark.parametrize(("form", "encoded"), [("json", "\u2192".encode()), ("markdown", b"?")])
def test_formats_for_programs_are_utf8_in_any_encoding(
    form: str, encoded: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252", errors="replace"))
    deliver("\u2192\n", form, None)
    sys.stdout.flush()
    assert raw.getvalue().strip() == encoded


def test_no_more_columns_are_filled_than_anybody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "999999999")
    assert width() == 1000


def test_a_second_report_replaces_ours_and_no_other_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for ending in (".md", ".html", ".json", ".txt", ".sarif"):
        target = tmp_path / f"report{ending}"
        for _ in range(2):
            assert main(["preflight", CONFIG, "-o", str(target)]) == 0
        target.write_text("mine\n")
        assert main(["preflight", CONFIG, "-o", str(target)]) == 2
        assert "--force" in capsys.readouterr().err
        assert target.read_text() == "mine\n"
        assert main(["preflight", CONFIG, "-o", str(target), "--force"]) == 0


def test_open_hands_the_page_to_the_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    opened: list[str] = []

    def open_(address: str) -> bool:
        opened.append(address)
        return len(opened) == 1

    monkeypatch.setattr("webbrowser.open", open_)
    assert main(["preflight", CONFIG, "--open"]) == 0
    (page,) = tmp_path.rglob("*.html")
    assert opened == [page.resolve().as_uri()]
    assert page.read_text().startswith("<!doctype html>")
    assert main(["preflight", CONFIG, "--open", "-o", str(tmp_path / "x.html")]) == 0
    assert "open" in capsys.readouterr().err


def test_quiet_and_verbose(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = str(tmp_path / "r.json")
    assert main(["preflight", CONFIG, "-o", target, "-q"]) == 0
    assert capsys.readouterr().err == ""
    assert main(["-v", "preflight", CONFIG, "-o", target]) == 0
    said = capsys.readouterr().err
    assert "read: " in said
    assert "judged in" in said
    assert json.loads(Path(target).read_text())["schema"] == "diagnose/report/1"
    assert main(["preflight", CONFIG, "-o", target]) == 0
    assert capsys.readouterr().err == f"wrote {target}\n"
