from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from knowledge_files import load_knowledge
from sound_base import FaultsOf

from diagnose.core.paths import knowledge_dir
from diagnose.rulebase.knowledge import questions_by_answer
from diagnose.rulebase.reading.load import Reading
from diagnose.rulebase.reading.question_file import read_questions
from diagnose.rulebase.yaml_places import parse

SOUND = r"""
where:
  asks: Where to?
  words: ['\bgo (left|right)\b']
  answers:
    go-left: {says: Go left.}
    go-right: {says: Go right., by: [keep]}
when:
  asks: When?
  answers: {now: {says: Now.}, later: {says: Later.}}
"""


def faults(text: str) -> list[str]:
    document = parse("exclusive.yaml", text)
    read_questions(document)
    return [str(fault) for fault in document.faults]


def test_ours_ask_what_can_be_answered_in_two_ways() -> None:
    questions = load_knowledge(knowledge_dir()).questions
    assert {"saved-checkpoints", "next-start", "which-expert-gains"} <= set(questions)
    for question in questions.values():
        assert question.asks.endswith("?")
        assert all(answer.says.endswith(".") for answer in question.answers)


def test_the_first_of_the_answers_given_stands() -> None:
    document = parse("exclusive.yaml", SOUND)
    questions = read_questions(document)
    assert document.faults == []
    where = questions["where"]
    assert [answer.parts for answer in where.answers] == [(), ("keep",)]
    for given, standing in ((["go-right", "go-left"], "go-left"), (["go-right", "now"], "go-right"), (["now"], None)):
        stands = where.standing(given)
        assert (stands.name if stands is not None else None) == standing
    assert {name: question.name for name, question in questions_by_answer(questions).items()} == {
        "go-left": "where", "go-right": "where", "now": "when", "later": "when",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "later:",
            "go-left:",
            "10: when.answers.go-left: go-left answers where already; an answer has a name of its own",
        ),
        (
            "go (left|right)",
            "go (left",
            "4: where.words[0]: \\bgo (left\\b is no regular expression: missing ), unterminated",
        ),
        (", later: {says: Later.}", "", "10: when.answers: "),
        ("asks: When?", "ask: When?", "9: when.ask: unknown key"),
    ],
)
def test_what_is_wrong_is_told(old: str, new: str, expected: str) -> None:
    assert any(fault.startswith(f"exclusive.yaml:{expected}") for fault in faults(SOUND.replace(old, new, 1)))


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
CHANGE = "{setting: steps, op: set, value: 2, because: enough, applicability: safe}"


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
    assert [fault.text for fault in read().faults] == ["end.answers.later: nothing gives this answer"]
