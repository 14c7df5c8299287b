"""Every claim has a grade that says how sure a finding on it may be, why, and who else says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from knowledge_files import load_knowledge

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Confidence
from diagnose.rulebase.knowledge import EvidenceGrade, Knowledge, Standing
from diagnose.rulebase.reading.claim_files import REFERENCED

Change = Callable[[str, str, str], Path]
REFERENCE = re.compile(
    r"arXiv [0-9]{4}\.[0-9]{5}"
    r"|(?:fork|upstream) [\w/]+\.py:[0-9]+(?:-[0-9]+)?"
    r"|fork commit [0-9a-f]{7}"
    r"|[\w.-]+/[\w.-]+ #[0-9]+"
    r"|civitai [0-9]+|\w+ WAN 2\.2 (?:I2V )?guide|\w+ (?:wiki|presets)"
)


@pytest.fixture(scope="module")
def standings(knowledge: Knowledge) -> dict[str, Standing]:
    return dict(knowledge.standings)


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(DiagnoseError) as caught:
        load_knowledge(folder)
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()[1:]]


def line_of(folder: Path, text: str) -> int:
    lines = (folder / "grades.yaml").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(text))


def test_every_claim_has_a_grade_in_the_order_of_the_index(
    standings: dict[str, Standing], knowledge: Knowledge
) -> None:
    assert list(standings) == list(knowledge.claims)


def test_a_grade_limits_the_confidence(standings: dict[str, Standing]) -> None:
    assert {each.grade: each.ceiling for each in standings.values()} == {
        EvidenceGrade.BY_CONSTRUCTION: Confidence.HIGH,
        EvidenceGrade.CORROBORATED: Confidence.HIGH,
        EvidenceGrade.REFINED: Confidence.MEDIUM,
        EvidenceGrade.SINGLE_RUN: Confidence.MEDIUM,
        EvidenceGrade.CONTESTED: Confidence.LOW,
        EvidenceGrade.CONTRADICTED: Confidence.LOW,
    }


def test_the_measure_its_author_withdrew_makes_nobody_sure(standings: dict[str, Standing]) -> None:
    assert {standings[claim].ceiling for claim in ("WGT-01", "WGT-02", "STOP-04", "GOOD-01", "LES-08")} == {
        Confidence.LOW
    }


def test_what_the_trainer_does_is_certain(standings: dict[str, Standing]) -> None:
    assert {standings[claim].ceiling for claim in ("SNR-01", "CHK-13", "CHK-07", "PHS-03")} == {Confidence.HIGH}


def test_reasons_are_one_short_sentence(standings: dict[str, Standing]) -> None:
    for each in standings.values():
        assert re.fullmatch(r"[A-Z].{20,219}[.]", each.because), each
        assert not re.search(r"(?<!arXiv)[.] [A-Z]", each.because), each


def test_references_can_be_followed(standings: dict[str, Standing]) -> None:
    for each in standings.values():
        assert all(REFERENCE.fullmatch(reference) for reference in each.references), each
        assert each.references or each.grade not in REFERENCED


def test_rivals_are_referenced_like_grades(knowledge: Knowledge) -> None:
    cited = [reference for rival in knowledge.rivals.values() for reference in rival.references]
    assert [text for text in cited if not REFERENCE.fullmatch(text)] == []


def test_one_thing_said_in_several_places_has_one_grade(standings: dict[str, Standing]) -> None:
    for same in (
        ("WGT-02", "STOP-04", "GOOD-01"),
        ("DUR-02", "NXT-02", "CHK-10"),
        ("DUR-04", "NXT-03"),
        ("PHS-05", "LES-03"),
        ("LES-04", "CHK-14"),
        ("SNR-01", "CHK-13"),
        ("RES-02", "CHK-08"),
        ("CASE-03", "LES-05"),
        ("DUR-05", "CHK-17"),
        ("CFG-05", "CHK-09", "GOOD-04"),
    ):
        assert len({standings[claim].grade for claim in same}) == 1, same


def test_a_grade_left_out_is_a_fault(changed: Change) -> None:
    folder = changed("grades.yaml", "\n  LES-02:\n", "\n  LES-99:\n")
    missing, unknown = faults_of(folder)
    assert missing == f"grades.yaml:{line_of(folder, 'grades:')}: grades: claim LES-02 has no grade"
    assert unknown.startswith(
        f"grades.yaml:{line_of(folder, '  LES-99:')}: grades.LES-99: there is no claim LES-99; did you mean"
    )


def test_a_claim_has_one_grade(changed: Change) -> None:
    folder = changed("grades.yaml", "\n  LES-02:\n", "\n  LES-01:\n")
    assert any("duplicate key grades.LES-01" in fault for fault in faults_of(folder))


def test_an_unknown_grade_is_a_fault(changed: Change) -> None:
    folder = changed("grades.yaml", "LES-02:\n    grade: by-construction", "LES-02:\n    grade: certain")
    (fault,) = faults_of(folder)
    assert fault.startswith(f"grades.yaml:{line_of(folder, '    grade: certain')}: grades.LES-02.grade: give ")


def test_evidence_elsewhere_must_be_named(changed: Change) -> None:
    old = 'references: ["modelscope/DiffSynth-Studio #1066"]'
    folder = changed("grades.yaml", old, "references: []")
    line = line_of(folder, "  CHK-01:")
    assert faults_of(folder) == [f"grades.yaml:{line}: grades.CHK-01: say under references by what it is corroborated"]


def test_every_grade_needs_its_confidence(changed: Change) -> None:
    folder = changed("grades.yaml", "  contested: low\n", "")
    line = line_of(folder, "highest_confidence:")
    assert faults_of(folder) == [f"grades.yaml:{line}: highest_confidence: no confidence is given for contested"]
