"""A pre-flight gates a launch: its exit status, its checklist, its lines."""

import json
from pathlib import Path

import pytest

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
    assert states["CHK-10"] == "not applicable"


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
        assert forecast["agreement"]["high"] == float(agreement)
        ratios.append(forecast["points"][-1]["lr_high"])
    assert ratios[0] < ratios[1]
