from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

import pytest
from knowledge_files import load_knowledge
from msgspec.structs import replace
from sound_base import Change, FaultsOf, FileOf

from diagnose.core.paths import knowledge_dir, rules_dir
from diagnose.core.values import Fact, Scalar
from diagnose.rulebase.fact_declarations import FactType
from diagnose.rulebase.lints.texts import lint_literals
from diagnose.rulebase.lints.vocabulary import vocabulary
from diagnose.rulebase.message import segments, worded
from diagnose.rulebase.reading.load import load_rulebase
from diagnose.rulebase.rule import Rule
from diagnose.rulebase.walk import bound_conditions, named_facts, shown_by_alias

PLACEHOLDER = "{magnitude_high:.4f}"
WORDING_FAULTS = [
    ("{magnitude}", "{magnitude} is no alias under applies, when or show; did you mean magnitude_low or magnitude_high?"),
    ("{ratio}", "{ratio} is no alias under applies, when or show"),
    ("{paused}", "{paused} is no alias under applies, when or show"),
    ("{$steps}", "{$steps} is no parameter"),
    ("{magnitude_high:x}", "{magnitude_high}: write a placeholder as {name} or {name:.2f}"),
    ("{magnitude_high:999f}", "{magnitude_high}: write a placeholder as {name} or {name:.2f}"),
    ("{magnitude_high!r}", "{magnitude_high}: write a placeholder as {name} or {name:.2f}"),
    ("{magnitude_high.places}", "{magnitude_high.places}: write a placeholder as {name} or {name:.2f}"),
    ("{magnitude_high[0]}", "{magnitude_high[0]}: write a placeholder as {name} or {name:.2f}"),
    ("{}", "{}: write a placeholder as {name} or {name:.2f}"),
    ("}", "Single '}' encountered in format string; write {{ and }} for braces"),
    ("{kind:.2f}", "a number format does not suit its value: Unknown format code 'f' for object of type 'str'"),
    ("{magnitude_high:d}", "a number format does not suit its value: Unknown format code 'd' for object of type 'float'"),
]  # fmt: skip


@pytest.mark.parametrize(("new", "expected"), WORDING_FAULTS, ids=[new for new, _ in WORDING_FAULTS])
def test_a_placeholder_can_be_filled(faults_of: FaultsOf, new: str, expected: str) -> None:
    assert faults_of("symptom", PLACEHOLDER, new) == [f"symptom:28: message: {expected}"]


