"""Why, and why not: the explanation names every condition, its value and its distance."""

from pathlib import Path

import pytest

from diagnose.cli.main import main

RUN = str(Path(__file__).parents[1] / "runs" / "data" / "fork-frozen")


def explained(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(["explain", *argv]) == 0
    return capsys.readouterr().out


def test_a_rule_that_fired_shows_what_it_read(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "lr-ratio-too-small", "--run", RUN)
    assert "In this run it fired" in text
    assert "lr.ratio is 1.32" in text
    assert "below the limit" in text


def test_a_rule_that_stayed_silent_shows_how_far_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "LRN002", "--run", RUN)
    assert "stayed silent" in text
    assert "does not hold, 3.679 below the limit" in text


def test_a_rule_that_lacked_facts_says_which(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "high-noise-too-weak", "--run", RUN)
    assert "was not evaluated" in text
    assert "weights.magnitude_peak of high is unknown" in text


def test_a_rule_for_another_intent_is_out_of_range(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "lr-ratio-too-small", "--run", RUN, "--intent", "style")
    assert "is outside its validity" in text


def test_a_rule_shows_what_it_shows_beside_its_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "lr-not-adapting")
    assert "Shown beside the evidence, where known:\n- effective.lr_adapts\n- log.lr_frozen\n- log.lr_first\n" in text


def test_a_claim_shows_its_passage_its_standing_and_its_uses(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "WGT-02")
    assert "knowledge/document/weights.md" in text
    assert "Evidence: contradicted" in text
    assert "weight-ratio-too-low" in text


def test_a_fact_shows_its_meaning_and_with_a_run_its_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert "provide" in explained(capsys, "lr.ratio")
    assert "metrics_r_switch1.jsonl:40" in explained(capsys, "lr.ratio", "--run", RUN)


def test_an_unknown_name_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "lr-ratio-to-small"]) == 2
    assert "did you mean lr-ratio-too-small" in capsys.readouterr().err
