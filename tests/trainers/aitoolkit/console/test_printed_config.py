"""The config that the console shows, read as if it were a file, with its places in the console."""

from __future__ import annotations

import json
from pathlib import Path

from consoles import read_console
from labelled_runs import DATA

from diagnose import console, next_config, postmortem
from diagnose.trainers.aitoolkit.console.printed_config import config_of

RUN = DATA / "fork-snr"
ENTRY = {
    "type": "sd_trainer",
    "train": {"steps": 100, "lr": 1e-5, "optimizer": "adamw"},
    "datasets": [{"folder_path": "/clips", "num_frames": 41}],
    "network": {"linear": 16},
}


def text(entry: object, before: str = "", within: str = "") -> str:
    first, *rest = json.dumps(entry, indent=4).split("\n")
    return "\n".join([f"Running 1 job{before}", "# Running job: wave", first, *([within] if within else []), *rest, ""])


def write(folder: Path, shown: str) -> Path:
    file = folder / "run.log"
    file.write_text(shown)
    return file


def test_each_key_has_its_line_in_the_console(tmp_path: Path) -> None:
    write(tmp_path, text(ENTRY))
    found = config_of(read_console(tmp_path / "run.log", run_dir=tmp_path))
    assert found is not None
    assert (found.file, found.job) == ("run.log", "wave")
    lines = (tmp_path / "run.log").read_text().split("\n")
    for path, word in (
        ("train.steps", '"steps": 100'),
        ("datasets[0].num_frames", '"num_frames": 41'),
        ("network.linear", '"linear": 16'),
    ):
        assert word in lines[found.lines[f"config.process[0].{path}"] - 1]


def test_the_last_start_counts(tmp_path: Path) -> None:
    later = ENTRY | {"train": {"steps": 200}}
    write(tmp_path, text(ENTRY) + "Saved checkpoint to /x/wave.safetensors\n" + text(later))
    found = config_of(read_console(tmp_path / "run.log", run_dir=tmp_path))
    assert found is not None
    assert found.data["config"]["process"][0]["train"]["steps"] == 200


def test_a_config_with_a_line_of_something_else_in_it_is_not_trusted(tmp_path: Path) -> None:
    for shown in (
        text(ENTRY, within="a warning of another thread"),
        text({"a": 1}),
        text(ENTRY).rsplit("}", 1)[0],
        "Running 1 job\n# Running job: wave\n",
    ):
        write(tmp_path, shown)
        assert config_of(read_console(tmp_path / "run.log", run_dir=tmp_path)) is None


def test_the_rules_of_a_config_apply_to_it(tmp_path: Path) -> None:
    alone = console(RUN / "stdout.log")
    assert "snr-weighting-incompatible" in {each.name for each in alone.findings}
    assert "Only the console and the config it prints were read" in alone.verdict.headline
    (tmp_path / "stdout.log").write_bytes((RUN / "stdout.log").read_bytes())
    beside = postmortem(tmp_path)
    assert "snr-weighting-incompatible" in {each.name for each in beside.findings}
    assert any("there is no file of it" in remark.text for remark in beside.unread)


def test_the_next_config_is_a_whole_file() -> None:
    shown = (RUN / "stdout.log").read_text(errors="replace")
    for source in (RUN / "stdout.log", shown):
        plan = next_config(source).next
        assert plan.config is not None
        assert plan.config.startswith("job: extension\nconfig:\n")
