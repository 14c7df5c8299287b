"""What rules state: answers that exist, one to a question, on what can be left out, and on every advice that needs one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from diagnose.rulebase.reading.load import Reading

FaultsOf: TypeAlias = "Callable[[str, str, str], list[str]]"
QUESTIONS = """\
end:
  asks: When does the run end?
  words: ['\\bend (earlier|later)\\b']
  answers:
    earlier: {says: Earlier., by: [keep]}
    later: {says: Later., by: [keep]}
"""
MESSAGE = 'message: "The {subject}-noise expert has {size}."'
ADVICE = "{op: advise, because: BECAUSE, applicability: manual}"
CHANGE = "{path: train.steps, op: set, value: 2, because: enough, applicability: safe}"


@pytest.fixture
def asking(base: Path) -> None:
    """A base with one question."""
    (base / "knowledge" / "exclusive.yaml").write_text(QUESTIONS, encoding="utf-8")


FAULTS = [
    ("cause", MESSAGE, f"{MESSAGE}\nstates: earlie", "states: exclusive.yaml has no answer earlie; did you mean earlier?"),
    ("cause", MESSAGE, f"{MESSAGE}\nstates: later", "states: earlier would leave this finding out, which is more than info; name the answer on its advice"),
    ("remedy", "changes:\n", "states: earlier\nchanges:\n", "states: a remedy words no finding; name the answer on its advice"),
    ("remedy", "because: enough", "states: earlier, because: enough", "changes[0].states: only an advice states an answer; a key has one owner"),
    ("remedy", "changes:\n", f"changes:\n  - {ADVICE.replace('BECAUSE', 'end earlier')}\n", "changes[0].because: this speaks of end: name its answer under states (earlier, later)"),
]  # fmt: skip


@pytest.mark.usefixtures("asking")
@pytest.mark.parametrize(("part", "old", "new", "expected"), FAULTS, ids=[fault[3] for fault in FAULTS])
def test_what_a_rule_states_is_checked(faults_of: FaultsOf, part: str, old: str, new: str, expected: str) -> None:
    assert any(fault.endswith(f": {expected}") for fault in faults_of(part, old, new))


@pytest.mark.usefixtures("asking")
@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("cause", MESSAGE, f"{MESSAGE}\nstates: earlier"),
        ("remedy", "changes:\n", f"changes:\n  - {ADVICE.replace('BECAUSE', 'end later, states: later')}\n"),
        ("remedy", "changes:\n", f"changes:\n  - {ADVICE.replace('BECAUSE', 'look at it')}\n"),
    ],
)
def test_what_can_be_left_out_or_stands_first_is_sound(faults_of: FaultsOf, part: str, old: str, new: str) -> None:
    assert faults_of(part, old, new) == []


def test_an_answer_that_nothing_gives_is_a_fault(base: Path, read: Callable[[], Reading]) -> None:
    text = QUESTIONS.replace("Later., by: [keep]", "Later.")
    (base / "knowledge" / "exclusive.yaml").write_text(text, encoding="utf-8")
    assert [fault.text for fault in read().faults] == ["end: nothing gives the answer later"]
