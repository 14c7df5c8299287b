from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from diagnose.rulebase.reading.load import Reading, load_rulebase
from diagnose.rulebase.rivals import Cost
from diagnose.rulebase.rule import Op

SOUND = """\
tests:
  look: {cost: a look, does: Look at the log.}
  train: {cost: a run, does: Train without it.}
rivals:
  few-steps:
    explains: {high-noise-too-weak: look, experts-out-of-balance: train}
    title: few steps
    says: It is young.
    ruled_out_by:
      - {fact: run.steps, ge: 2000}
    supported_by:
      - all:
          - {fact: weights.magnitude, of: each, lt: $high_magnitude_min}
          - {fact: run.steps, lt: 2000}
    grade: reported
    references: ["x/y #1"]
"""


@pytest.fixture
def faults(base: Path, read: Callable[[], Reading]) -> Callable[[str, str], list[str]]:
    """Return the faults once a text of the file is replaced, from the rival's name on."""

    def faults(old: str, new: str) -> list[str]:
        assert SOUND.count(old) == 1
        (base / "knowledge/rivals.yaml").write_text(SOUND.replace(old, new), encoding="utf-8")
        return [f"{fault.line}: {fault.text}" for fault in read().faults]

    return faults


def test_a_sound_file_is_read(base: Path) -> None:
    (base / "knowledge/rivals.yaml").write_text(SOUND, encoding="utf-8")
    [rival] = load_rulebase([base / "rules"], base / "knowledge").knowledge.rivals.values()
    assert {rule: test.cost for rule, test in rival.explains.items()} == {
        "high-noise-too-weak": Cost.LOOK,
        "experts-out-of-balance": Cost.RUN,
    }
    assert [condition.fact for condition in rival.conditions] == ["run.steps", "weights.magnitude", "run.steps"]
    assert rival.params == {"high_magnitude_min"}


def test_the_users_threshold_is_used(base: Path) -> None:
    (base / "knowledge/rivals.yaml").write_text(SOUND, encoding="utf-8")
    found = load_rulebase([base / "rules"], base / "knowledge", {"high_magnitude_min": "0.01"})
    [[magnitude, steps]] = found.knowledge.rivals["few-steps"].supported_by
    assert (magnitude.tests[0].op, magnitude.tests[0].operand) == (Op.LT, 0.01)
    assert steps.tests[0].operand == 2000


FAULTS = [
    ("high-noise-too-weak: look", "high-noise-too-weak: lok", "6: rivals.few-steps.explains.high-noise-too-weak: there is no test lok; did you mean look?"),
    ("high-noise-too-weak: look", "high-noise-to-weak: look", "6: rivals.few-steps.explains.high-noise-to-weak: no rule is called high-noise-to-weak; did you mean high-noise-too-weak?"),
    ("run.steps, ge: 2000", "run.stops, ge: 2000", "10: rivals.few-steps.ruled_out_by[0]: run.stops is not declared in facts.yaml; did you mean run.steps?"),
    ("run.steps, ge: 2000", "run.steps, of: high, ge: 2000", "10: rivals.few-steps.ruled_out_by[0]: run.steps is a fact of the run, not of high"),
    ("run.steps, ge: 2000", "run.steps, is: many", "10: rivals.few-steps.ruled_out_by[0]: run.steps is a number; 'many' is text"),
    ("run.steps, ge: 2000", "run.steps", "10: rivals.few-steps.ruled_out_by[0]: compare run.steps with something; to be known decides nothing"),
    ("run.steps, ge: 2000", "run.steps, ge: 2000, as: steps", "10: rivals.few-steps.ruled_out_by[0]: a name (as) is for rules; nothing here could use it"),
    ("run.steps, ge: 2000", "run.steps, ge: {ref: steps}", "10: rivals.few-steps.ruled_out_by[0]: a reference is for rules; give a value or a $parameter"),
    ("lt: $high_magnitude_min", "lt: $high_magnitud_min", "13: rivals.few-steps.supported_by[0].all[0].lt: there is no parameter high_magnitud_min; did you mean high_magnitude_min?"),
    ("It is young.", "it is young", "8: rivals.few-steps.says: write a sentence: a capital first, a full stop last"),
    ("It is young.", f"It is {'very ' * 50}young.", "8: rivals.few-steps.says: 262 characters; at most 200 are read in a list"),
    ("    grade:", "    ask: Tell me.\n    grade:", "15: rivals.few-steps.ask: write a question"),
    ("experts-out-of-balance: train", "experts-out-of-balance: look", "3: tests.train: no rival uses this test"),
    ("grade: reported", "grade: rumoured", "15: rivals.few-steps.grade: give 'by-construction', 'corroborated' or 'reported'"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), FAULTS, ids=[fault[2] for fault in FAULTS])
def test_a_fault_is_told_with_its_line(
    faults: Callable[[str, str], list[str]], old: str, new: str, expected: str
) -> None:
    assert expected in faults(old, new)


def test_a_rival_that_nothing_decides_is_a_fault(faults: Callable[[str, str], list[str]]) -> None:
    undecided = SOUND[SOUND.index("    ruled_out_by") : SOUND.index("    grade")]
    assert faults(undecided, "") == [
        "5: rivals.few-steps: no fact decides it and nobody is asked; give conditions or ask"
    ]


def test_one_condition_cannot_speak_both_ways(faults: Callable[[str, str], list[str]]) -> None:
    both = "    ruled_out_by:\n      - {fact: run.steps, lt: 5}\n    supported_by:\n      - {fact: run.steps, lt: 5}\n"
    decided = SOUND[SOUND.index("    ruled_out_by") : SOUND.index("    grade")]
    assert faults(decided, both) == ["5: rivals.few-steps: one condition both rules it out and supports it"]
