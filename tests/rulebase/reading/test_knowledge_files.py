from __future__ import annotations

from pathlib import Path

import pytest
from knowledge_files import load_knowledge
from sound_base import FaultsOf

from diagnose.core.errors import DiagnoseError
from diagnose.rulebase.fact_declarations import FactDeclaration, FactType, SubjectKind
from diagnose.rulebase.knowledge import Claim, Recipe, cited_claims
from diagnose.rulebase.rule import Param

FAULTS = [
    ("facts", "lr.ratio: {type: number", "lr.ratio: {type: float", "3: lr.ratio.type: give 'number', 'text' or 'bool'"),
    ("facts", "subject: key", "subject: keys", "6: config.weighting.subject: give 'run', 'training', 'expert', 'key', 'dataset', 'phase', 'checkpoint', 'package' or 'part'"),
    ("facts", "lr.ratio: {", "cause.ratio: {", "3: cause.ratio: names under symptom and cause are what rules derive"),
    ("facts", "lr.ratio: {", "lr.Ratio: {", "3: lr.Ratio: 'lr.Ratio' is not a fact: lower-case words joined by dots, like weights.magnitude"),
    ("facts", "critical_samples: 200", "critical_samples: 200, major_samples: 300", "3: lr.ratio: major_samples must not exceed critical_samples"),
    ("facts", "critical_samples: 200", "critical_samples: 0", "3: lr.ratio.critical_samples: give at least 1"),
    ("facts", "meaning: high over low, ", "", "3: lr.ratio: the key meaning is missing"),
    ("facts", "run.steps: {", "lr.ratio: {", "4: duplicate key lr.ratio: it is already at line 3"),
    ("parameters", "value: 3", "value: [3]", "2: lr_ratio_min.value: give a number, a text, true or false"),
    ("parameters", "value: 3", "value: 3e0", "2: lr_ratio_min.value: 3e0 is not a number to every YAML reader: write 3.0 (or quote it for text)"),
    ("parameters", "CASE-03", "CASE-04", "2: lr_ratio_min.source: there is no claim CASE-04; did you mean CASE-03?"),
    ("parameters", ", meaning: at least", "", "2: lr_ratio_min: the key meaning is missing"),
    ("parameters", "lr_ratio_min:", "lr-ratio-min:", "2: lr-ratio-min: 'lr-ratio-min' is not a name: lower-case letters, digits and _, like lr_ratio_min"),
    ("recipes", "conservative:", "bold:", "4: bold: unknown key"),
    ("recipes", "{steps: 2000, bump", "{bump", "4: conservative: steps is missing, which another strategy has"),
    ("recipes", "claims: [CFG-05]\n  values: {steps: 2000", "claims: [CFG-06]\n  values: {steps: 2000", "5: conservative.claims: there is no claim CFG-06; did you mean CFG-05?"),
    ("claims", "id: RES-01", "id: CFG-05", "7: claims[3].id: claim CFG-05 is already further up"),
    ("claims", "version: 1", "version: one", "1: version: give a whole number"),
    ("claims", "says: What it was.", "syas: What it was.", "6: claims[2].syas: unknown key; did you mean says?"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "old", "new", "expected"), FAULTS, ids=[fault[3] for fault in FAULTS])
def test_a_fault_of_the_knowledge_is_told_at_its_line(
    faults_of: FaultsOf, part: str, old: str, new: str, expected: str
) -> None:
    found = faults_of(part, old, new)
    assert f"{part}:{expected}" in found
    assert {fault.partition(":")[0] for fault in found} == {part}, "one fault must not make others of other files"


def test_the_registries_are_read(base: Path) -> None:
    knowledge = load_knowledge(base / "knowledge")
    assert knowledge.facts["lr.ratio"] == FactDeclaration(
        "lr.ratio", FactType.NUMBER, "", SubjectKind.RUN, "high over low", "a log", critical_samples=200
    )
    assert knowledge.facts["weights.magnitude"].subject is SubjectKind.EXPERT
    assert knowledge.parameters["lr_ratio_min"] == Param("lr_ratio_min", 3, "", "CFG-05, CASE-03", 1)
    assert knowledge.meanings["lr_ratio_min"] == "at least"
    assert knowledge.recipes["recommended"] == Recipe("recommended", ("CFG-05",), {"steps": 2200, "bump": 2.0e-5})
    assert knowledge.claims["WGT-01"] == Claim(
        "WGT-01", "threshold", "How large.", ("weights",), {"high": [0.008, 0.010]}
    )


def test_a_major_finding_may_ask_for_as_many_samples_as_a_critical_one(
    faults_of: FaultsOf,
) -> None:
    assert faults_of("facts", "critical_samples: 200", "critical_samples: 200, major_samples: 200") == []


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("{value: 3, least: 4", "lr_ratio_min.value: give a number of at least 4"),
        ("{value: 3.5, whole: true", "lr_ratio_min.value: give a whole number"),
        ("{value: 3, least: 3, whole: true", None),
    ],
)
def test_a_parameter_holds_what_makes_sense_for_it(faults_of: FaultsOf, new: str, expected: str | None) -> None:
    assert faults_of("parameters", "{value: 3", new) == ([f"parameters:2: {expected}"] if expected else [])


def test_a_lower_bound_is_below_its_upper_one(faults_of: FaultsOf) -> None:
    upper = 'lr_ratio_max: {value: 2, unit: "", source: CFG-05, runs: 1, meaning: at most}\nlr_ratio_min: '
    assert faults_of("parameters", "lr_ratio_min: ", upper) == [
        "parameters:3: lr_ratio_min.value: lr_ratio_min = 3 is above lr_ratio_max = 2"
    ]


def test_a_missing_registry_is_a_fault(base: Path) -> None:
    (base / "knowledge/recipes.yaml").unlink()
    with pytest.raises(DiagnoseError, match=r"recipes\.yaml:1: this file of the knowledge is missing"):
        load_knowledge(base / "knowledge")


def test_claims_are_found_within_a_text() -> None:
    assert cited_claims("CASE-03, half way between WGT-01 and UTF-8") == ["CASE-03", "WGT-01"]
    assert cited_claims("commit 64b3e52, toolkit/optimizers.py") == []
