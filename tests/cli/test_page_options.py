"""The page's own options: previews in it, and its copy in the run's folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from clips import animated_webp, moving

from diagnose.cli.main import main
from diagnose.cli.page_options import TAB

RUN = Path(__file__).parents[1] / "runs" / "data" / "fork-frozen"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "my_lora"
    shutil.copytree(RUN, folder)
    (folder / "samples").mkdir(exist_ok=True)
    animated_webp(folder / "samples" / "1795407226027__000000000_0.webp", moving(3))
    return folder


def test_previews_are_on_the_page_unless_they_are_not_wanted(run: Path, tmp_path: Path) -> None:
    for options, pictures in (([], 1), (["--previews"], 1), (["--no-previews"], 0)):
        page = tmp_path / "page.html"
        assert main(["postmortem", str(run), "-o", str(page), *options]) == 0
        assert page.read_text(encoding="utf-8").count("<img ") == pictures
    assert not (run / TAB).exists()


def test_the_tab_is_written_into_the_runs_folder_and_nothing_else_is(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path.name for path in run.rglob("*"))
    assert main(["postmortem", str(run), "--ui-tab"]) == 0
    assert "Plugin tab" in capsys.readouterr().err
    assert sorted(path.name for path in run.rglob("*")) == sorted([*before, TAB])
    assert (run / TAB).read_text(encoding="utf-8").startswith("<!doctype html>")
    assert main(["postmortem", str(run), "--ui-tab"]) == 0, "our own page is replaced"


def test_a_strangers_file_or_link_of_that_name_is_left_alone(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run / TAB).write_text("mine", encoding="utf-8")
    assert main(["postmortem", str(run), "--ui-tab"]) == 2
    assert "is there already" in capsys.readouterr().err
    (run / TAB).unlink()
    (run / TAB).symlink_to(tmp_path / "elsewhere.html")
    assert main(["postmortem", str(run), "--ui-tab", "--force"]) == 2
    assert "is a link" in capsys.readouterr().err
    assert not (tmp_path / "elsewhere.html").exists()


def test_a_tab_goes_with_one_run_in_a_folder(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["postmortem", str(run), str(run), "--ui-tab"]) == 2
    assert "one run" in capsys.readouterr().err
