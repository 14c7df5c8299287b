"""One door for every format, and a view is one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnose.cli.main import main
from diagnose.core.errors import DiagnoseError
from diagnose.report import views
from diagnose.report.formats import formats, render
from diagnose.report.views import html, json, markdown, sarif, terminal
from diagnose.verdict.report import Report

OUTLINE = '''"""An invented view: the headings alone."""
from diagnose.report.blocks import Heading
from diagnose.report.page import page
from diagnose.report.spans import text_of

def render(report, *, width, color, full):
    return "\\n".join(text_of(block.words) for block in page(report) if isinstance(block, Heading))
'''
CONFIG = Path(__file__).parents[1] / "runs" / "data" / "fork-frozen" / "config.yaml"


def test_every_format_is_its_view(failing: Report) -> None:
    assert formats() == ("html", "json", "markdown", "sarif", "terminal")
    for name, view in zip(formats(), (html, json, markdown, sarif, terminal), strict=True):
        assert render(failing, name, width=60, color=True) == view.render(failing, width=60, color=True, full=False)


def test_a_file_in_the_folder_of_views_is_a_format_everywhere(
    failing: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "outline.py").write_text(OUTLINE, encoding="utf-8")
    monkeypatch.setattr(views, "__path__", [*views.__path__, str(tmp_path)])
    assert render(failing, "outline").splitlines()[:2] == ["run-v15", "What to do now"]
    assert main(["preflight", str(CONFIG), "--format", "outline", "--fail-on", "never"]) == 0
    assert "What matters first" in capsys.readouterr().out


def test_an_unknown_format_is_refused_by_name(failing: Report) -> None:
    with pytest.raises(DiagnoseError, match=r"format 'pdf': give one of html, json, markdown, sarif, terminal"):
        render(failing, "pdf")
