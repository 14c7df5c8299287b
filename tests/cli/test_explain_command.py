"""Why, how and why not: every condition with its value and distance, down to the facts; and what all else means."""

from collections.abc import Collection
from pathlib import Path

import pytest
from msgspec.structs import replace

from diagnose.api import understand
from diagnose.cli.explain_command import KINDS, Kind, find
from diagnose.cli.main import main
from diagnose.core.errors import DiagnoseError
from diagnose.rulebase.coverage import claim_uses
from diagnose.rulebase.rule import Param, Rule
from diagnose.settings import Settings, rule_base
from diagnose.verdict.consult import Consultation

RUN = str(Path(__file__).parents[1] / "runs" / "data" / "fork-frozen")
DROPPED = str(Path(__file__).parents[1] / "runs" / "data" / "fork-dropped-keys")
CONFIG = f"{RUN}/config.yaml"
BASE = rule_base(Settings())
BLANK_PARAM = Param("", 1, "", "code", None)


def explained(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(["explain", *argv]) == 0
    return capsys.readouterr().out


def test_a_rule_that_fired_shows_what_it_read_and_where(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "lr-ratio-too-small", "--run", RUN)
    assert "In this run lr-ratio-too-small (LRN001) fired:" in text
    assert "- met: lr.ratio_most < 3 (lr_ratio_min): it is 1.48, 1.52 below the limit (51 % of it) · metrics_" in text
    assert "It says, " in text


def test_the_proof_goes_down_to_the_facts(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "raise-lr-ratio-on-the-fork", "--run", DROPPED)
    lines = [line.split(": it is")[0] for line in text.splitlines()]
    assert "- met: cause.recipe_wanted is true" in lines
    assert "  per-expert-lr-not-in-effect (LRN003) fired:" in lines
    found = next(line for line in text.splitlines() if line.startswith("  - met: config.per_expert_keys > 0"))
    assert "config.yaml:" in found
    alternatives = explained(capsys, "lora-scale-mismatch", "--run", DROPPED)
    assert "- met: at least one of\n  - met: effective.scale_excess > 1.01" in alternatives


def test_a_rule_that_stayed_silent_shows_how_far_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "LRN002", "--run", RUN)
    assert "lr-ratio-too-large (LRN002) stayed silent:" in text
    assert "- failed: lr.ratio_least > 5 (lr_ratio_max): it is 1.179, 3.821 below the limit (76 % of it)" in text


def test_a_rule_that_lacked_facts_says_what_to_provide(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "high-noise-too-weak", "--run", RUN)
    assert "was not evaluated" in text
    wanted = (
        "- unknown: weights.magnitude_peak of high < 0.008 (high_magnitude_min): it is unknown; provide the checkpoints"
    )
    assert wanted in text


def test_an_open_conclusion_shows_the_rule_that_left_it_open(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "low-noise-overpowering", "--run", RUN)
    assert "  - unknown: symptom.low_grows_faster is true: it is open, as follows\n    low-noise-grows-faster" in text


def test_a_rule_for_each_subject_is_shown_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "cached-latents-crash-i2v", "--run", RUN)
    assert "stayed silent for datasets[0]:" in text
    assert "- failed: dataset.latents_cached of datasets[0] is true: it is false" in text


def test_a_rule_for_another_intent_is_out_of_range(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "lr-ratio-too-small", "--run", RUN, "--intent", "style")
    assert "\n- failed: valid where run.intent is motion: it is style" in text


def test_a_config_by_itself_can_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "steps-configured-too-many", "--run", CONFIG)
    assert "(LEN001) stayed silent" in text or "(LEN001) fired" in text
    assert " > 2200 (steps_max): it is " in text


def test_a_threshold_that_was_set_is_the_one_that_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "lr-ratio-too-small", "--run", RUN, "--set", "lr_ratio_min=1.2")
    assert "lr_ratio_min = 1.2, set by you in place of 3 (CFG-05; runs behind it: 1)" in text
    assert "- failed: lr.ratio_most < 1.2 (lr_ratio_min): it is 1.48, 0.2795 above the limit (23 % of it)" in text


def test_the_rivals_of_a_finding_are_weighed(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "lr-ratio-too-small", "--run", RUN)
    assert "- ruled-out: ratio-of-the-optimizer:" in text
    assert "effective.lr_adapts is false" in text


def test_a_remedy_shows_what_it_writes_for_each_strategy(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "raise-lr-ratio-on-the-fork")
    assert "REM001 raise-lr-ratio-on-the-fork (remedy, changes the config, " in text
    assert "- set train.optimizer_params.high_noise_lr_bump to 2e-5 (recommended), 1.5e-5 (conservative): " in text
    assert "- set train.optimizer_params.low_noise_lr_bump to 5e-6: " in text


