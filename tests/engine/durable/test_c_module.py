from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from diagnose.engine.durable import c_module
from diagnose.engine.durable.c_module import DurableError, fire, serve
from diagnose.engine.durable.encode import GO, KNOWN, message
from diagnose.engine.durable.patterns import GATE, TRUE

PACKAGE = Path(c_module.__file__).parents[1]
GATE_RULE = {"__gate__": {"all": [GATE]}}
RATE = {"c0": {"$and": [{"kind": "known"}, {"name": "rate"}, TRUE]}}
RULESET = json.dumps({**GATE_RULE, "r0v0": {"dist": 0, "all": [GATE, RATE]}})
FACTS = [message(n, KNOWN, "rate", subject, n) for n, subject in enumerate(("high", "low"))]
GATE_MESSAGE = message(2, GO)

needs_engine = pytest.mark.usefixtures("c_engine")


@needs_engine
def test_every_match_is_returned_and_the_gates_own_is_not() -> None:
    matches = [json.loads(match) for match in fire(RULESET, [*FACTS, GATE_MESSAGE])]
    assert sorted(match["r0v0"]["c0"]["subject"] for match in matches) == ["high", "low"]


@needs_engine
def test_one_message_may_fill_two_patterns() -> None:
    again = {"c1": RATE["c0"]}
    ruleset = json.dumps({**GATE_RULE, "r0v0": {"dist": 0, "all": [GATE, RATE, again]}})
    assert len(fire(ruleset, [*FACTS, GATE_MESSAGE])) == 4


@needs_engine
def test_a_negation_sees_what_came_after_the_positive() -> None:
    absent = {"z0$not": {"$and": [{"kind": "known"}, {"name": "benign"}, TRUE]}}
    ruleset = json.dumps({**GATE_RULE, "r0v0": {"dist": 0, "all": [GATE, RATE, absent]}})
    assert len(fire(ruleset, [*FACTS, GATE_MESSAGE])) == 2
    assert fire(ruleset, [*FACTS, message(3, KNOWN, "benign"), GATE_MESSAGE]) == []


class Recorder:
    """An engine that fires the gate a number of times, and keeps the names of the calls."""

    error = RuntimeError

    def __init__(self, gates: int) -> None:
        self.calls: list[str] = []
        self.matches: list[str | None] = ['{"__gate__":{}}'] * gates + [None]

    def __getattr__(self, name: str) -> Callable[..., object]:
        self.calls.append(name)
        answers = {"assert_fact": (0, 7), "start_action_for_state": ("state", self.matches[0])}
        if name == "complete_and_start_action":
            del self.matches[0]
            return lambda *_: self.matches[0]
        return lambda *_: answers.get(name, 1)


def test_a_run_frees_its_state_and_then_its_ruleset(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Recorder(gates=1)
    monkeypatch.setitem(sys.modules, "durable_rules_engine", engine)
    assert fire(RULESET, [GATE_MESSAGE]) == []
    assert engine.calls[-2:] == ["delete_state", "delete_ruleset"]


@pytest.mark.parametrize("gates", [0, 2])
def test_a_state_in_which_the_gate_did_not_fire_once_is_never_freed(
    monkeypatch: pytest.MonkeyPatch, gates: int
) -> None:
    engine = Recorder(gates)
    monkeypatch.setitem(sys.modules, "durable_rules_engine", engine)
    with pytest.raises(DurableError, match=f"the gate fired {gates} times"):
        fire(RULESET, [GATE_MESSAGE])
    assert "delete_state" not in engine.calls


@needs_engine
@pytest.mark.parametrize(
    ("ruleset", "messages", "fault"),
    [
        (RULESET, FACTS, "the gate fired 0 times"),
        (RULESET, [*FACTS, message(2, KNOWN, "other")], "the gate's message was not used"),
        (RULESET, [], "the gate's message was not used"),
        (RULESET, [*FACTS, FACTS[0], GATE_MESSAGE], "asserting a message returned 2"),
        (RULESET, ['{"id": "f0", "number": 5e-06}', GATE_MESSAGE], "error code: 20"),
        ("[]", [GATE_MESSAGE], "Could not create ruleset"),
    ],
)
def test_whatever_is_not_an_answer_is_an_error(ruleset: str, messages: list[str], fault: str) -> None:
    with pytest.raises(DurableError, match=fault):
        fire(ruleset, messages)


@needs_engine
def test_a_decimal_comma_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert c_module.decimal_point() == "."
    monkeypatch.setattr(c_module, "decimal_point", lambda: ",")
    with pytest.raises(DurableError, match="decimal comma"):
        fire(RULESET, [*FACTS, GATE_MESSAGE])


def wire(*loads: list[str]) -> str:
    return "".join("".join(f"{line}\n" for line in (*load, "")) for load in loads) + "\n"


@needs_engine
def test_the_child_answers_one_request_after_another() -> None:
    answers = io.StringIO()
    load = [RULESET, *FACTS, GATE_MESSAGE]
    serve(io.StringIO(wire(load, load) + wire(load)), answers)
    first, second, rest = answers.getvalue().split("\n\n")
    assert (len(first.splitlines()), len(second.splitlines()), rest) == (4, 2, "")


@needs_engine
def test_the_child_says_what_went_wrong_and_stops() -> None:
    answers = io.StringIO()
    serve(io.StringIO(wire([RULESET, *FACTS]) + wire([RULESET, GATE_MESSAGE])), answers)
    assert answers.getvalue() == "!the gate fired 0 times\n"


def test_the_child_stops_when_its_input_ends() -> None:
    answers = io.StringIO()
    serve(io.StringIO(""), answers)
    assert answers.getvalue() == ""


def test_the_child_says_that_the_module_is_missing(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", c_module.__file__, os.fspath(tmp_path)]
    answer = subprocess.run(command, input=wire([RULESET]), capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout == "!No module named 'durable_rules_engine'\n"


def test_the_child_imports_next_to_nothing() -> None:
    imported = {
        alias.name
        for node in ast.walk(_tree(Path(c_module.__file__)))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported == {"sys", "durable_rules_engine"}
    code = f"import sys; sys.argv[1:] = ['']; exec(open({c_module.__file__!r}).read()); print(*sys.modules)"
    command = [sys.executable, "-I", "-S", "-c", code]
    answer = subprocess.run(command, input="", capture_output=True, text=True, check=True, timeout=60)
    assert not {"json", "re", "typing", "collections", "importlib"} & set(answer.stdout.split())


def test_only_one_module_imports_the_c_module() -> None:
    importers = {
        path.name
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(_tree(path))
        if (isinstance(node, ast.Import) and any(alias.name.startswith("durable_rules") for alias in node.names))
        or (
            isinstance(node, ast.ImportFrom)
            and (node.module or "").split(".")[0] in ("durable", "durable_rules_engine")
        )
    }
    assert importers == {"c_module.py"}


def _tree(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))
