"""Every figure that a claim gives stands in its passage, and thresholds and recipes are what the document says."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import TRAINERS
from hypothesis import given
from hypothesis import strategies as st
from knowledge_files import load_knowledge
from trainer_names import RELAXIS

from diagnose.core.paths import knowledge_dir, rules_dir
from diagnose.rulebase.document import load_document
from diagnose.rulebase.knowledge import Knowledge, cited_claims
from diagnose.rulebase.reading.load import read_rulebase

Change = Callable[[str, str, str], Path]
NUMBER = re.compile(r"(?<![\w.-])([0-9]{1,3}(?: [0-9]{3})+|[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?)(?!\w)( ?%)?")
FENCE = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def figures(text: str) -> list[float]:
    """The numbers of a text as people write them: 10 000, 2.0e-5; 5.4 % counts as 0.054."""
    found = NUMBER.findall(text)
    return [float(number.replace(" ", "")) / (100 if percent else 1) for number, percent in found]


def leaves(value: object) -> Iterator[tuple[str, Any]]:
    """The values within lists and mappings, each with the key it stands under."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from ((name or key, leaf) for name, leaf in leaves(each))
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield "", value


def has(text: str, value: object) -> bool:
    if isinstance(value, str):
        return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None
    assert isinstance(value, int | float)
    return any(math.isclose(value, figure) for figure in figures(text))


def claims_out_of_step(folder: Path) -> list[str]:
    """Where a passage lacks a figure of its claim, has one that the claim has not, or prints another config."""
    knowledge = load_knowledge(folder)
    complaints = []
    for id_, passage in load_document(folder).passages.items():
        claim = knowledge.claims[id_]
        values = [value for _, value in leaves(claim.values)]
        complaints += [f"{id_} lacks {value}" for value in values if not has(passage.text, value)]
        known = [*figures(claim.says), *(value for value in values if not isinstance(value, str))]
        complaints += [
            f"{id_} has {figure:g} of its own"
            for figure in figures(passage.text)
            if not any(math.isclose(figure, value) for value in known)
        ]
        for fence in FENCE.findall(passage.text):
            if dict(leaves(yaml.safe_load(fence))) != dict(leaves(claim.values)):
                complaints.append(f"{id_} prints another config")
    return complaints


def thresholds_out_of_step(folder: Path) -> list[str]:
    """Where a threshold is not what its passage says, or words derive it from a figure that no passage has."""
    passages = load_document(folder).passages
    base = read_rulebase([rules_dir()], folder)
    params = {*base.knowledge.parameters.values(), *(param for file in base.files for param in file.rule.params)}
    everything = "\n".join(passage.text for passage in passages.values())
    complaints = []
    for param in params:
        cited = cited_claims(param.source)
        quoted = figures(param.source)
        if cited and not quoted:
            lacking = [claim for claim in cited if not has(passages[claim].text, param.value)]
            complaints += [f"{param.name} = {param.value} is not in {claim}" for claim in lacking]
        elif cited:
            unsaid = [figure for figure in quoted if not has(everything, figure)]
            complaints += [f"{param.name} rests on {figure:g}, which is in no passage" for figure in unsaid]
    return complaints


def settings_by_word() -> dict[str, str]:
    """The settings by the last word of the key that the document writes them under, that of the fork."""
    keys = TRAINERS[RELAXIS].settings
    return {keys[0].rpartition(".")[2]: setting for setting, keys in keys.items() if "[]" not in keys[0]}


def recipes_out_of_step(folder: Path) -> list[str]:
    """Where a recipe holds another value than a claim it cites, or one that the claim's passage lacks."""
    knowledge = load_knowledge(folder)
    passages, settings = load_document(folder).passages, settings_by_word()
    return [
        f"{recipe.name}: {name} is {recipe.values[name]}, not as in {claim}"
        for recipe in knowledge.recipes.values()
        for claim in recipe.claims
        for key, value in leaves(knowledge.claims[claim].values)
        if (name := settings.get(key, key)) in recipe.values
        and (recipe.values[name] != value or not has(passages[claim].text, recipe.values[name]))
    ]


def test_every_figure_of_a_claim_stands_in_its_passage_and_no_other_does() -> None:
    assert claims_out_of_step(knowledge_dir()) == []


def test_every_threshold_is_the_one_its_source_names() -> None:
    assert thresholds_out_of_step(knowledge_dir()) == []


