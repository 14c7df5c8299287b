"""Change one number or comparison of a module at a time, and ask the module's own tests whether they notice.

    python tests/bench/mutate.py diagnose/facts diagnose/verdict/run_summary.py (folders or files; writes reports/mutation.md)
    python tests/bench/mutate.py diagnose/facts/log/nan.py --only              (prints every survivor, writes nothing)

Mutants: numbers one up and one down (a tenth from 100 on, and for numbers with a point), `<` and `<=`, `>` and `>=`,
`==` and `!=`, `is`, `in`, `and` and `or`, `min` and `max`. Positions in a sequence, `rows[-1]`, are no limits; they are
tried with `--positions` only. A module is tested by the tests at its mirrored path alone.

Why a tool of our own: mutmut and cosmic-ray start Python and pytest anew for each mutant, about two seconds here. This
one collects a module's tests once and forks for each mutant: some milliseconds, and the time of the tests.
A survivor may be one that changes nothing that anybody could see: each is for somebody to look at.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import hypothesis
import pytest
import yaml

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "reports" / "mutation.md"
COMPARISONS: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
SWAPPED = {"min": "max", "max": "min"}
LARGE = 100
"""Numbers from here on are changed by a tenth, smaller whole ones by one."""
TIME_LIMIT = 20.0
"""Least seconds for the tests of one mutant; four times what they take without one, where that is more."""


@dataclass(frozen=True)
class Mutant:
    """One change: in which function, of what, to what. `node` counts the nodes of the tree in the order of `ast.walk`."""

    node: int
    variant: int
    line: int
    where: str
    change: str

    @property
    def name(self) -> str:
        """How a report names it: no line number, so that it outlives edits elsewhere."""
        return f"{self.where}: {self.change}"


def mutants_of(tree: ast.Module, *, positions: bool = False) -> list[Mutant]:
    """Return every mutant of a module, in the order of its lines."""
    places = _places(tree)
    skipped = _skipped(tree, positions=positions)
    found = []
    for index, node in enumerate(ast.walk(tree)):
        if id(node) in skipped:
            continue
        for variant, changed in enumerate(_variants(node)):
            where, statement = places.get(id(node), ("module", node))
            was, now = ast.unparse(statement), ast.unparse(_put(statement, node, changed))
            found.append(Mutant(index, variant, getattr(node, "lineno", 0), where, _difference(was, now)))
    return sorted(found, key=lambda mutant: (mutant.line, mutant.node, mutant.variant))


def mutated(tree: ast.Module, mutant: Mutant) -> ast.Module:
    """Return a copy of the tree with the mutant in it."""
    whole = copy.deepcopy(tree)
    node = list(ast.walk(whole))[mutant.node]
    changed = list(_variants(node))[mutant.variant]
    put = _put(whole, node, changed)
    assert isinstance(put, ast.Module)
    return ast.fix_missing_locations(put)


def _variants(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        yield from (ast.copy_location(ast.Constant(value), node) for value in _numbers(node.value))
    elif isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            changed = copy.copy(node)
            changed.ops = [*node.ops[:at], COMPARISONS[type(operator)](), *node.ops[at + 1 :]]
            yield changed
    elif isinstance(node, ast.BoolOp):
        changed_bool = copy.copy(node)
        changed_bool.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield changed_bool
    elif isinstance(node, ast.Name) and node.id in SWAPPED:
        yield ast.copy_location(ast.Name(SWAPPED[node.id], node.ctx), node)


def _numbers(value: float) -> tuple[float | int, ...]:
    if value == 0:
        return (1,)
    if not isinstance(value, int):
        return (1.1 * value, 0.9 * value)
    step = 1 if abs(value) < LARGE else value // 10
    return (value + step, value - step)


def _put(tree: ast.AST, node: ast.AST, changed: ast.AST) -> ast.AST:
    """Return the tree with one node in another's place; what lies beside it is shared with the old tree."""
    if tree is node:
        return changed
    result = copy.copy(tree)
    for name, value in ast.iter_fields(tree):
        if isinstance(value, ast.AST):
            setattr(result, name, _put(value, node, changed))
        elif isinstance(value, list):
            setattr(result, name, [_put(each, node, changed) if isinstance(each, ast.AST) else each for each in value])
    return result


