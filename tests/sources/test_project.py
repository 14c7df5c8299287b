from __future__ import annotations

from pathlib import Path

from diagnose.sources.project import NAME, project_path


def test_the_first_folder_that_has_one_wins(tmp_path: Path) -> None:
    for name, intent in (("run", "style"), ("config", "motion")):
        (tmp_path / name).mkdir()
        (tmp_path / name / NAME).write_text(f"intent: {intent}")
    found = project_path([tmp_path / "none", tmp_path / "run", tmp_path / "config"])
    assert found == tmp_path / "run" / NAME
    assert project_path([tmp_path / "none"]) is None
