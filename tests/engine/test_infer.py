from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from diagnose.core.errors import EngineError
from diagnose.core.values import Fact
from diagnose.engine import infer as engine_run
from diagnose.engine.durable import c_module, isolate
from diagnose.engine.infer import DURABLE, begin, infer
from diagnose.engine.inference import MATCHER
from diagnose.engine.plan import plan_all
from diagnose.rulebase.rule import Condition, Op, Rule, Test

MakeRule = Callable[..., Rule]

FACTS = [Fact("seed", "run", 2**64 - 1), Fact("prompt", "run", "x" * 5000), Fact("rate", "run", 5e-06)]


def rule_on(make_rule: MakeRule, name: str) -> list[Rule]:
    return [make_rule("a", when=(Condition(name, "run", (Test(Op.IS_NOT, 0),), "it"),))]


def test_the_matcher_can_be_asked_for(make_rule: MakeRule) -> None:
    inference = infer(rule_on(make_rule, "rate"), FACTS, engine="matcher")
    assert (inference.engine, inference.engine_note, len(inference.firings)) == (MATCHER, "", 1)


@pytest.mark.usefixtures("c_engine")
@pytest.mark.parametrize("name", ["seed", "prompt"])
def test_a_value_the_engine_cannot_hold_goes_to_the_matcher_if_a_rule_reads_it(make_rule: MakeRule, name: str) -> None:
    inference = infer(rule_on(make_rule, name), FACTS)
    assert inference.engine == MATCHER
    assert inference.engine_note.startswith("the engine cannot hold ")
    assert inference.engine_note.endswith("; the Python matcher answered instead")
    assert len(inference.firings) == 1
    assert infer(rule_on(make_rule, "rate"), FACTS).engine == DURABLE


@pytest.mark.usefixtures("c_engine")
def test_the_longest_texts_are_compared_to_their_last_character(make_rule: MakeRule) -> None:
    text = "\U0001f3ac" * 4095
    same = Condition(text, "run", (Test(Op.IS, text + "a"),), "same")
    other = Condition(text, "run", (Test(Op.IS, text + "b"),), "other")
    rules = [make_rule("a", when=(same,)), make_rule("b", when=(other,))]
    inference = infer(rules, [Fact(text, "run", text + "a")])
    assert [firing.rule for firing in inference.firings] == ["a"]
    assert inference.engine == DURABLE


@pytest.mark.usefixtures("c_engine")
def test_the_engine_in_this_process_raises_what_goes_wrong(
    make_rule: MakeRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert infer(rule_on(make_rule, "rate"), FACTS, engine="durable").engine == DURABLE
    monkeypatch.setattr(c_module, "decimal_point", lambda: ",")
    with pytest.raises(EngineError, match="decimal comma"):
        infer(rule_on(make_rule, "rate"), FACTS, engine="durable")


@pytest.mark.parametrize(
    ("name", "value", "note"),
    [
        ("sys", SimpleNamespace(version_info=(3, 13, 0)), "does not work on Python 3.13 and later"),
        ("find_spec", lambda _: None, "durable-rules is not installed"),
        ("_version_in", lambda _: "2.0.29", "durable-rules 2.0.29 is installed, and only 2.0.28 is known to be safe"),
    ],
)
def test_without_the_package_the_matcher_answers_and_says_why(
    make_rule: MakeRule, monkeypatch: pytest.MonkeyPatch, name: str, value: object, note: str
) -> None:
    monkeypatch.setattr(engine_run, "sys", SimpleNamespace(version_info=(3, 12, 0)))
    monkeypatch.setattr(engine_run, "find_spec", lambda _: SimpleNamespace(origin="/nowhere/engine.so"))
    monkeypatch.setattr(engine_run, "_version_in", lambda _: "2.0.28")
    monkeypatch.setattr(engine_run, name, value)
    inference = infer(rule_on(make_rule, "rate"), FACTS)
    assert inference.engine == MATCHER
    assert note in inference.engine_note
    with pytest.raises(EngineError, match=note):
        infer(rule_on(make_rule, "rate"), FACTS, engine="durable")


@pytest.mark.skipif(sys.version_info < (3, 13), reason="durable-rules may be installed")
def test_on_newer_pythons_the_matcher_answers(make_rule: MakeRule) -> None:
    inference = infer(rule_on(make_rule, "rate"), FACTS)
    assert inference.engine == MATCHER
    assert "Python 3.13" in inference.engine_note
    assert len(inference.firings) == 1


def test_contradictory_facts_are_an_error_for_both(make_rule: MakeRule) -> None:
    with pytest.raises(EngineError, match="rate of run is given twice"):
        infer(rule_on(make_rule, "rate"), [*FACTS, FACTS[2]])


@pytest.mark.parametrize(
    "written", ["durable_rules-2.0.29.dist-info/METADATA", "durable_rules-2.0.29-py3.10.egg-info/PKG-INFO"]
)
def test_the_version_is_read_from_what_the_installer_wrote(tmp_path: Path, written: str) -> None:
    assert "unknown" in engine_run._version_in(tmp_path)
    (tmp_path / written).parent.mkdir()
    (tmp_path / written).write_text("Metadata-Version: 2.1\nName: durable-rules\nVersion: 2.0.29\n", encoding="utf-8")
    assert engine_run._version_in(tmp_path) == "2.0.29"


@pytest.mark.usefixtures("c_engine")
def test_a_child_that_is_ready_answers_the_first_inference_only(
    make_rule: MakeRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[Path] = []

    def counted(folder: Path) -> isolate.Child:
        folders.append(folder)
        return isolate.Child(folder)

    monkeypatch.setattr(engine_run, "Child", counted)
    with engine_run.ready():
        assert len(folders) == 1
        assert infer(rule_on(make_rule, "rate"), FACTS).engine == DURABLE
        assert len(folders) == 1
        assert infer(rule_on(make_rule, "rate"), FACTS).engine == DURABLE
    assert len(folders) == 2
    assert infer(rule_on(make_rule, "rate"), FACTS).engine == DURABLE
    assert len(folders) == 3


@pytest.mark.usefixtures("c_engine")
def test_only_a_child_that_was_ready_is_not_waited_for(make_rule: MakeRule) -> None:
    rules = rule_on(make_rule, "rate")
    at_once = begin(plan_all(rules), FACTS)
    assert at_once.inference.engine == at_once.checked().engine == DURABLE
    with engine_run.ready():
        begun = begin(plan_all(rules), FACTS)
        assert begun.inference == infer(rules, FACTS, engine="matcher")
        assert begun.checked() == at_once.inference


@pytest.mark.usefixtures("c_engine")
def test_a_child_that_is_asked_and_not_waited_for_ends_with_the_block(make_rule: MakeRule) -> None:
    with engine_run.ready():
        child = (engine_run._waiting.get() or [])[0]
        begin(plan_all(rule_on(make_rule, "rate")), FACTS)
        assert not engine_run._waiting.get()
    assert child._process.poll() is not None


@pytest.mark.usefixtures("c_engine")
def test_a_child_that_nobody_asks_ends_with_the_block() -> None:
    with engine_run.ready():
        children = engine_run._waiting.get()
        assert children is not None
        process = children[0]._process
        assert process.poll() is None
    assert process.poll() is not None


def test_where_the_child_cannot_start_the_inference_says_so(
    make_rule: MakeRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_run, "find_spec", lambda _: None)
    with engine_run.ready():
        inference = infer(rule_on(make_rule, "rate"), FACTS)
    assert inference.engine == MATCHER
    assert "not installed" in inference.engine_note or "Python 3.13" in inference.engine_note