def _places(tree: ast.Module) -> dict[int, tuple[str, ast.AST]]:
    """Return for each node the function or class it lies in, and the smallest statement or condition around it."""
    found: dict[int, tuple[str, ast.AST]] = {}

    def visit(node: ast.AST, where: str, statement: ast.AST) -> None:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            where = f"{where}.{node.name}" if where != "module" else node.name
        if isinstance(node, ast.stmt):
            statement = node
        block = isinstance(node, ast.If | ast.For | ast.While | ast.With | ast.FunctionDef | ast.ClassDef | ast.Module)
        found[id(node)] = where, statement
        for child in ast.iter_child_nodes(node):
            visit(child, where, child if block else statement)

    visit(tree, "module", tree)
    return found


def _skipped(tree: ast.Module, *, positions: bool) -> set[int]:
    """Return what is no behaviour or no limit: annotations, aliases of types, and positions in a sequence."""
    found: set[int] = set()
    for node in ast.walk(tree):
        told = [getattr(node, name, None) for name in ("annotation", "returns")]
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias":
            told.append(node.value)
        if (
            isinstance(node, ast.Subscript)
            and not positions
            and not any(isinstance(n, ast.Compare) for n in ast.walk(node.slice))
        ):
            told.append(node.slice)
        found |= {id(part) for each in told if isinstance(each, ast.AST) for part in ast.walk(each)}
    return found


def _difference(was: str, now: str) -> str:
    """Return both wordings of a change, cut to a few words around it."""
    first = next((at for at, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now)))
    last = next((at for at, (a, b) in enumerate(zip(was[::-1], now[::-1], strict=False)) if a != b), 0)
    start = max(0, was.rfind(" ", 0, max(0, first - 24)) + 1) if first > 24 else 0
    after = max(0, last - 24)
    old, new = was[start : len(was) - after], now[start : len(now) - after]
    return " ".join(f"{old} -> {new}".split())


class Patched:
    """A loaded module into which a mutant is put, without anybody having to import it anew.

    Functions and methods keep their identity and get the mutant's code; numbers and tables of the module are replaced
    wherever they were imported. It happens in a forked process, so nothing is ever put back.
    """

    def __init__(self, module: ModuleType, tree: ast.Module) -> None:
        self._module, self._tree = module, tree

    def apply(self, mutant: Mutant) -> None:
        tree = mutated(self._tree, mutant)
        old = dict(vars(self._module))
        scratch = dict(old)
        exec(compile(tree, self._module.__file__ or "", "exec"), scratch)  # noqa: S102 - our own source
        space = vars(self._module)
        for name, was in old.items():
            now = scratch.get(name)
            if name.startswith("__") or isinstance(was, ModuleType) or now is was:
                continue
            if isinstance(was, type):
                if isinstance(now, type) and was.__module__ == self._module.__name__:
                    self._transplant_class(was, now)
            elif not _transplant(was, now) and getattr(was, "__module__", None) in (None, self._module.__name__):
                space[name] = now
                self._spread(name, was, now)

    @staticmethod
    def _spread(name: str, was: object, now: object) -> None:
        for module in list(sys.modules.values()):
            if getattr(module, "__dict__", {}).get(name) is was:
                vars(module)[name] = now

    @staticmethod
    def _transplant_class(was: type, now: type) -> None:
        for name, member in vars(was).items():
            _transplant(member, vars(now).get(name))


def _transplant(was: Any, now: Any) -> bool:
    """Give an old function the code of a new one, through the wrappers that we use; say whether it was a function."""
    for inner in ("__wrapped__", "fget", "func", "__func__"):
        if not isinstance(was, FunctionType) and hasattr(was, inner) and hasattr(now, inner):
            if hasattr(was, "cache_clear"):
                was.cache_clear()
            return _transplant(getattr(was, inner), getattr(now, inner))
    if not isinstance(was, FunctionType) or not isinstance(now, FunctionType):
        return False
    if was.__code__.co_freevars == now.__code__.co_freevars:
        was.__code__, was.__defaults__, was.__kwdefaults__ = now.__code__, now.__defaults__, now.__kwdefaults__
    return True