@pytest.mark.parametrize(
    ("part", "old", "new", "expected"),
    [
        ("symptom", "because: faster", 'because: "{ratio}"', "31: changes[0].because: {ratio} is no alias under applies, when or show"),
        ("symptom", "because: faster", 'because: "a { brace"', "31: changes[0].because: expected '}' before end of string; write {{ and }} for braces"),
        ("symptom", "because: faster", 'because: "{kind:.1f}"', "31: changes[0].because: a number format does not suit its value: Unknown format code 'f' for object of type 'str'"),
        ("remedy", "because: enough", 'because: "{$steps}"', "14: changes[0].because: {$steps} is no parameter"),
        ("remedy", "setting: steps", 'setting: "{nosuch}"', "14: changes[0].setting: {nosuch} is no alias under applies, when or show"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_change_is_checked_like_the_message(
    faults_of: FaultsOf, part: str, old: str, new: str, expected: str
) -> None:
    assert faults_of(part, old, new) == [f"{part}:{expected}"]


@pytest.mark.parametrize("new", ["{magnitude_low}", "{kind}", "{$far_too_small:.1%}", "{{literally}}", "plain"])
def test_what_every_firing_binds_may_be_named(faults_of: FaultsOf, new: str) -> None:
    assert faults_of("symptom", PLACEHOLDER, new) == []


SHOW = "show:\n  - {fact: run.steps, as: steps}\n"


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("{steps}", "{steps} may be unknown: put what needs it in [ ], which is left out then"),
        ("x[ {steps}] {steps}", "{steps} may be unknown: put what needs it in [ ], which is left out then"),
        (
            "x[ {steps}][ or {kind}]",
            "a part in [ ] names nothing under show, so it is never left out: drop the [ ]",
        ),
        ("x[ {steps}", "[ is alone; write [[ and ]] for brackets"),
        ("x[ {stps}]", "{stps} is no alias under applies, when or show; did you mean steps?"),
        ("x[ {steps:x}]", "{steps}: write a placeholder as {name} or {name:.2f}"),
    ],
)
def test_what_is_only_shown_is_named_in_optional_segments(
    change: Change, faults_of: FaultsOf, new: str, expected: str
) -> None:
    change("symptom", "derives: [symptom.high", f"{SHOW}derives: [symptom.high")
    assert f"symptom:28: message: {expected}" in faults_of("symptom", PLACEHOLDER, new)


MESSAGE = "derives: [symptom.high_noise_too_weak]"
SHOWN_FAULTS = [
    ("{fact: run.stps}", "30: show[0].fact: run.stps is not declared in facts.yaml; did you mean run.steps?"),
    ("{fact: run.steps, of: high}", "30: show[0].of: run.steps is a fact of the run, not of high"),
    ("{fact: weights.magnitude, of: run}", "30: show[0].of: weights.magnitude is a fact of an expert (high, low or each), not of the run"),
    ("{fact: weights.magnitude, of: each}", "30: show[0].of: no condition ranges over subjects, so there is no `each`"),
    ("{fact: weights.magnitude, of: high}", "30: show[0]: weights.magnitude is shown already"),
    ("{fact: weights.kind}", "30: show[0]: weights.kind is shown already"),
    ("{fact: symptom.high_noise_too_weak}", "30: show[0].fact: symptom.high_noise_too_weak is a conclusion; a finding shows those as its proof"),
    ("{fact: run.steps, is: 3}", "30: show[0].is: unknown key; did you mean is?"),
    ("{fact: run.steps}\n  - {fact: run.steps}", "31: show[1]: run.steps is shown already"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), SHOWN_FAULTS, ids=[line for line, _ in SHOWN_FAULTS])
def test_what_is_shown_is_a_declared_fact_that_is_not_bound_anyway(
    faults_of: FaultsOf, line: str, expected: str
) -> None:
    assert f"symptom:{expected}" in faults_of("symptom", MESSAGE, f"show:\n  - {line}\n{MESSAGE}")


def test_what_is_read_in_an_alternative_or_under_unless_may_be_shown(faults_of: FaultsOf) -> None:
    show = "show:\n  - {fact: run.steps}\n  - {fact: run.paused}\n  - {fact: lr.ratio}\n"
    assert faults_of("symptom", MESSAGE, show + MESSAGE) == []


def test_each_follows_the_rules_subject(faults_of: FaultsOf) -> None:
    message = 'message: "The {subject}-noise'
    fault = faults_of("cause", message, f"show:\n  - {{fact: weights.magnitude, of: high}}\n{message}")
    assert fault == []


def test_a_remedy_has_no_evidence(faults_of: FaultsOf) -> None:
    faults = faults_of("remedy", "tests:\n", "show:\n  - {fact: run.steps}\ntests:\n")
    expected = "show[0]: a remedy has no evidence; give `as` and name it, or leave it out"
    assert any(expected in fault for fault in faults)


def test_what_has_a_name_is_named_somewhere(faults_of: FaultsOf) -> None:
    shown = "show:\n  - {fact: run.steps, as: steps}\n"
    expected = "symptom:30: show[0].as: nothing names steps; without `as` it is in the evidence only"
    assert expected in faults_of("symptom", MESSAGE, shown + MESSAGE)


NAMED = [
    ("; {subject}.", "[ after {steps} steps]; {subject}."),
    ("because: faster", 'because: "faster[, not after {steps} steps]"'),
    ("severity: critical, of: magnitude_high, lt: $far_too_small", "severity: critical, of: steps, is: 900"),
    ("op: set, recipe: bump", "op: set, fact: steps"),
]


@pytest.mark.parametrize(("old", "new"), NAMED, ids=[new for _, new in NAMED])
def test_message_advice_grade_and_change_may_name_it(change: Change, faults_of: FaultsOf, old: str, new: str) -> None:
    change("symptom", MESSAGE, f"show:\n  - {{fact: run.steps, as: steps}}\n{MESSAGE}")
    change("symptom", "lr.ratio: 1.35, run.steps: 900, run.paused: false}\n    expect: {fires: true, severity: major, m",
           "lr.ratio: 1.35, run.paused: false}\n    expect: {fires: true, severity: major, m")  # fmt: skip
    found = faults_of("symptom", old, new)
    assert [fault for fault in found if "show" in fault or "steps" in fault] == []


def test_a_condition_cannot_refer_to_it(change: Change, faults_of: FaultsOf) -> None:
    change("symptom", MESSAGE, f"show:\n  - {{fact: run.steps, as: size}}\n{MESSAGE}")
    found = faults_of("symptom", "gt: {ref: magnitude_high, times: 0.5}}", "gt: {ref: size}}")
    assert any("when[1].gt: no earlier condition has the alias size" in fault for fault in found)


def test_its_name_is_its_own(faults_of: FaultsOf) -> None:
    shown = "show:\n  - {fact: run.steps, as: magnitude_high}\n"
    expected = "symptom:30: show[0].as: the alias magnitude_high is taken; give another with `as`"
    assert expected in faults_of("symptom", MESSAGE, shown + MESSAGE)


def test_a_case_fires_with_it_unknown(faults_of: FaultsOf) -> None:
    shown = "show:\n  - {fact: run.paused, as: paused}\n"
    found = faults_of("symptom", '{subject}."\n', f'{{subject}}[ {{paused}}]."\n{shown}')
    assert "symptom:34: tests: no case fires with run.paused unknown, which is only shown" in found


ALONE = "nothing is asked of run.steps, so it is for the words alone: give it under show"


@pytest.mark.parametrize("words", ["message", "advice"])
def test_no_condition_is_there_for_the_words_alone(change: Change, faults_of: FaultsOf, words: str) -> None:
    change("cause", "as: size}\n", "as: size}\n  - {fact: run.steps, as: length}\n")
    found = faults_of("cause", "has {size}.", "has {size}." if words == "advice" else "has {size} after {length}.")
    assert f"cause:17: when[2]: {ALONE}" in found


def test_a_condition_that_a_test_or_change_needs_is_none_for_the_words(change: Change, faults_of: FaultsOf) -> None:
    change(
        "cause",
        "as: size}\n",
        "as: size}\n  - {fact: run.steps, as: length}\n  - {fact: lr.ratio, gt: {ref: length}}\n",
    )
    assert not any("words alone" in fault for fault in faults_of("cause", "has {size}.", "has {size} after {length}."))


def test_a_condition_that_an_alternative_asks_is_none_for_the_words(faults_of: FaultsOf) -> None:
    known = "  - {fact: run.steps, as: length}\n  - any:\n"
    assert not any("words alone" in fault for fault in faults_of("symptom", "  - any:\n", known))


WORDS = vocabulary((), load_knowledge(knowledge_dir()), complete=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a run ends at 2200 steps", 1),
        ("a save every 100 steps", 1),
        ("a run ends at {$steps_max} steps", 0),
        ("it moves by 2 % per 100 steps", 0),
        ("a rate of 2200 a second", 0),
        ("22000 steps, or 0.1800 of a step", 0),
    ],
)
def test_a_number_in_a_sentence_names_its_parameter(file_of: FileOf, text: str, found: int) -> None:
    file = file_of("symptom")
    spoken = replace(file, rule=replace(file.rule, message=text))
    assert len(list(lint_literals(spoken, WORDS))) == found