def test_a_rule_shows_what_it_shows_beside_its_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "lr-not-adapting")
    assert "Shown besides, where known:\n- effective.lr_adapts\n- log.lr_frozen\n- log.lr_first\n" in text


def test_a_rule_shows_what_is_not_said_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "low-noise-grows-faster")
    assert "Excludes:\n- Which expert gains on the other? It says low-noise-gains, not high-noise-gains" in text


def test_a_claim_shows_its_passage_its_standing_and_its_uses(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "WGT-02")
    assert "knowledge/document/weights.md:" in text
    assert "Figures: weight_ratio_min = 1.5" in text
    assert "Evidence: contradicted" in text
    assert "of low confidence at most" in text
    uses = next(line for line in text.splitlines() if line.startswith("Used by: "))
    assert {"parameter weight_ratio_min", "plan: look", "weight-ratio-held"} <= set(uses[9:-1].split(", "))
    assert "- plan: The weight ratio high/low starts near 1.00" in text
    assert "Used by: checklist" in explained(capsys, "CHK-17")
    assert "- the checklist asks: stop as soon as" in explained(capsys, "CHK-17")


def test_a_claim_shows_what_a_run_says_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "CHK-09", "--run", RUN)
    assert (
        "- lr-ratio-too-small fired: The learning-rate ratio high/low is 1.32 and should be 3 to 5 for motion" in text
    )
    assert "- lr-ratio-too-large stayed silent" in text
    assert "- weight-ratio-too-low was not evaluated; provide" in explained(capsys, "WGT-02", "--run", RUN)
    assert "motion-degraded is outside its validity" in explained(capsys, "STOP-02", "--run", RUN)
    assert "No rule decides it from this run's files." in explained(capsys, "RES-05", "--run", RUN)


def test_a_claim_shows_the_rules_whose_thresholds_come_from_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert "- low-noise-overpowering was not evaluated" in explained(capsys, "WGT-02", "--run", RUN)


def test_a_fact_shows_its_meaning_its_value_and_its_readers(capsys: pytest.CaptureFixture[str]) -> None:
    assert "provide" in explained(capsys, "lr.ratio_most")
    text = explained(capsys, "lr.ratio_most", "--run", RUN)
    assert "(estimated from " in text
    assert "metrics_r_switch1.jsonl:40" in text
    assert "\nShown, where it is known, by: lr-ratio-too-small, lr-ratio-too-large, " in explained(capsys, "lr.ratio")
    most = explained(capsys, "lr.ratio_most", "--run", RUN)
    assert "- lr-ratio-too-small: High-noise learning rate too low beside the low-noise one (fired)" in most
    assert "- rival explanation averaged-weights" in explained(capsys, "effective.ema")
    assert "- unknown: " in explained(capsys, "weights.ratio", "--run", CONFIG)


def test_a_conclusion_shows_the_rules_behind_it(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "symptom.lr_ratio_too_small", "--run", RUN)
    assert "concluded by lr-ratio-too-small." in text
    assert "In this run lr-ratio-too-small (LRN001) fired:\n- met: " in text
    assert "- two-runs-upstream: " in text


def test_a_recipe_a_threshold_and_a_rival(capsys: pytest.CaptureFixture[str]) -> None:
    assert "- train.steps = 2200 (limit-the-steps)" in explained(capsys, "conservative")
    assert "Used by: lr-ratio-held, lr-ratio-too-small" in explained(capsys, "lr_ratio_min")
    assert "0.98" in explained(capsys, "lr-pinned-at-bound.pinned_share")
    assert "rival explanation overtrained" in explained(capsys, "steps_degraded")
    text = explained(capsys, "overtrained", "--run", RUN)
    assert "Supported where run.steps_trained > 2400 (steps_degraded)" in text
    assert "In this run it is open" in text


def test_a_term_of_the_reports_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "Update norm")
    assert text.startswith("update norm: The size of what the LoRA really adds to the model")


def test_a_threshold_shows_what_a_run_was_compared_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "lr_ratio_min", "--run", RUN)
    wanted = "- lr-ratio-too-small fired\n  - met: lr.ratio_most < 3 (lr_ratio_min): it is 1.48, 1.52 below the limit"
    assert wanted in text
    assert "  - unknown: " in explained(capsys, "weight_ratio_min", "--run", CONFIG)


def test_a_recipe_shows_what_became_of_the_rules_that_write_it(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "conservative", "--run", RUN)
    assert "\nIn this run:\n- " in text
    assert "- raise-lr-ratio-on-the-fork fired" in text