@dataclass(frozen=True)
class Plan:
    """How to go about it; `jobs` mutants run at a time."""

    jobs: int
    positions: bool


@dataclass
class Outcome:
    """What became of the mutants of a module. `why` says why there was nothing to do, "" where there was."""

    path: str
    killed: int = 0
    survived: list[Mutant] = field(default_factory=list)
    why: str = ""
    seconds: float = 0.0

    @property
    def counted(self) -> int:
        return self.killed + len(self.survived)


class MutantRun:
    """A pytest plugin: once the tests of a module are collected, run them in a fork for each of its mutants."""

    def __init__(self, outcome: Outcome, tree: ast.Module, todo: Sequence[Mutant], plan: Plan) -> None:
        self._outcome, self._tree, self._todo, self._plan = outcome, tree, todo, plan

    def pytest_collection(self) -> None:
        """Search no smaller example: that a test fails is all we ask."""
        phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
        hypothesis.settings.register_profile("mutants", hypothesis.settings(), phases=phases, database=None)
        hypothesis.settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if not session.items:
            self._outcome.why = "no tests"
            return True
        began = time.monotonic()
        if _in_fork(lambda: _run(session), 10 * TIME_LIMIT) != "passed":
            self._outcome.why = "its tests fail without a mutant"
            return True
        limit = max(TIME_LIMIT, 4 * (time.monotonic() - began))
        name = self._outcome.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        __import__(name)
        patched = Patched(sys.modules[name], self._tree)
        for mutant, result in zip(self._todo, self._results(session, patched, limit), strict=True):
            if result != "passed":
                self._outcome.killed += 1
            else:
                self._outcome.survived.append(mutant)
        self._outcome.seconds = time.monotonic() - began
        return True

    def _results(self, session: pytest.Session, patched: Patched, limit: float) -> Iterator[str]:
        """Yield what became of each mutant, in order, a few at a time."""

        def start(mutant: Mutant) -> Fork:
            def with_mutant() -> bool:
                patched.apply(mutant)
                return _run(session)

            return Fork(with_mutant, limit)

        going: list[Fork] = []
        for mutant in self._todo:
            going.append(start(mutant))
            if len(going) >= self._plan.jobs:
                yield going.pop(0).result
        yield from (fork.result for fork in going)


class Fork:
    """A piece of work in a process of its own, which ends with it."""

    def __init__(self, work: Callable[[], bool], limit: float) -> None:
        self._until = time.monotonic() + limit
        self._pid = os.fork()
        if self._pid == 0:
            code = 1
            try:
                silence = os.open(os.devnull, os.O_WRONLY)
                os.dup2(silence, 1)
                os.dup2(silence, 2)
                code = 0 if work() else 1
            finally:
                os._exit(code)

    @cached_property
    def result(self) -> str:
        """Wait for the end, at most to the time limit: "passed", "failed" or "timed out"."""
        while time.monotonic() < self._until:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                return "passed" if status == 0 else "failed"
            time.sleep(0.002)
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        return "timed out"


def _in_fork(work: Callable[[], bool], limit: float) -> str:
    return Fork(work, limit).result


def _run(session: pytest.Session) -> bool:
    """Run the collected tests up to the first failure; return whether there was none."""
    for at, item in enumerate(session.items):
        following = session.items[at + 1] if at + 1 < len(session.items) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return False
    return True


def mutate(path: str, plan: Plan) -> Outcome:
    """Try every mutant of a module with the tests at its mirrored path."""
    tree, outcome = ast.parse((ROOT / path).read_text(encoding="utf-8")), Outcome(path)
    todo, own = mutants_of(tree, positions=plan.positions), ROOT / "tests" / Path(path).relative_to("diagnose")
    tests = own.with_name(f"test_{own.name}")
    if not todo:
        outcome.why = "nothing to mutate"
    elif not tests.is_file():
        outcome.why, outcome.survived = "no tests at its mirrored path", todo
    else:
        options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore"]
        code = pytest.main([*options, str(tests)], plugins=[MutantRun(outcome, tree, todo, plan)])
        if not outcome.seconds and not outcome.why:
            outcome.why = f"pytest ended with {code!r}"
    return outcome


