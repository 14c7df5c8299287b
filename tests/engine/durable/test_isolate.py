from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from diagnose.core.values import Fact
from diagnose.engine.durable import isolate
from diagnose.engine.infer import DURABLE, infer
from diagnose.engine.inference import MATCHER, Inference
from diagnose.rulebase.rule import EACH, Condition, Op, Rule, Test

pytestmark = pytest.mark.usefixtures("c_engine")

Diagnose = Callable[[], Inference]


@pytest.fixture
def diagnose(make_rule: Callable[..., Rule], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Diagnose:
    monkeypatch.setenv("DIAGNOSE_CACHE_DIR", str(tmp_path / "cache"))
    rule = make_rule("a", when=(Condition("rate", EACH, (Test(Op.GT, 1e-06),), "rate"),))
    return lambda: infer([rule], [Fact("rate", "high", 5e-06), Fact("rate", "low", 5e-07)])


def saved(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "cache").glob("engine-*"))


def child(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Put a child in the engine's place that reads its request and then does something else."""
    reading = "import os, sys, time, signal\nwhile sys.stdin.readline().strip() or sys.stdin.readline().strip(): pass\n"
    monkeypatch.setattr(isolate, "command", lambda _: [sys.executable, "-I", "-S", "-c", reading + code])


def test_the_engine_answers_from_a_child_process(diagnose: Diagnose, tmp_path: Path) -> None:
    inference = diagnose()
    assert (inference.engine, inference.engine_note) == (DURABLE, "")
    assert [firing.subject for firing in inference.firings] == ["high"]
    assert saved(tmp_path) == []


@pytest.mark.parametrize(
    ("code", "note"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "the engine's process was killed by SIGSEGV"),
        ("os.abort()", "the engine's process was killed by SIGABRT"),
        ("sys.exit('out of luck')", "the engine's process ended with status 1: out of luck"),
        ("sys.exit(0)", "the engine's process ended with status 0: no word why"),
        ("1 / 0", "ended with status 1: ZeroDivisionError: division by zero"),
        ("print('!error code: 303')", "error code: 303"),
        ("print('{]'); print(flush=True); time.sleep(30)", "the engine answered what is no match: '{]'"),
        ("print('\\x00\\xff garbage'); print()", "the engine answered what is no match"),
        ("print(flush=True); time.sleep(30)", "the engine misses rule a for high on rate"),
        ('print(\'{"r0v0": {"i":\', flush=True)', "the engine's process ended with status 0"),
    ],
)
def test_whatever_breaks_in_the_child_the_matcher_answers(
    diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, note: str
) -> None:
    right = diagnose()
    child(monkeypatch, code)
    inference = diagnose()
    assert inference.engine == MATCHER
    assert note in inference.engine_note
    assert inference.firings == right.firings
    (file,) = saved(tmp_path)
    assert f"its input is saved in {file}" in inference.engine_note
    assert '{"__gate__"' in file.read_text(encoding="utf-8")


def test_a_child_that_hangs_is_killed(diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch) -> None:
    child(monkeypatch, "time.sleep(30)")
    monkeypatch.setattr(isolate, "SECONDS", 0.3)
    inference = diagnose()
    assert inference.engine == MATCHER
    assert "the engine gave no answer within 0.3 s" in inference.engine_note


def test_a_child_that_is_dead_before_it_is_asked(diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolate, "command", lambda _: [sys.executable, "-I", "-S", "-c", "raise SystemExit(7)"])
    assert "ended with status 7" in diagnose().engine_note


def test_a_child_that_cannot_be_started(diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(isolate, "command", lambda _: [str(tmp_path / "no such interpreter")])
    inference = diagnose()
    assert inference.engine == MATCHER
    assert "the engine's process does not start" in inference.engine_note
    assert saved(tmp_path) == []


def test_an_input_that_cannot_be_saved_is_said_so(
    diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    child(monkeypatch, "os.abort()")
    assert "its input could not be saved" in diagnose().engine_note


def test_a_saved_input_can_be_sent_again(diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spec = find_spec("durable_rules_engine")
    assert spec is not None
    assert spec.origin is not None
    command = isolate.command(Path(spec.origin).parent)
    child(monkeypatch, "os.abort()")
    diagnose()
    (file,) = saved(tmp_path)
    with file.open(encoding="utf-8") as request:
        answer = subprocess.run(command, stdin=request, capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout.startswith('{"r0v0"')


def test_the_environment_does_not_reach_the_childs_imports(
    diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "itertools.py").write_text("raise RuntimeError('hijacked')")
    (tmp_path / "durable_rules_engine.py").write_text("raise RuntimeError('hijacked')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert diagnose().engine == DURABLE
