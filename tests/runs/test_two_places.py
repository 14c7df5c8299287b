"""What a setting does is read in the config and seen in the log: such a finding points at both."""

from __future__ import annotations

import pytest
from labelled_runs import RUNS, Labelled, judged

from diagnose.core.values import Place
from diagnose.verdict.judgement import Finding

ABOUT_SETTINGS = frozenset({
    "per-expert-lr-not-in-effect",
    "lr-not-adapting",
    "lr-ratio-too-small",
    "lora-scale-mismatch",
    "alpha-schedule-inert",
    "snr-weighting-incompatible",
})  # fmt: skip
LOGS = ("metrics_", "loss_log.db", "stdout.log")
LABELS = [(run, name) for run in RUNS for name in sorted(run.expect & ABOUT_SETTINGS)]


def sources(finding: Finding) -> list[Place]:
    return [each.source for each in finding.evidence if each.source is not None]


@pytest.mark.parametrize(
    ("run", "name"), LABELS, ids=lambda value: value.path.name if isinstance(value, Labelled) else value
)
def test_a_finding_about_settings_points_at_config_and_log(run: Labelled, name: str) -> None:
    places = [place for found in judged(run).findings if found.name == name for place in sources(found)]
    assert any(place.file == "config.yaml" and place.line and place.key for place in places)
    assert any(place.file.startswith(LOGS) and (place.line or place.step is not None) for place in places)


def place_of(run: Labelled, name: str, fact: str, subject: str = "run") -> Place:
    (finding,) = (found for found in judged(run).findings if found.name == name)
    (evidence,) = (each for each in finding.evidence if (each.fact, each.subject) == (fact, subject))
    assert evidence.source is not None
    return evidence.source


def labelled_run(name: str) -> Labelled:
    return next(run for run in RUNS if run.path.name == name)


def test_dropped_keys_stand_beside_the_rates_they_left() -> None:
    run, name = labelled_run("fork-dropped-keys"), "per-expert-lr-not-in-effect"
    declared = place_of(run, name, "config.per_expert_keys")
    assert declared.key == "config.process[0].train.optimizer_params.high_noise_lr_bump"
    assert text(run, declared).strip().startswith("high_noise_lr_bump:")
    first = [place_of(run, name, "log.lr_first", expert) for expert in ("high", "low")]
    assert [place.step for place in first] == [0, 10]
    assert '"lr_0": 1.05' in text(run, first[0])
    assert '"lr_1": 1.05' in text(run, first[1])


@pytest.mark.parametrize("name", ["fork-refused-key", "upstream-refused-key"])
def test_a_refused_key_stands_beside_the_error(name: str) -> None:
    run = labelled_run(name)
    error = place_of(run, "per-expert-lr-not-in-effect", "run.crash_error")
    assert "TypeError" in text(run, error)
    setting = place_of(run, "training-crashed", "run.crash_setting")
    assert "high_noise_lr_bump" in text(run, setting)


def test_a_key_that_is_absent_points_at_the_block_it_belongs_in() -> None:
    run = labelled_run("fork-n_neg_missing")
    block = place_of(run, "negative-prompt-missing", "config.negative_prompt", "sample.neg")
    assert text(run, block).strip() == "sample:"


def test_snr_weighting_stands_beside_the_crash_it_caused() -> None:
    run = labelled_run("fork-snr")
    assert "min_snr_gamma" in text(run, place_of(run, "training-crashed", "run.crash_setting"))
    assert "alphas_cumprod" in text(run, place_of(run, "snr-weighting-incompatible", "run.crash_error"))


def text(run: Labelled, place: Place) -> str:
    """Return the line of a run's file that a place names."""
    assert place.line is not None
    return (run.path / place.file).read_text(encoding="utf-8").split("\n")[place.line - 1]