def test_a_rival_says_whether_anything_it_explains_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    found = explained(capsys, "ratio-of-the-optimizer", "--run", RUN)
    assert "It bears on what was found: lr-ratio-too-small" in found
    assert ", of which nothing was found here." in explained(capsys, "overtrained", "--run", RUN)
    assert "The config alone does not decide it; only a run could." in explained(capsys, "overtrained", "--run", CONFIG)


def test_what_there_is_none_of_has_no_name(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "config.refused_setting", "--run", RUN)
    assert "- none (exact) · config.yaml" in text
    assert "(stayed silent)" in text


def test_a_rules_own_threshold_is_found_by_its_bare_name_where_it_is_the_only_one() -> None:
    assert find("Pinned share", BASE) == (Kind.THRESHOLD, "lr-pinned-at-bound.pinned_share")
    first, second = (replace(rule, params=(replace(BLANK_PARAM, name="limit"),)) for rule in BASE.rules[:2])
    with pytest.raises(DiagnoseError) as error:
        find("limit", replace(BASE, rules=(first, second)))
    named = " or ".join(sorted(f"{rule.name}.limit" for rule in (first, second)))
    assert str(error.value) == f"limit: 2 rules have a threshold of this name; write {named}"


@pytest.mark.parametrize(
    ("written", "kind", "name"),
    [
        ("LRN001", Kind.RULE, "LRN001"),
        ("lrn001", Kind.RULE, "LRN001"),
        ("Low noise overpowering", Kind.RULE, "WGT004"),
        ("low_noise_overpowering", Kind.RULE, "WGT004"),
        ("wgt-2", Kind.CLAIM, "WGT-02"),
        ("WGT02", Kind.CLAIM, "WGT-02"),
        ("Weights.Ratio", Kind.FACT, "weights.ratio"),
        ("weights.magnitude@high", Kind.FACT, "weights.magnitude"),
        ("cause.recipe_wanted", Kind.CONCLUSION, "cause.recipe_wanted"),
    ],
)
def test_a_name_is_found_however_it_is_spelled(written: str, kind: Kind, name: str) -> None:
    assert find(written, BASE) == (kind, name)


def test_no_name_means_two_things() -> None:
    everything = [*(rule.id for rule in BASE.rules), *(rule.name for rule in BASE.rules), *BASE.knowledge.rivals]
    everything += [*BASE.knowledge.claims, *BASE.knowledge.facts, *BASE.knowledge.recipes, *BASE.knowledge.parameters]
    everything += BASE.knowledge.glossary
    folded = [name.lower().replace("_", "-") for name in everything]
    assert len(set(folded)) == len(folded)


def test_an_unknown_name_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "lr-ratio-to-small"]) == 2
    assert "did you mean lr-ratio-too-small" in capsys.readouterr().err
    with pytest.raises(DiagnoseError, match="see diagnose rules list"):
        find("xyzzy", BASE)


def test_a_slip_in_the_name_is_told_before_the_run_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "lr-ratio-to-small", "--run", "nowhere"]) == 2
    assert "did you mean" in capsys.readouterr().err


@pytest.fixture(scope="module")
def held() -> Consultation:
    return understand(RUN)


@pytest.mark.parametrize("rule", BASE.rules, ids=lambda rule: str(rule.name))
def test_every_rule_is_explained_by_a_run(held: Consultation, rule: Rule) -> None:
    assert "\nIn this run " in "\n".join(KINDS[Kind.RULE](rule.id, held.base, held))


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Kind.FACT, BASE.knowledge.facts),
        (Kind.CONCLUSION, {name for rule in BASE.rules for name in rule.derives}),
        (Kind.RECIPE, BASE.knowledge.recipes),
        (Kind.THRESHOLD, BASE.knowledge.parameters),
        (Kind.RIVAL, BASE.knowledge.rivals),
    ],
)
def test_all_else_is_explained_by_a_run(held: Consultation, kind: Kind, names: Collection[str]) -> None:
    for name in names:
        assert next(KINDS[kind](name, held.base, held)).startswith(name)


def test_every_claim_is_used(held: Consultation) -> None:
    uses = claim_uses(held.base.rules, held.base.knowledge)
    assert [claim for claim, places in uses.items() if not places] == []


def test_a_change_that_yields_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "unless another rule speaks of the key" in explained(capsys, "optimizer-parameter-refused")
    assert "unless another rule" not in explained(capsys, "no-per-expert-keys-upstream")


def test_a_value_that_steers_the_terminal_is_shown_without_its_escapes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(Path(CONFIG).read_text().replace("automagic", r'"red\e[31m"', 1))
    text = explained(capsys, "config.optimizer", "--run", str(config))
    assert "- red\N{REPLACEMENT CHARACTER}[31m (exact)" in text
