"""Which versions do not go together, by the knowledge and by what a run tells of its environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnose import console, postmortem
from diagnose.rulebase.environments import BadCombination, PartRange, numbers
from diagnose.verdict.report import Report

CRASH = "Traceback (most recent call last):\n  File x\nValueError: no\n"


def found(report: Report) -> dict[str, str]:
    return {each.subject: each.message for each in report.findings if each.name == "packages-do-not-fit"}


@pytest.mark.parametrize(
    ("versions", "subject"),
    [
        ("torchao==0.17.0\ntorch==2.10.0\n", "torchao-needs-newer-torch"),
        ("torchao==0.17.0\ntorch==2.11.0\n", None),
        ("torchao==0.16.0\ntorch==2.10.0\n", None),
        ("bitsandbytes==0.45.0\ntriton==3.2.0\n", "bitsandbytes-older-than-triton"),
        ("bitsandbytes==0.45.1\ntriton==3.2.0\n", None),
        ("bitsandbytes==0.45.0\ntorch==2.6.0\n", "bitsandbytes-older-than-torch"),
        ("numpy==2.0.0\ntorch==2.2.2\n", "numpy-newer-than-torch"),
        ("numpy==1.26.4\ntorch==2.2.2\n", None),
        ("numpy==2.0.0\ntorch==2.3.0\n", None),
        ("huggingface-hub==1.0.0\ntransformers==4.57.1\n", "hub-newer-than-transformers"),
        ("huggingface-hub==0.36.0\ntransformers==4.57.1\n", None),
        ("diffusers==0.35.1\ntransformers==5.0.0\n", "diffusers-older-than-transformers"),
        ("diffusers==0.35.2\ntransformers==5.0.0\n", None),
        ("Device: NVIDIA GeForce RTX 5090\ntorch==2.6.0+cu126\n", "torch-older-than-gpu"),
        ("Device: NVIDIA GeForce RTX 4090\ntorch==2.6.0+cu126\n", None),
        ("torchao==0.17.0\n", None),
    ],
)
def test_a_combination_is_found_where_all_its_parts_are(versions: str, subject: str | None) -> None:
    assert set(found(console((versions + CRASH).encode()))) == ({subject} if subject else set())


def test_the_finding_names_both_versions_and_the_way_back() -> None:
    report = console(("torchao==0.17.0\ntorch==2.9.1\n" + CRASH).encode())
    assert found(report)["torchao-needs-newer-torch"].startswith("torchao 0.17.0 with torch 2.9.1: torchao 0.17 and")
    (finding,) = (each for each in report.findings if each.name == "packages-do-not-fit")
    assert "a version to go back to: torchao 0.15.0 for torch 2.9.1" in finding.changes[0].because
    assert [(each.name, each.version, str(each.place)) for each in report.run.environment] == [
        ("torch", "2.9.1", "standard input:2"),
        ("torchao", "0.17.0", "standard input:1"),
    ]


def test_a_file_beside_the_run_tells_too(tmp_path: Path) -> None:
    (tmp_path / "run.log").write_text(f'  File "toolkit/x.py"\nRunning 1 job\n{CRASH}')
    (tmp_path / "pip_freeze.txt").write_text("numpy==2.0.0\ntorch==2.2.2\n")
    report = postmortem(tmp_path)
    assert set(found(report)) == {"numpy-newer-than-torch"}
    assert "pip_freeze.txt" in report.run.files
    assert "asked for" in report.to("markdown", full=True)


def test_versions_compare_as_numbers() -> None:
    assert numbers("2.10") == (2, 10, 0)
    assert numbers("2.9.1+cu128") < numbers("2.10.0")
    one = BadCombination("x", "says", (PartRange("a", since="1.0"), PartRange("b", before="2.0")), "do")
    assert [one.is_here(each) for each in ({"a": "1.0", "b": "1.9"}, {"a": "1.0"}, {"a": "0.9"})] == [
        True,
        None,  # the part that decides is not known
        False,
    ]
