"""The one context that every extractor is given: each thing in it is worked out once."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest
from builders import KNOWLEDGE, TARGETS, alternating, config_of, model, readings
from made_motion import clip
from msgspec.structs import replace
from run_evidence import evidence
from trainer_names import AI_TOOLKIT

from diagnose.core.values import Intent
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.outlook.forecast import DOCUMENT_AGREEMENT
from diagnose.motion.run import RunMotion
from diagnose.sources.log_rows import LogRow
from diagnose.sources.readings import SampleFile
from diagnose.trainers.aitoolkit.answers import AiToolkit

ROWS = alternating(40, 10, lambda step, expert: LogRow(step, step + 1, time=8.0 * step, loss=0.1, expert=expert))


def test_without_a_config_nothing_follows_from_one() -> None:
    bare = evidence()
    assert (bare.config, bare.rates, bare.cadence, bare.expectation) == (None, None, None, None)
    assert (bare.series, bare.latest, bare.trained, bare.pairs) == (None, None, None, ())
    assert bare.ending.words == "unknown"


def test_effective_rates_are_worked_out_once(tmp_path: Path) -> None:
    found = evidence(config_of(tmp_path, train={"optimizer": "adamw", "lr": 1e-4, "steps": 100}))
    with patch.object(AiToolkit, "rates", autospec=True, side_effect=AiToolkit.rates) as worked_out:
        assert found.rates is found.rates
        assert found.expectation is not None
    assert worked_out.call_count == 1


def test_the_rows_of_the_last_start_are_those_after_the_last_long_pause(tmp_path: Path) -> None:
    late = [LogRow(r.step, r.line, time=(r.time or 0) + (900 if r.step >= 25 else 0), loss=0.1) for r in ROWS]
    found = evidence(config_of(tmp_path, train={"steps": 100}), readings(metrics=late))
    assert found.later_starts == (25,)
    assert found.latest is not None
    assert found.latest.rows[0].step == 25
    assert found.trained is not None
    assert found.trained[0] == 40


def test_seen_through_another_trainer_it_is_worked_out_anew(tmp_path: Path) -> None:
    params = {"lr_bump": 5e-6, "high_noise_lr_bump": 2e-5}
    wan = {"arch": "wan22_14b_i2v"}
    found = evidence(config_of(tmp_path, train={"optimizer": "automagic", "optimizer_params": params}, model=wan))
    other = found.seen_through(model(AI_TOOLKIT))
    assert found.rates is not None
    assert other.rates is not None
    assert found.rates.fate is not other.rates.fate
    assert other.config is not None
    assert other.config.model is model(AI_TOOLKIT)


def test_what_was_asked_is_used() -> None:
    found = evidence(intent=Intent.STYLE)
    assert found.intent is Intent.STYLE
    assert found.targets is TARGETS
    assert found.agreement == pytest.approx(DOCUMENT_AGREEMENT) == KNOWLEDGE.claims["PHS-02"].values["observed"]


@pytest.mark.parametrize(
    ("logged", "used"),
    [(0.6, 0.6), (1, 1), (0, DOCUMENT_AGREEMENT), (1.2, DOCUMENT_AGREEMENT), (None, DOCUMENT_AGREEMENT)],
)
def test_a_forecast_takes_the_agreement_of_the_log(logged: float | None, used: float) -> None:
    rows = [LogRow(step, step + 1, loss=0.1, expert=Expert.HIGH, gradient_stability=logged) for step in range(4)]
    assert evidence(read=readings(metrics=rows)).agreement == pytest.approx(used)


SAMPLES = tuple(
    SampleFile(f"samples/{step}_{prompt}.webp", step, prompt, 1000 * step + prompt)
    for step in (0, 100)
    for prompt in (0, 1)
)
MOVING = RunMotion({each.file: clip(each.file, 0.2) for each in SAMPLES})


def test_the_motion_of_the_previews_is_followed_prompt_by_prompt(tmp_path: Path) -> None:
    config = config_of(tmp_path, sample={"prompts": ["she turns", "he runs"], "seed": 7, "num_frames": 33})
    found = replace(evidence(config, replace(readings(), samples=SAMPLES)), measured_motion=MOVING).motion
    assert found is not None
    assert [(each.text, each.seed) for each in found.prompts] == [("she turns", 7), ("he runs", 7)]
    assert all(each.baseline is not None and len(each.points) == 1 for each in found.prompts)


def test_without_a_config_it_is_followed_too_and_unmeasured_it_is_unknown() -> None:
    found = replace(evidence(read=replace(readings(), samples=SAMPLES)), measured_motion=MOVING).motion
    assert found is not None
    assert [each.seed for each in found.prompts] == [None, None]
    assert evidence(read=replace(readings(), samples=SAMPLES)).motion is None


def test_first_previews_of_other_prompts_are_no_baseline(tmp_path: Path) -> None:
    train = {"skip_first_sample": True, "steps": 1000}
    sample = {"prompts": ["a", "b"], "num_frames": 33}
    config = config_of(tmp_path, train=train, sample=sample, first_sample={"prompts": ["c", "d"]})
    found = replace(evidence(config, replace(readings(), samples=SAMPLES)), measured_motion=MOVING).motion
    assert found is not None
    assert [each.baseline for each in found.prompts] == [None, None]
