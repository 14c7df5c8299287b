"""What is no rule, explained without a run; `test_explain_command` holds it against runs."""

from __future__ import annotations

import pytest

from diagnose.cli.explain_knowledge import claim_lines, fact_lines, recipe_lines, rival_lines, threshold_lines
from diagnose.settings import Settings, rule_base

BASE = rule_base(Settings())


def test_a_claim_has_its_passage_and_who_uses_it() -> None:
    text = "\n".join(claim_lines("WGT-02", BASE, None))
    assert text.startswith("WGT-02 (")
    assert "Source: knowledge/document/" in text
    assert "\nUsed by: " in text


@pytest.mark.parametrize("name", ["weights.ratio", "lr.ratio_most"])
def test_a_fact_has_its_meaning_and_what_to_provide(name: str) -> None:
    first, second, *_ = fact_lines(name, BASE, None)
    assert first.startswith(f"{name} (number")
    assert second.startswith("When it is unknown, provide ")


def test_a_recipe_a_threshold_and_a_rival_say_who_uses_them() -> None:
    recipe = list(recipe_lines("recommended", BASE, None))
    own = "- train.optimizer_params.high_noise_lr_bump = 2e-5 (raise-lr-ratio-on-the-fork, lower-lr-ratio-on-the-fork)"
    assert own in recipe, "in the trainer's own keys"
    assert "- train.steps = 1100 (limit-the-steps-of-one-expert)" in recipe
    assert "override it with --set lr_ratio_min=VALUE" in "\n".join(threshold_lines("lr_ratio_min", BASE, None))
    assert "\nCould explain:" in "\n".join(rival_lines("overtrained", BASE, None))
