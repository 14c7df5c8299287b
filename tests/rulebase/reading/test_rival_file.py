from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from knowledge_files import load_knowledge
from sound_base import FaultsOf

from diagnose.core.resources import knowledge_dir
from diagnose.rulebase.knowledge import questions_by_answer
from diagnose.rulebase.reading.load import Reading, load_rulebase
from diagnose.rulebase.reading.rival_file import read_questions
from diagnose.rulebase.rivals import Cost
from diagnose.rulebase.rule import Op
from diagnose.rulebase.yaml_places import parse

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


SOUND_QUESTION_FILE = r"""
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


def faults_question_file(text: str) -> list[str]:
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
    document = parse("exclusive.yaml", SOUND_QUESTION_FILE)
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
    assert any(
        fault.startswith(f"exclusive.yaml:{expected}")
        for fault in faults_question_file(SOUND_QUESTION_FILE.replace(old, new, 1))
    )


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


FAULTS_QUESTION_FILE = [
    ("cause", MESSAGE, f"{MESSAGE}\nstates: earlie", "states: exclusive.yaml has no answer earlie; did you mean earlier?"),
    ("cause", MESSAGE, f"{MESSAGE}\nstates: later", "states: earlier would leave this finding out, which is more than info; name the answer on its advice"),
    ("remedy", "changes:\n", "states: earlier\nchanges:\n", "states: a remedy words no finding; name the answer on its advice"),
    ("remedy", "because: enough", "states: earlier, because: enough", "changes[0].states: only an advice states an answer; a key has one owner"),
    ("remedy", "changes:\n", f"changes:\n  - {ADVICE.replace('BECAUSE', 'end earlier')}\n", "changes[0].because: this speaks of end: name its answer under states (earlier, later)"),
]  # fmt: skip


@pytest.mark.usefixtures("asking")
@pytest.mark.parametrize(
    ("part", "old", "new", "expected"), FAULTS_QUESTION_FILE, ids=[fault[3] for fault in FAULTS_QUESTION_FILE]
)
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
