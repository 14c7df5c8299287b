from __future__ import annotations

from pathlib import Path

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.demo.staging import new_folder


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
