"""The tool that mutates modules: what it changes, how it names that, and how it gets into a loaded module."""

import ast
import sys
from importlib import util
from pathlib import Path
from types import ModuleType

import pytest
from bench import mutate

SOURCE = """LIMIT: float = 0.5
MANY = 200

def cut(values: list[int]) -> bool:
    return len(values) >= 3 and max(values) != values[-1]

class Bound:
    def over(self, value: float) -> bool:
        return value > LIMIT
"""


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    path = tmp_path / "made.py"
    path.write_text(SOURCE)
    spec = util.spec_from_file_location("made", path)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "made", module)
    spec.loader.exec_module(module)
    return module


def test_numbers_comparisons_and_extremes_are_changed_one_at_a_time() -> None:
    names = [mutant.name for mutant in mutate.mutants_of(ast.parse(SOURCE))]
    assert names[:4] == [
        "module: LIMIT: float = 0.5 -> LIMIT: float = 0.55",
        "module: LIMIT: float = 0.5 -> LIMIT: float = 0.45",
        "module: MANY = 200 -> MANY = 220",
        "module: MANY = 200 -> MANY = 180",
    ]
    assert len(names) == 11
    assert "Bound.over: return value > LIMIT -> return value >= LIMIT" in names
    assert len(mutate.mutants_of(ast.parse(SOURCE), positions=True)) == 13


def test_a_mutant_changes_what_was_loaded(made: ModuleType) -> None:
    cut, over, tree = made.cut, made.Bound().over, ast.parse(SOURCE)

    def change(ending: str) -> tuple[bool, bool]:
        (mutant,) = (each for each in mutate.mutants_of(tree) if each.change.endswith(ending))
        mutate.Patched(made, tree).apply(mutant)
        return cut([1, 3, 2]), over(0.5)

    assert (cut([1, 3, 2]), over(0.5)) == (True, False)
    assert change(">= 4 and max(values) != valu") == (False, False)
    assert change("value >= LIMIT") == (True, True)
    assert change("LIMIT: float = 0.45") == (True, True)


def test_a_report_is_read_back_as_it_was_written() -> None:
    entries = {
        "diagnose/a.py": mutate.Entry(3, ["- `diagnose/a.py` f: `a < b -> a <= b`"]),
        "diagnose/b.py": mutate.Entry(5),
    }
    text = mutate.report(entries)
    assert "**8 of 9 mutants" in text
    assert mutate.entries_of(text) == entries
