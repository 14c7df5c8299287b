"""A pre-flight gates a launch: its exit status, its checklist, its lines."""

import json
from pathlib import Path

import pytest
from made_pairs import write_half

from diagnose.cli.main import main

RUNS = Path(__file__).parents[1] / "runs" / "data"
DROPPED = str(RUNS / "fork-dropped-keys" / "config.yaml")
SNR = str(RUNS / "fork-snr" / "config.yaml")


def test_a_blocker_stops_the_launch_and_a_critical_finding_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preflight", SNR]) == 1
    assert main(["preflight", DROPPED]) == 0
    assert main(["preflight", DROPPED, "--fail-on", "critical"]) == 1
    capsys.readouterr()


def test_the_checklist_is_ticked_off_item_by_item(capsys: pytest.CaptureFixture[str]) -> None:
    main(["preflight", SNR, "--format", "json", "--intent", "motion"])
    report = json.loads(capsys.readouterr().out)
    states = {item["claim"]: item["status"] for item in report["checklist"]}
    assert len(states) == 17
    assert states["CHK-13"] == "fail"
    assert states["CHK-07"] == "pass"
    assert states["CHK-01"] == "open", "only the user can watch the clips"
    assert not [gap for gap in report["not_evaluated"] if any("checkpoint pairs" in need for need in gap["needs"])]


def test_another_intent_leaves_the_motion_items_out(capsys: pytest.CaptureFixture[str]) -> None:
    main(["preflight", DROPPED, "--format", "json", "--intent", "style"])
    states = {item["claim"]: item["status"] for item in json.loads(capsys.readouterr().out)["checklist"]}
    assert {states[claim] for claim in ("CHK-01", "CHK-03", "CHK-09", "CHK-10", "CHK-17")} == {"not applicable"}
    assert states["CHK-04"] == "open", "a broken frame is one for any intent"


@pytest.mark.parametrize("intent", ["character", "style"])
def test_character_and_style_get_their_half_of_the_advice(intent: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["preflight", DROPPED, "--format", "json", "--intent", intent])
    report = json.loads(capsys.readouterr().out)
    assert {claim for item in report["plan"] for claim in item["claims"]} == {
        "INT-03",
        "INT-04",
        "INT-05",
        "INT-06",
        "RES-06",
    }
    assert "Others disagree" in report["plan"][0]["says"]
    removed = {change["path"].rsplit(".", 1)[-1] for change in report["next"]["changes"] if change["op"] == "remove"}
    assert {"high_noise_lr_bump", "low_noise_lr_bump"} <= removed


def test_one_expert_alone_is_told_what_that_means(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (RUNS / "fork-one-expert" / "config.yaml").read_text().splitlines()
    path = tmp_path / "config.yaml"
    for text, severities in (
        ([line for line in lines if "_noise_" not in line or "train_" in line], {"info", "minor"}),
        (lines, {"major"}),
    ):
        path.write_text("\n".join(text))
        main(["preflight", str(path), "--format", "json", "--intent", "motion"])
        report = json.loads(capsys.readouterr().out)
        (alone,) = (each for each in report["findings"] if each["name"] == "one-expert-untrained")
        assert alone["severity"] in severities, "on purpose without rates for both, by mistake with them"
    assert {"SEQ-01", "SEQ-02"} <= set(alone["claims"])
    assert any(item["part"] == "split" for item in report["plan"])


def test_sarif_names_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    main(["preflight", SNR, "--format", "sarif"])
    results = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    snr = next(result for result in results if result["ruleId"] == "CFG001")
    assert snr["level"] == "error"
    lines = Path(SNR).read_text(encoding="utf-8").splitlines()
    line = snr["locations"][0]["physicalLocation"]["region"]["startLine"]
    assert lines[line - 1].strip() == "min_snr_gamma: 5"


def test_the_forecast_follows_the_agreement(capsys: pytest.CaptureFixture[str]) -> None:
    ratios = []
    for agreement in ("0.486", "0.6"):
        main(["preflight", DROPPED, "--format", "json", "--agreement", agreement])
        forecast = json.loads(capsys.readouterr().out)["forecast"]
        assert sum(forecast["agreement"].values()) / 2 == pytest.approx(float(agreement))
        ratios.append(forecast["points"][-1]["lr_high"])
    assert ratios[0] < ratios[1]


def test_the_gate_says_why_it_failed_and_what_it_did_not_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    level = ["--intent", "motion", "--fail-on", "major", "-q"]
    assert main(["preflight", DROPPED, *level]) == 1
    said = capsys.readouterr().err
    assert "exit status 1 for" in said
    assert "per-expert-lr-not-in-effect (critical, high confidence)" in said
    known = str(tmp_path / "known.json")
    assert main(["preflight", DROPPED, *level, "-o", known]) == 1
    assert main(["preflight", DROPPED, *level, "--baseline", known]) == 0
    assert main(["preflight", DROPPED, *level, "--baseline", known, "-o", known]) == 2
    capsys.readouterr()
    assert main(["preflight", SNR, *level, "--baseline", known, "--min-confidence", "high"]) == 1
    assert "snr-weighting-incompatible" in capsys.readouterr().err
    assert main(["preflight", SNR, *level, "--baseline", SNR]) == 2


def test_sarif_paths_are_those_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "my runs" / "frozen"
    run.mkdir(parents=True)
    for file in (RUNS / "fork-dropped-keys").iterdir():
        (run / file.name).write_bytes(file.read_bytes())
    monkeypatch.chdir(tmp_path)
    for arguments in (["preflight", "my runs/frozen/config.yaml"], ["postmortem", "my runs/frozen"]):
        main([*arguments, "--format", "sarif"])
        results = json.loads(capsys.readouterr().out)["runs"][0]["results"]
        places = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in results}
        assert "my%20runs/frozen/config.yaml" in places
        assert all(place.startswith("my%20runs/frozen/") for place in places)
    monkeypatch.chdir("/")
    main(["postmortem", str(run), "--format", "sarif"])
    assert f'"{run.relative_to("/").as_posix().replace(" ", "%20")}/config.yaml"' in capsys.readouterr().out
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    main(["postmortem", str(run), "--format", "sarif"])
    assert f'"{run.as_uri()}/config.yaml"' in capsys.readouterr().out


def test_the_two_runs_of_a_pair_are_judged_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    high = write_half(tmp_path / "high", "high", rate=1e-4, steps=40)
    low = write_half(tmp_path / "low", "low", rate=1e-4, steps=40)
    said = ["--intent", "motion", "--trainer", "ai-toolkit"]
    assert main([str(high), str(low), "--format", "json", *said]) == 0
    shown = capsys.readouterr()
    assert [each["experts"] for each in json.loads(shown.out)["run"]["trainings"]] == [["high"], ["low"]]
    assert "two runs of a pair" in shown.err
    assert main([str(high), str(RUNS / "fork-frozen"), "--format", "json", *said]) == 0
    assert len(json.loads(capsys.readouterr().out)["runs"]) == 2