def mutate_apart(path: str, plan: Plan) -> Outcome:
    """Do the same in a fork, so that every module's tests are collected in a fresh interpreter."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reading)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            outcome = mutate(path, plan)
            with os.fdopen(writing, "w") as pipe:
                yaml.safe_dump({**vars(outcome), "survived": [vars(each) for each in outcome.survived]}, pipe)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        found = yaml.safe_load(pipe.read())
    os.waitpid(pid, 0)
    if found is None:
        return Outcome(path, why="the tests could not be run")
    return Outcome(**{**found, "survived": [Mutant(**each) for each in found["survived"]]})


def modules(arguments: Sequence[str]) -> list[str]:
    """Return the modules that are named, those of a folder in order."""
    found: list[Path] = []
    for argument in arguments:
        path = (ROOT / argument).resolve()
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return [path.relative_to(ROOT).as_posix() for path in found]


ROW = re.compile(r"\| (diagnose/\S+) \| \d+ \| (\d+) \| \d+ \|")


@dataclass
class Entry:
    """What the report says of a module: how many mutants were killed, and a line for each survivor."""

    killed: int
    survived: list[str] = field(default_factory=list)

    def row(self, path: str) -> str:
        left = len(self.survived)
        return f"| {path} | {self.killed + left} | {self.killed} | {left} |"


def entries_of(text: str) -> dict[str, Entry]:
    """Return what a report says, module by module."""
    lines = text.splitlines()
    found = {match[1]: Entry(int(match[2])) for match in map(ROW.fullmatch, lines) if match}
    for line in lines:
        if line.startswith("- `") and (path := line.split("`")[1]) in found:
            found[path].survived.append(line)
    return found


def entry_of(outcome: Outcome) -> Entry:
    """Return what the report says of a module that was tried."""
    lines = [f"- `{outcome.path}` {mutant.where}: `{mutant.change}`" for mutant in outcome.survived]
    return Entry(outcome.killed, lines)


def report(entries: Mapping[str, Entry]) -> str:
    """Return the table of the modules, and under it what survived."""
    killed = sum(each.killed for each in entries.values())
    counted = killed + sum(len(each.survived) for each in entries.values())
    lines = [
        "# Mutants\n",
        "A mutant is a module with one limit changed, such as `<` to `<=`. It is killed when the module's own tests fail; one that",
        "survives shows a limit that they do not test, or a change that makes no difference. Made by `python tests/bench/mutate.py",
        "MODULES`. A run replaces only the rows of its modules, so a row may be older than its module.\n",
        f"**{killed} of {counted} mutants are killed by their module's own tests: {killed / max(1, counted):.1%}.**\n",
        "| module | mutants | killed | survived |",
        "|---|---:|---:|---:|",
        *(each.row(path) for path, each in sorted(entries.items())),
        "\n## Survivors\n",
        *(line for _, each in sorted(entries.items()) for line in each.survived),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Mutate the modules that are named, print what survives, and write the report."""
    parser = argparse.ArgumentParser(description="Try the tests of modules on mutants of them.")
    parser.add_argument("paths", nargs="+", help="modules or folders under diagnose/")
    parser.add_argument("--jobs", "-j", type=int, default=2, help="mutants at a time")
    parser.add_argument("--positions", action="store_true", help="positions in a sequence as well")
    parser.add_argument("--only", action="store_true", help="write no report")
    options = parser.parse_args()
    os.chdir(ROOT)
    plan, killed, counted = Plan(options.jobs, options.positions), 0, 0
    for path in modules(options.paths):
        outcome = mutate_apart(path, plan)
        killed, counted = killed + outcome.killed, counted + outcome.counted
        if outcome.why == "nothing to mutate":
            continue
        print(
            f"{path}: {outcome.killed} of {outcome.counted} killed in {outcome.seconds:.0f} s {outcome.why}", flush=True
        )
        for mutant in outcome.survived if not outcome.why else ():
            print(f"  {path}:{mutant.line} {mutant.name}")
        if not options.only and outcome.counted:
            before = entries_of(REPORT.read_text(encoding="utf-8")) if REPORT.is_file() else {}
            REPORT.write_text(report({**before, path: entry_of(outcome)}), encoding="utf-8")
    print(f"{killed} of {counted} mutants killed")


if __name__ == "__main__":
    main()