def test_every_recipe_is_the_one_of_its_claims() -> None:
    assert recipes_out_of_step(knowledge_dir()) == []


def test_recipes_take_whole_configs_from_the_document(knowledge: Knowledge) -> None:
    for name, claim in (("recommended", "CFG-01"), ("conservative", "CFG-02")):
        settings, written = settings_by_word(), knowledge.claims[claim].values
        assert {settings.get(key, key): value for key, value in written.items()}.items() <= dict(
            knowledge.recipes[name].values
        ).items()


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        ("document/weights.md", "0.008 to 0.010.", "0.008 to 0.011.", "WGT-01 lacks 0.01"),
        ("document/the-case.md", "by 5.4 % and", "by 54 % and", "CASE-08 lacks 0.054"),
        ("document/the-case.md", "1.48e-4", "1.48e-5", "CASE-05 lacks 0.000148"),
        ("document/the-case.md", "for 10 000 steps", "for 1000 steps", "CASE-09 lacks 10000"),
        ("document/alpha-phases.md", "| 0.47 |", "| 0.48 |", "PHS-02 has 0.48 of its own"),
        ("document/learning-rates.md", "high_noise_max_lr: 5.0e-4", "high_noise_max_lr: 2.0e-5", "CFG-01 lacks 0.0005"),
        ("document/learning-rates.md", "      beta2: 0.999\n", "", "CFG-01 lacks 0.999"),
        ("document/preflight-checklist.md", "`uint4`", "`uint8`", "CHK-06 lacks uint4"),
        ("claims.yaml", "growth_low: 0.071", "growth_low: 0.072", "CASE-08 lacks 0.072"),
        ("claims.yaml", "values: {foundation_alpha: 8}", "values: {foundation_alpha: 9}", "PHS-05 lacks 9"),
    ],
)
def test_a_claim_that_drifts_is_noticed(changed: Change, name: str, old: str, new: str, complaint: str) -> None:
    assert complaint in claims_out_of_step(changed(name, old, new))


def test_settings_that_change_places_are_noticed(changed: Change) -> None:
    settings = "beta2: {}\n      weight_decay: 1.0e-4\n      clip_threshold: {}\n"
    folder = changed("document/learning-rates.md", settings.format(0.999, 1), settings.format(1, 0.999))
    assert claims_out_of_step(folder) == ["CFG-01 prints another config"]


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        ("parameters.yaml", "{value: 1.5, ", "{value: 1.4, ", "weight_ratio_min = 1.4 is not in WGT-02"),
        (
            "document/duration-and-stopping.md",
            "steps 2000 and 2400",
            "steps 2000 and 2500",
            "steps_degraded = 2400 is not in DUR-01",
        ),
        ("parameters.yaml", "the failed 1.35", "the failed 1.45", "lr_ratio_low rests on 1.45, which is in no passage"),
    ],
)
def test_a_threshold_that_drifts_is_noticed(changed: Change, name: str, old: str, new: str, complaint: str) -> None:
    assert thresholds_out_of_step(changed(name, old, new)) == [complaint]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("recipes.yaml", "rate.max.high: 5.0e-4", "rate.max.high: 6.0e-4"),
        ("document/learning-rates.md", "high_noise_max_lr: 5.0e-4", "high_noise_max_lr: 6.0e-4"),
    ],
)
def test_a_recipe_that_drifts_is_noticed(changed: Change, name: str, old: str, new: str) -> None:
    (complaint,) = recipes_out_of_step(changed(name, old, new))
    assert complaint.startswith("recommended: rate.max.high is ")
    assert complaint.endswith(", not as in CFG-01")


@given(st.floats(min_value=1e-7, max_value=1e6), st.sampled_from(["{:.17g}", "{:.16e}", "{!r}"]))
def test_a_number_is_found_in_any_notation(value: float, notation: str) -> None:
    assert has(f"It was {notation.format(value)}, then 1.", value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10 000 steps, 3070 done", [10000, 3070]),
        ("grew by 7.1 %.", [0.071]),
        ("2e-5 or 2.0e-5;", [2e-5, 2e-5]),
        ("WGT-01, run-v15, wan22_14b_i2v, uint4, A14B", []),
        ("at shift 5: 36% of it", [5, 0.36]),
    ],
)
def test_figures_are_read_as_people_write_them(text: str, found: list[float]) -> None:
    assert figures(text) == pytest.approx(found)
