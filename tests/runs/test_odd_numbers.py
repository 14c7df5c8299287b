"""Numbers that no count can be, where the trainer wants one: a report comes out all the same."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from labelled_runs import DATA

from diagnose import Report, postmortem

pytestmark = pytest.mark.usefixtures("one_reader")
PATHS = (
    "train.steps",
    "train.lr",
    "train.switch_boundary_every",
    "train.gradient_accumulation",
    "save.save_every",
    "save.max_step_saves_to_keep",
    "sample.sample_every",
    "network.linear",
    "train.optimizer_params.lr_bump",
    "train.optimizer_params.max_lr",
    "logging.log_every",
)
ODD = (float("inf"), float("nan"), 0, -1, 1e300, None)
RUN = DATA / "fork-dropped-keys"


@pytest.mark.parametrize("path", PATHS)
def test_no_number_stops_the_report(tmp_path: Path, path: str) -> None:
    run = tmp_path / "run"
    shutil.copytree(RUN, run)
    config = yaml.safe_load((run / "config.yaml").read_text(encoding="utf-8"))
    *sections, key = path.split(".")
    place: dict[str, Any] = config["config"]["process"][0]
    for section in sections:
        place = place.setdefault(section, {})
    for odd in ODD:
        place[key] = odd
        (run / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        assert isinstance(postmortem(run), Report)
