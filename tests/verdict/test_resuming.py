"""From where an unfinished run goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

from diagnose import Settings, postmortem
from diagnose.core.model import Intent

MOTION = Settings(intent=Intent.MOTION)


def test_an_unfinished_run_goes_on_from_its_last_whole_save(v17_dir: Path, tmp_path: Path) -> None:
    for pattern in ("config.yaml", "*_000000700_*", "*_000000800_*", "*_000000900_high*"):
        for file in v17_dir.glob(pattern):
            shutil.copy(file, tmp_path)
    assert postmortem(tmp_path, MOTION).run.resumes_from == 800
    assert postmortem(v17_dir, MOTION).run.resumes_from is None