SOURCE_FAULTS = [
    ("claims: [WGT-01]\n", "claims: [WGT-02]\n", "15: claims[0]: there is no claim WGT-02; did you mean WGT-01?"),
    ("claims: [WGT-01]\n", "claims: []\nsources: [seen beside WGT-02]\n", "16: sources[0]: there is no claim WGT-02; did you mean WGT-01?"),
    ("half of WGT-01", "half of ABC-77", "17: params.far_too_small.source: there is no claim ABC-77"),
    ("recipe: bump", "recipe: bumb", "31: changes[0].recipe: recipes.yaml has no bumb; did you mean bump?"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), SOURCE_FAULTS)
def test_a_citation_leads_somewhere(faults_of: FaultsOf, old: str, new: str, expected: str) -> None:
    assert faults_of("symptom", old, new) == [f"symptom:{expected}"]


BASE = load_rulebase([rules_dir()], knowledge_dir())
SAMPLES: Mapping[FactType, Scalar] = {FactType.NUMBER: 12.5, FactType.TEXT: "text", FactType.BOOL: True}
CLUMSY = re.compile(r"  | [.,;:)]|\( |[,;:][,;.:]|\.\.|[\[\]]|^[ ,;:.]|[ ,;:]$")
TEXTS = [
    pytest.param(rule, text, id=f"{rule.id}-{index}")
    for rule in BASE.rules
    for index, text in enumerate([rule.message, *(change.because for change in rule.changes)])
    if any(segment.optional for segment in segments(text))
]


def values(rule: Rule, unknown: frozenset[str]) -> dict[str, Fact]:
    facts = {alias: each.fact for alias, each in named_facts(rule).items() if alias not in unknown}
    declared = BASE.knowledge.facts
    return {a: Fact(f, "run", SAMPLES[declared[f].type] if f in declared else True) for a, f in facts.items()}


def ways(rule: Rule, text: str) -> Iterator[frozenset[str]]:
    """Everything unknown, nothing, and every one or two of the rest.

    Of two segments that follow each other at once one is always known: they are two ways to say a thing.
    """
    aliases = sorted(shown_by_alias(rule))
    every = frozenset(aliases)
    some = [frozenset(each) for count in range(min(3, len(aliases))) for each in combinations(aliases, count)]
    yield from (way for way in (*some, every) if "][" not in text or way != every)


@pytest.mark.parametrize(("rule", "text"), TEXTS)
def test_a_text_reads_well_whatever_is_known(rule: Rule, text: str) -> None:
    for unknown in ways(rule, text):
        said = worded(text, rule, values(rule, unknown), "high").strip()
        assert not CLUMSY.search(said), (sorted(unknown), said)
        assert re.search(r"\w", said)


def test_what_a_rule_only_shows_is_no_condition_of_it() -> None:
    for rule in BASE.rules:
        assert not shown_by_alias(rule).keys() & bound_conditions(rule).keys()


def test_a_trainer_is_one_that_is_described(base: Path, faults_of: FaultsOf) -> None:
    described = base / "knowledge" / "trainers"
    described.mkdir()
    (described / "kiln.yaml").write_text("room: kiln\nkeys: {train: [bump]}\n")
    faults = faults_of("symptom", "trainers: any", "trainers: [kohya]")
    told = "trainers[0]: no trainer is called 'kohya'; give any, or some of kiln"
    assert any(each.endswith(told) for each in faults)
