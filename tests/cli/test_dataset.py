"""Whole pre-flights of a config with its data set: a good one is left in peace, a bad one is told exactly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from clips import moving, still, write_clip, write_set

from diagnose.cli.main import main

DATASET_RULES = ("DST", "TRP013", "TRP012")


def config(folder: Path, data: Path | str, **keys: Any) -> Path:
    entry = {"folder_path": str(data), "num_frames": 17, "resolution": [128], "fps": 16, **keys}
    process = {
        "type": "diffusion_trainer",
        "training_folder": "/workspace/output",
        "datasets": [entry],
        "model": {"arch": "wan22_14b_i2v", "name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16"},
    }
    folder.mkdir(exist_ok=True)
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "job", "process": [process]}}))
    return path


def preflight(capsys: pytest.CaptureFixture[str], *argv: str | Path) -> dict[str, Any]:
    assert main(["preflight", *map(str, argv), "--format", "json", "--fail-on", "never"]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def about_the_data(report: dict[str, Any]) -> dict[str, str]:
    return {
        finding["name"]: finding["message"]
        for finding in report["findings"]
        if finding["rule"].startswith(DATASET_RULES)
    }


def states(report: dict[str, Any]) -> dict[str, str]:
    return {item["claim"]: item["status"] for item in report["checklist"] if item["section"] == "data set"}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_set(tmp_path_factory.mktemp("good") / "clips", 12)


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_set(tmp_path_factory.mktemp("bad") / "clips", 6)
    write_clip(folder / "frozen.mp4", still())
    (folder / "frozen.txt").write_text("a red car\n")
    write_clip(folder / "long.mp4", moving(49))
    (folder / "long.txt").write_bytes("eine Straße".encode("latin-1"))
    (folder / "cut.mp4").write_bytes((folder / "long.mp4").read_bytes()[:2000])
    (folder / "cut.txt").write_text("she spins")
    (folder / "words.mp4").write_text("no video")
    (folder / "cover.png").write_bytes(b"\x89PNG")
    (folder / "._clip00.mp4").write_bytes(b"\0\5\26\7")
    return folder


def test_a_good_data_set_is_left_in_peace(tmp_path: Path, good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = preflight(capsys, config(tmp_path, "/workspace/clips"), "--dataset", good, "--trainer", "ai-toolkit")
    assert about_the_data(report) == {}
    assert states(report) == {"CHK-01": "open", "CHK-02": "open", "CHK-03": "pass", "CHK-04": "pass"}
    assert report["run"]["datasets"] == [
        {"subject": "datasets[0]", "folder": good.as_posix(), "how": "given with --dataset", "files": 12}
    ]
    assert not [gap["name"] for gap in report["not_evaluated"] if "--dataset" in " ".join(gap["needs"])]


def test_a_bad_one_is_told_exactly(tmp_path: Path, bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = preflight(capsys, config(tmp_path, "/workspace/clips"), "--dataset", bad, "--trainer", "ai-toolkit")
    found = about_the_data(report)
    assert found.pop("dataset-video-unreadable").startswith(
        "Broken in datasets[0], cannot be decoded to the end (3 in all): cover.png"
    )
    assert found == {
        "dataset-clip-static": "No motion in clips of datasets[0]: no part of the image changes by 5 levels of 255 (1 in all): frozen.mp4.",
        "caption-missing": "No caption, or an empty one, in datasets[0] (2 in all): cover.txt, words.txt.",
        "caption-unreadable": "Not UTF-8 text in datasets[0] (1 in all): long.txt.",
        "stills-among-clips": "datasets[0] has images beside its clips (1 in all), and upstream trains on them; move them to another folder.",
        "frame-rate-mismatch": "Training changes the speed of the clips of datasets[0]: they are trained at 1.00 (clip00.mp4) to 3.00 (long.mp4) times their own speed.",
    }
    assert set(states(report).values()) == {"fail"}
    (refused,) = (finding for finding in report["findings"] if finding["name"] == "caption-unreadable")
    assert refused["severity"] == "blocker"
    assert refused["evidence"][0]["source"] == {"file": "long.txt", "line": 1}
    assert any(remark["source"]["file"] == "._clip00.mp4" for remark in report["unread"])


def test_a_blocker_in_the_data_stops_the_launch(tmp_path: Path, bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preflight", str(config(tmp_path, "/workspace/clips")), "--dataset", str(bad)]) == 1
    shown = capsys.readouterr().out
    assert "caption-unreadable" in shown
    assert f"Data set: all files in `{bad}`" in shown, "the trainer is unknown, and with it what it takes"


def test_the_folder_the_config_names_is_read_where_it_is_here(
    tmp_path: Path, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = preflight(capsys, config(tmp_path, good))
    assert report["run"]["datasets"][0]["how"] == "where the config says"
    assert states(report)["CHK-04"] == "pass"


def test_without_the_data_the_items_stay_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = preflight(capsys, config(tmp_path, "/nowhere/clips"))
    assert report["run"]["datasets"] == []
    assert set(states(report).values()) == {"open"}
    (corrupted,) = (item for item in report["checklist"] if item["claim"] == "CHK-04")
    assert "provide the data set's folder (--dataset)" in corrupted["because"]


def test_the_users_words_decide_over_the_captions(
    tmp_path: Path, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = config(tmp_path, good)
    assert "caption-lacks-motion" not in about_the_data(preflight(capsys, path))
    words = ["--motion-word", "moonwalk", "--motion-word", "Spin"]
    message = about_the_data(preflight(capsys, path, *words))["caption-lacks-motion"]
    assert message.startswith("No word for the motion in datasets[0] (9 in all; looked for: moonwalk, Spin): clip01")


def test_a_size_file_of_upstream_blocks_the_fork_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_set(tmp_path / "clips", 2)
    (data / ".aitk_size.json").write_text(json.dumps({"/clip00.mp4": [160, 96, "x", 17, 16.0]}))
    path = config(tmp_path / "config", data)
    assert "size-file-from-upstream" in about_the_data(preflight(capsys, path, "--trainer", "ai-toolkit-relaxis"))
    assert "size-file-from-upstream" not in about_the_data(preflight(capsys, path, "--trainer", "ai-toolkit"))


def test_a_clip_read_at_another_rate_gets_a_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_set(tmp_path / "clips", 2, frames=60, rate=30)
    path = config(tmp_path / "config", data, shrink_video_to_frames=False, fps=24)
    report = preflight(capsys, path)
    assert about_the_data(report)["frame-rate-mismatch"].endswith("are trained at 0.53 times their own speed.")
    assert ("datasets[0].fps", 24, 16) in [(c["path"], c["from"], c["to"]) for c in report["next"]["changes"]]
    sixteen = config(tmp_path / "config", data, shrink_video_to_frames=False)
    assert "frame-rate-mismatch" not in about_the_data(preflight(capsys, sixteen)), "30 read as 16 is 7 % off"


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--dataset", "/nowhere"), "/nowhere: no such folder; give the folder of the clips and captions (--dataset)"),
        (("--motion-word", " "), "--motion-word ' ': give a word or a few"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    tmp_path: Path, option: tuple[str, str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["preflight", str(config(tmp_path, "x")), *option]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("extra", [[], ["--motion-word", "spin"]])
def test_nothing_heavy_is_imported_without_a_data_set(tmp_path: Path, extra: list[str]) -> None:
    code = (
        "import sys\nfrom diagnose.cli.main import main\n"
        f"main({['preflight', str(config(tmp_path, '/nowhere')), '-o', str(tmp_path / 'out'), *extra]!r})\n"
        "sys.exit(bool({'av', 'numpy', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0


def test_a_post_mortem_looks_at_the_data_only_when_told(
    tmp_path: Path, bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config(tmp_path / "run", bad)
    for extra, looked in (([], False), (["--dataset", str(bad)], True)):
        assert main(["postmortem", str(tmp_path / "run"), "--format", "json", *extra]) == 0
        report = json.loads(capsys.readouterr().out)
        assert bool(report["run"]["datasets"]) is looked
        assert ("caption-unreadable" in about_the_data(report)) is looked
