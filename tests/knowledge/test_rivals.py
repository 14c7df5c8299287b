"""The rival explanations as they are: which facts rule each out, support it, or leave it open."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from made_findings import found

from diagnose.core.values import Confidence, Fact, Quality, Scalar
from diagnose.engine.infer import infer
from diagnose.rulebase.rivals import Rival
from diagnose.settings import Settings, rule_base
from diagnose.verdict.examine import Grounds
from diagnose.verdict.judgement import RivalState, WeighedRival
from diagnose.verdict.weighed_rivals import Rivals

BASE = rule_base(Settings())
RIVALS = BASE.knowledge.rivals
TAME = "low-noise-overpowering"
OUT, FOR, OPEN = RivalState.RULED_OUT, RivalState.SUPPORTED, RivalState.OPEN


def facts_of(given: Mapping[str, Scalar | None]) -> list[Fact]:
    facts = []
    for key, value in given.items():
        name, _, subject = key.partition("@")
        quality = Quality.UNKNOWN if value is None else Quality.EXACT
        facts.append(Fact(name, subject or "run", value, quality=quality))
    return facts


def weighed(rival: str, given: Mapping[str, Scalar | None], *, before_a_run: bool = False) -> WeighedRival | None:
    facts = facts_of(given)
    grounds = Grounds(BASE.rules, facts, infer(BASE.rules, facts, engine="matcher"))
    rivals = Rivals(BASE.knowledge, grounds, before_a_run=before_a_run)
    rule = next(iter(RIVALS[rival].explains))
    return rivals.weighed(RIVALS[rival], rule)


CASES: list[tuple[str, dict[str, Scalar | None], RivalState]] = [
    ("averaged-weights", {"effective.ema": False}, OUT),
    ("averaged-weights", {"effective.ema": True}, FOR),
    ("averaged-weights", {"effective.ema": None}, OPEN),
    ("averaged-weights", {}, OPEN),
    ("applied-at-another-strength", {"effective.scale_excess": 1.01}, OUT),
    ("applied-at-another-strength", {"effective.scale_excess": 0.99}, OUT),
    ("applied-at-another-strength", {"effective.scale_excess": 4}, FOR),
    ("applied-at-another-strength", {"effective.scale_excess": 0.5}, FOR),
    ("starved-high-noise", {"effective.high_starved": False, "effective.high_loss_weight": 0.8}, OUT),
    ("starved-high-noise", {"effective.high_starved": True}, FOR),
    ("starved-high-noise", {"effective.high_starved": False, "effective.high_loss_weight": 0.22}, FOR),
    ("starved-high-noise", {"effective.high_starved": False, "effective.high_loss_weight": None}, OPEN),
    ("lost-on-resume", {"run.resumes": 0}, OUT),
    ("lost-on-resume", {"run.resumes": 2, "run.trainer": "ai-toolkit"}, OUT),
    ("lost-on-resume", {"run.resumes": 2, "run.trainer": "ai-toolkit-relaxis"}, FOR),
    ("lost-on-resume", {"run.resumes": 2, "run.trainer": None}, OPEN),
    ("clips-at-another-speed", {"dataset.speed_off_worst@a": 1.1, "dataset.speed_off_worst@b": 1}, OUT),
    ("clips-at-another-speed", {"dataset.speed_off_worst@a": 1.2, "dataset.speed_off_worst@b": 1}, FOR),
    ("clips-at-another-speed", {"dataset.speed_off_worst@a": None, "dataset.speed_off_worst@b": 1}, OPEN),
    ("clips-at-another-speed", {"dataset.shrinks_video@a": False, "dataset.fps@a": 16}, OPEN),
    ("clips-at-another-speed", {"dataset.shrinks_video@a": False, "dataset.fps@a": 24}, FOR),
    ("clips-at-another-speed", {"dataset.shrinks_video@a": True, "dataset.fps@a": 24}, OPEN),
    ("clips-at-another-speed", {"dataset.shrinks_video@a": True, "dataset.fps@a": 24,
                                "dataset.shrinks_video@b": False, "dataset.fps@b": 16}, OPEN),
    ("rendered-otherwise", {}, OPEN),
    ("stills-in-the-set", {"dataset.num_frames@a": 33, "dataset.stills@a": 0, "dataset.static@a": 0}, OUT),
    ("stills-in-the-set", {"dataset.num_frames@a": 33, "dataset.stills@a": 0, "dataset.static@a": None}, OPEN),
    ("stills-in-the-set", {"dataset.num_frames@a": 33, "dataset.stills@a": 0, "dataset.static@a": 2}, FOR),
    ("stills-in-the-set", {"dataset.num_frames@a": 33, "dataset.stills@a": 4}, FOR),
    ("stills-in-the-set", {"dataset.num_frames@a": 33, "dataset.num_frames@b": 1}, FOR),
    ("stills-in-the-set", {"dataset.num_frames@a": 33, "dataset.num_frames@b": None}, OPEN),
    ("overtrained", {"run.steps_trained": 3070}, FOR),
    ("overtrained", {"run.steps_trained": 2400}, OPEN),
    ("young-run", {"run.steps_trained": 1800}, OUT),
    ("young-run", {"run.steps_trained": 900}, FOR),
    ("rates-at-their-start", {"log.lr_frozen": False}, OUT),
    ("rates-at-their-start", {"log.lr_frozen": True, "config.optimizer": "adamw"}, OUT),
    ("rates-at-their-start", {"log.lr_frozen": True, "config.optimizer": "automagic"}, FOR),
    ("near-their-random-start", {"experts.learned": 50}, OUT),
    ("near-their-random-start", {"experts.learned": 12}, FOR),
    ("ratio-of-the-optimizer", {"config.optimizer": "adamw"}, OUT),
    ("ratio-of-the-optimizer", {"config.optimizer": "automagic", "effective.lr_adapts": False}, OUT),
    ("ratio-of-the-optimizer", {"config.optimizer": "automagic", "effective.lr_adapts": True}, FOR),
    ("still-learning", {"log.loss_trend_certain@high": True, "log.loss_trend@high": 0}, OUT),
    ("still-learning", {"log.loss_trend_certain@high": True, "log.loss_trend@high": -12}, FOR),
    ("still-learning", {"log.loss_trend_certain@high": False, "log.loss_trend@high": -12}, OPEN),
    ("first-steps", {"run.steps_trained": 100}, OUT),
    ("first-steps", {"run.steps_trained": 99}, FOR),
    ("broken-clip", {"weights.non_finite_total": 3}, OUT),
    ("broken-clip", {"log.nan_share": 0.5}, OUT),
    ("broken-clip", {"log.nan_run": 20}, OUT),
    ("broken-clip", {"log.nan_tail": 8}, OUT),
    ("broken-clip", {"log.nan_steps": 0}, OUT),
    (
        "broken-clip",
        {
            "weights.non_finite_total": 0,
            "log.nan_share": 0.03,
            "log.nan_run": 2,
            "log.nan_tail": 0,
            "log.nan_steps": 9,
        },
        FOR,
    ),
    ("weightless-draws", {"config.timestep_type": "linear"}, OUT),
    ("weightless-draws", {"config.timestep_type": "weighted", "log.nan_share": 0.9}, OUT),
    ("weightless-draws", {"config.timestep_type": "weighted", "log.nan_share": 0.02}, FOR),
    ("changed-on-resume", {"run.resumes": 0}, OUT),
    ("changed-on-resume", {"run.resumes": 1}, FOR),
    ("one-of-a-pair", {"config.trains@high": True, "config.trains@low": True}, OUT),
    ("one-of-a-pair", {"config.trains@high": True, "config.trains@low": False}, FOR),
    ("mixed-loss-varies", {"log.loss_cv": 0.49}, OUT),
    ("mixed-loss-varies", {"log.loss_cv": 0.5}, FOR),
    ("idle-low-noise", {"weights.trained@low": True}, OUT),
    ("idle-low-noise", {"weights.trained@low": False, "weights.trained@high": True}, FOR),
    ("idle-schedule", {"effective.alpha_phases_act": True}, OUT),
    ("idle-schedule", {"effective.alpha_phases_act": False}, FOR),
    ("experts-moved-often", {"config.low_vram": False}, OUT),
    ("experts-moved-often", {"config.low_vram": True, "config.switch_every": 10}, OUT),
    ("experts-moved-often", {"config.low_vram": True, "config.switch_every": 9}, FOR),
    ("experts-moved-often", {"config.switch_every": 9}, OPEN),
    ("clips-encoded-at-every-step", {"dataset.latents_cached@a": True, "dataset.latents_cached@b": True}, OUT),
    ("clips-encoded-at-every-step", {"dataset.latents_cached@a": True, "dataset.latents_cached@b": False}, FOR),
]  # fmt: skip


@pytest.mark.parametrize(("rival", "given", "state"), CASES)
def test_the_facts_decide(rival: str, given: Mapping[str, Scalar | None], state: RivalState) -> None:
    held = weighed(rival, given)
    assert held is not None
    assert held.state is state
    assert state is OPEN or held.evidence


def test_every_side_of_every_rival_has_a_case() -> None:
    tried = {(rival, state) for rival, _, state in CASES}
    sides = {(id_, OUT) for id_, rival in RIVALS.items() if rival.ruled_out_by}
    sides |= {(id_, FOR) for id_, rival in RIVALS.items() if rival.supported_by}
    assert sides <= tried


@pytest.mark.parametrize("rival", RIVALS.values(), ids=lambda rival: str(rival.id))
def test_without_facts_a_rival_is_open_and_says_what_would_settle_it(rival: Rival) -> None:
    held = weighed(rival.id, {})
    assert held is not None
    assert held.state is OPEN
    assert held.needs


def test_before_a_run_nobody_is_asked_for_its_log() -> None:
    assert weighed("lost-on-resume", {"run.trainer": "ai-toolkit-relaxis"}, before_a_run=True) is None
    assert weighed("ratio-of-the-optimizer", {}, before_a_run=True) is not None


def test_what_is_known_of_tame_motion_is_there() -> None:
    known = [id_ for id_, rival in RIVALS.items() if TAME in rival.explains]
    assert known == [
        "averaged-weights",
        "applied-at-another-strength",
        "starved-high-noise",
        "lost-on-resume",
        "clips-at-another-speed",
        "rendered-otherwise",
        "stills-in-the-set",
        "overtrained",
    ]


def test_that_all_are_ruled_out_is_said_only_where_none_waits_for_a_run() -> None:
    frozen = facts_of({"config.optimizer": "adamw", "run.trainer": "ai-toolkit-relaxis"})
    grounds = Grounds(BASE.rules, frozen, infer(BASE.rules, frozen, engine="matcher"))
    ahead = Rivals(BASE.knowledge, grounds, before_a_run=True).doubted(found("lr-ratio-too-small", "major"))
    assert [each.state for each in ahead.rivals] == [OUT]
    assert not ahead.unrivalled
    done = facts_of({"config.optimizer": "adamw", "run.resumes": 0})
    grounds = Grounds(BASE.rules, done, infer(BASE.rules, done, engine="matcher"))
    assert Rivals(BASE.knowledge, grounds, before_a_run=False).doubted(found("lr-ratio-too-small", "major")).unrivalled
    assert (
        not Rivals(BASE.knowledge, grounds, before_a_run=False).doubted(found("training-crashed", "major")).unrivalled
    )


def doubted(given: Mapping[str, Scalar | None], confidence: Confidence) -> tuple[Confidence, str | None, str | None]:
    facts = facts_of(given)
    grounds = Grounds(BASE.rules, facts, infer(BASE.rules, facts, engine="matcher"))
    doubt = Rivals(BASE.knowledge, grounds, before_a_run=False).doubted(found(TAME, "major", confidence=confidence))
    return doubt.confidence, doubt.lowered, doubt.cheapest_test.does[:6] if doubt.cheapest_test else None


def test_a_supported_rival_costs_one_step_and_several_no_more() -> None:
    assert doubted({}, Confidence.HIGH)[:2] == (Confidence.HIGH, None)
    one = "lowered: another cause fits this run too"
    assert doubted({"effective.ema": True}, Confidence.HIGH)[:2] == (Confidence.MEDIUM, one)
    two = {"effective.ema": True, "run.steps_trained": 3070}
    assert doubted(two, Confidence.MEDIUM)[:2] == (
        Confidence.LOW,
        one.replace("another cause fits", "2 other causes fit"),
    )
    assert doubted(two, Confidence.LOW)[:2] == (Confidence.LOW, "2 other causes fit this run too")


def test_the_cheapest_test_among_those_left_is_named() -> None:
    left: dict[str, Scalar | None] = {"run.resumes": 0, "dataset.num_frames@a": 33}
    left |= {"dataset.stills@a": 0, "dataset.static@a": 0}
    assert doubted({}, Confidence.LOW)[2] == "Look a"
    assert doubted(left, Confidence.LOW)[2] == "Render"
    assert doubted({**left, "dataset.shrinks_video@a": False, "dataset.fps@a": 24}, Confidence.LOW)[2] == "Play o"


def test_a_threshold_that_is_set_reaches_the_rivals() -> None:
    base = rule_base(Settings(parameters={"steps_degraded": "5000"}))
    [[condition]] = base.knowledge.rivals["overtrained"].supported_by
    assert condition.tests[0].operand == 5000
