"""What the next run changes: wishes merged, conflicts left to the user, and what a change costs."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import config_of
from msgspec.structs import replace
from trainer_names import RELAXIS

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Fact, Quality, Scalar, Stage
from diagnose.engine.inference import Firing
from diagnose.rulebase.rule import Applicability, ChangeOp, ChangeSpec, Rule, Shown
from diagnose.settings import Settings, rule_base
from diagnose.trainers.declared import Keys
from diagnose.verdict.judgement import Change
from diagnose.verdict.next.wishes import merge, wishes, with_its_cost
from diagnose.verdict.next.write_config import written

BASE = rule_base(Settings())
RULES = {rule.name: rule for rule in BASE.rules}
RECIPE = BASE.knowledge.recipes["recommended"]
KEYS = Keys(BASE.knowledge.keys[RELAXIS])


def firing(rule: Rule, **values: Fact) -> Firing:
    return Firing(rule.id, "run", tuple(values.items()), (), Stage.SYMPTOM)


def ratio(value: float, samples: int | None) -> Fact:
    quality = Quality.EXACT if samples is None else Quality.ESTIMATED
    return Fact("lr.ratio", "run", value, quality=quality, samples=samples)


def wanting(name: str, **change: object) -> Rule:
    spec = ChangeSpec(**{"setting": "steps", "op": ChangeOp.SET, "because": "so", "applicability": Applicability.SAFE,
                         "value": 2200, **change})  # type: ignore[arg-type]  # fmt: skip
    return replace(RULES["trained-too-long"], name=name, changes=(spec,))


def merged(folder: Path, *rules: Rule) -> tuple[list[tuple[object, object]], list[str]]:
    config = config_of(folder, train={"steps": 3000, "optimizer": "adamw"})
    asked = [wish for rule in rules for wish in wishes(rule, firing(rule), RECIPE, KEYS)]
    changes, conflicts = merge(asked, config)
    return [(change.old, change.new) for change in changes], [conflict.path for conflict in conflicts]


def test_two_rules_of_one_mind_share_a_change(tmp_path: Path) -> None:
    assert merged(tmp_path, wanting("a"), wanting("b")) == ([(3000, 2200)], [])


def test_two_rules_of_different_minds_are_a_conflict_and_nothing_is_changed(tmp_path: Path) -> None:
    assert merged(tmp_path, wanting("a"), wanting("b", value=1800)) == ([], ["train.steps"])
    assert merged(tmp_path, wanting("a"), wanting("b", op=ChangeOp.REMOVE, value=None)) == ([], ["train.steps"])


def test_a_wish_that_is_granted_is_no_change(tmp_path: Path) -> None:
    assert merged(tmp_path, wanting("a", value=3000)) == ([], [])
    assert merged(tmp_path, wanting("a", op=ChangeOp.REMOVE, value=None, setting="snr.min_gamma")) == ([], [])


def test_ensuring_a_key_leaves_the_users_value(tmp_path: Path) -> None:
    assert merged(tmp_path, wanting("a", op=ChangeOp.ENSURE, value=1)) == ([], [])
    absent = wanting("a", op=ChangeOp.ENSURE, setting="rate.bump", value=None, recipe="rate.bump")
    assert merged(tmp_path, absent) == ([(None, 5e-6)], [])


def test_a_change_that_yields_is_made_only_where_no_other_rule_speaks_of_the_key(tmp_path: Path) -> None:
    clear = wanting("a", op=ChangeOp.REMOVE, value=None, yields=True)
    assert merged(tmp_path, clear) == ([(3000, None)], [])
    assert merged(tmp_path, clear, wanting("b")) == ([(3000, 2200)], [])
    assert merged(tmp_path, clear, wanting("b", op=ChangeOp.ENSURE)) == ([], [])
    assert merged(tmp_path, wanting("a", value=1800, yields=True), wanting("b")) == ([(3000, 2200)], [])
    assert merged(tmp_path, wanting("a", yields=True), wanting("b", op=ChangeOp.ENSURE)) == ([(3000, 2200)], [])


def test_one_is_not_true(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"steps": True})
    rule = wanting("a", value=1)
    changes, _ = merge(wishes(rule, firing(rule), RECIPE, KEYS), config)
    assert [(change.old, change.new) for change in changes] == [(True, 1)]


def test_what_is_said_of_a_change_is_worded_like_the_message() -> None:
    rule = wanting("a", setting="{key}", because="{ratio:.1f}, not {$lr_ratio_min}")
    rule = replace(rule, params=RULES["lr-ratio-too-small"].params)
    fired = firing(rule, ratio=ratio(1.35, None), key=Fact("config.key", "run", "save.save_every"))
    [wish] = wishes(rule, fired, RECIPE, KEYS)
    assert (wish.path, wish.because) == ("save.save_every", "1.4, not 3")


def test_a_change_that_needs_an_unknown_value_is_not_asked_for() -> None:
    show = (Shown("run.steps_trained", "run", "steps"),)
    told = wanting("a", because="not[ after {steps}]", op=ChangeOp.ADVISE, value=None, setting="")
    for asking in (wanting("a", fact="steps", value=None), wanting("a", setting="clip.frames", entry="{steps}")):
        rule = replace(asking, show=show)
        known = replace(firing(rule), shown=(("steps", Fact("run.steps_trained", "run", 900)),))
        assert wishes(rule, firing(rule), RECIPE, KEYS) == ()
        assert len(wishes(rule, known, RECIPE, KEYS)) == 1
    [wish] = wishes(replace(told, show=show), firing(told), RECIPE, KEYS)
    assert wish.because == "not"


def test_a_change_that_cannot_be_made_names_its_rule(tmp_path: Path) -> None:
    config, rule = config_of(tmp_path, train={"steps": 3000}), wanting("a", setting="{subject}")

    def merged_at(key: str) -> tuple[Change, ...]:
        return merge(wishes(rule, replace(firing(rule), subject=key), RECIPE, KEYS), config)[0]

    with pytest.raises(DiagnoseError, match=r"^rule a: .*train\.\.steps: not a config path"):
        merged_at("train..steps")
    with pytest.raises(DiagnoseError, match=r"train\.steps\.x: .*edit it by hand \(asked for by a\)$"):
        written(config, merged_at("train.steps.x"))


def test_a_setting_is_written_under_the_trainers_own_key() -> None:
    keys = Keys({"steps": ("max_train_steps",), "clip.frames": ("sets[].target_frames",)})
    [wish] = wishes(wanting("a"), firing(wanting("a")), RECIPE, keys)
    assert (wish.path, wish.setting) == ("max_train_steps", "steps")
    frames = wanting("a", setting="clip.frames")
    [wish] = wishes(frames, replace(firing(frames), subject="sets[1]"), RECIPE, keys)
    assert (wish.path, wish.setting) == ("sets[1].target_frames", "clip.frames")
    assert wishes(wanting("a", setting="save_every"), firing(wanting("a")), RECIPE, keys) == ()


@pytest.mark.parametrize(
    ("path", "new", "applicability", "cost"),
    [
        ("train.steps", 2200, Applicability.REVIEW, "; 55 times as long"),
        ("train.steps", 60, Applicability.REVIEW, "; 1.5 times as long"),
        ("train.steps", 40, Applicability.SAFE, ""),
        ("train.steps", 20, Applicability.SAFE, ""),
        ("train.steps", 0, Applicability.SAFE, ""),
        ("train.steps", True, Applicability.SAFE, ""),
        ("train.steps", 398, Applicability.REVIEW, "; 9.9 times as long"),
        ("train.steps", 400, Applicability.REVIEW, "; 10 times as long"),
        ("train.steps", 420, Applicability.REVIEW, "; 10 times as long"),
        ("train.batch_size", 4, Applicability.REVIEW, "; 2 times as long"),
        ("train.batch_size", 1, Applicability.SAFE, ""),
        ("train.gradient_accumulation", 2, Applicability.REVIEW, "; 2 times as long"),
        ("train.lr", 1, Applicability.SAFE, ""),
        ("save.max_step_saves_to_keep", 22, Applicability.REVIEW, "; 5.5 times as many saves on the disk"),
        ("sample.sample_every", 100, Applicability.REVIEW, "; 2.5 times as many previews"),
        ("datasets[0].num_frames", 81, Applicability.REVIEW, "; 2 times as long"),
        ("logging.log_every", 1, Applicability.SAFE, ""),
        ("train.steps", "many", Applicability.SAFE, ""),
    ],
)
def test_what_costs_more_is_looked_at_first(
    tmp_path: Path, path: str, new: Scalar, applicability: Applicability, cost: str
) -> None:
    config = config_of(
        tmp_path,
        train={"steps": 40, "batch_size": 2, "gradient_accumulation": 1, "lr": 1e-4},
        save={"max_step_saves_to_keep": 4},
        sample={"sample_every": 250},
        datasets=[{"num_frames": 41}],
    )
    setting = config.name_of(path)
    change = Change(path, ChangeOp.SET, None, new, "so", (), Applicability.SAFE, (), setting=setting)
    found = with_its_cost(change, config)
    assert (found.applicability, found.because) == (applicability, f"so{cost}")


def test_what_the_user_does_by_hand_stays_so(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"steps": 40})
    change = Change("train.steps", ChangeOp.SET, 40, 2200, "so", (), Applicability.MANUAL, (), setting="steps")
    assert with_its_cost(change, config).applicability is Applicability.MANUAL
    assert with_its_cost(change, None) == change


def test_a_shared_change_is_as_careful_as_the_most_careful_who_asks(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"steps": 3000})
    safe, look = wanting("a"), wanting("b", applicability=Applicability.REVIEW)
    for rules in ((safe, look), (look, safe)):
        [change], _ = merge([wish for rule in rules for wish in wishes(rule, firing(rule), RECIPE, KEYS)], config)
        assert (change.applicability, change.rules) == (Applicability.REVIEW, tuple(rule.name for rule in rules))
        assert change.setting == "steps"


def test_advice_of_one_wording_is_given_once_and_other_wordings_beside_it() -> None:
    told = {"op": ChangeOp.ADVISE, "value": None, "setting": ""}
    rules = (wanting("a", **told), wanting("b", **told), wanting("c", because="so too", **told))
    changes, _ = merge([wish for rule in rules for wish in wishes(rule, firing(rule), RECIPE, KEYS)], None)
    assert [(change.because, change.rules) for change in changes] == [("so", ("a", "b")), ("so too", ("c",))]


def test_a_written_null_goes_where_the_rule_speaks_of_that_very_key(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"min_snr_gamma": None})
    for setting, changed in (("{subject}", True), ("snr.min_gamma", False)):
        rule = wanting("a", setting=setting, op=ChangeOp.REMOVE, value=None)
        fired = replace(firing(rule), subject="train.min_snr_gamma")
        [wish] = wishes(rule, fired, RECIPE, KEYS)
        changes, _ = merge([wish], config)
        assert bool(changes) is changed
    ensured = wanting("a", setting="{subject}", op=ChangeOp.ENSURE, value=5)
    changes, _ = merge(wishes(ensured, replace(firing(ensured), subject="train.min_snr_gamma"), RECIPE, KEYS), config)
    assert [(change.old, change.new) for change in changes] == [(None, 5)]


@pytest.mark.parametrize("was", [0, -1, "many", True, None])
def test_of_what_was_no_number_above_zero_no_cost_is_told(was: object, tmp_path: Path) -> None:
    change = Change("train.steps", ChangeOp.SET, None, 2200, "so", (), Applicability.SAFE, (), setting="steps")
    assert with_its_cost(change, config_of(tmp_path, train={"steps": was})) == change


def test_a_section_in_the_place_of_a_value_is_no_old_value(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"steps": {"high": 1}})
    rule = wanting("a")
    [change], _ = merge(wishes(rule, firing(rule), RECIPE, KEYS), config)
    assert (change.old, change.new) == (None, 2200)
