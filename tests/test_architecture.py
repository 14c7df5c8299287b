"""The layers: no import runs backwards, and each outside library has one home."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "diagnose"
LAYERS = (
    {"core"},
    {"domains", "sources", "rulebase"},
    {"trainers", "engine"},
    {"settings", "weights"},
    {"facts"},
    {"inputs", "verdict"},
    {"report", "demo"},
    {"api"},
    {"cli"},
)
HOMES = {
    "av": ("sources/video/decoder.py",),
    "durable": (),
    "durable_rules_engine": ("engine/durable/c_module.py",),
    "safetensors": (),
    "torch": (),
    "markdown_it": ("rulebase/document.py",),
    "sqlite3": ("trainers/aitoolkit/loss_database.py",),
}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def imported(path: Path) -> list[tuple[str, ast.stmt]]:
    found: list[tuple[str, ast.stmt]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            found += (
                [(f"{module}.{alias.name}", node) for alias in node.names] if module == "diagnose" else [(module, node)]
            )
    return found


def layer(path: Path) -> str | None:
    """The layer of a module; None for the package's own front (__init__, __main__)."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return None if parts[0].startswith("__") else parts[0]


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_import_runs_backwards(path: Path) -> None:
    own = layer(path)
    if own is None:
        return
    for module, _ in imported(path):
        parts = module.split(".")
        if parts[0] == "diagnose":
            target = parts[1]
            assert RANK[target] < RANK[own] or target == own, f"{name(path)} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_outside_libraries_have_one_home(path: Path) -> None:
    for module, _ in imported(path):
        homes = HOMES.get(module.split(".")[0])
        assert homes is None or name(path) in homes, f"{name(path)} imports {module}"


COMPILED = ("core/frozen.py", "exec")
"""The constructors of our values are compiled from their own field names, as `dataclasses` compiles them."""


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_only_the_command_line_prints_or_exits(path: Path) -> None:
    if layer(path) == "cli":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if (name(path), called) == COMPILED:
                continue
            assert called not in {"print", "sys.exit", "exit", "quit", "eval", "exec"}, f"{name(path)}: {called}()"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_modules_are_rooms_not_halls(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 300
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 50, f"{name(path)}: {node.name} has {length} lines"


def test_every_layer_is_placed() -> None:
    assert {layer(path) for path in MODULES} - {None} == set(RANK)
