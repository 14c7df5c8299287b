"""The floors of the package and what imports what; `python tests/support/floors.py` draws them in reports/floors.md."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "diagnose"
LAYERS = (
    {"core"},
    {"domains", "sources", "rulebase"},
    {"trainers", "engine", "crashes"},
    {"motion", "settings", "weights"},
    {"facts"},
    {"inputs", "verdict"},
    {"report", "demo"},
    {"api"},
    {"cli"},
)
DRAWING = Path(__file__).parents[2] / "reports" / "floors.md"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax of a module, which many tests look at and none changes."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imported(path: Path) -> list[tuple[str, ast.stmt]]:
    found: list[tuple[str, ast.stmt]] = []
    for node in ast.walk(tree(path)):
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


def arrows() -> set[tuple[str, str]]:
    """Return the pairs of different layers of which the first imports the second."""
    found = set()
    for path in MODULES:
        own = layer(path)
        if own is None:
            continue
        for module, _ in imported(path):
            parts = module.split(".")
            if parts[0] == "diagnose" and len(parts) > 1 and parts[1] in RANK and parts[1] != own:
                found.add((own, parts[1]))
    return found


def drawing() -> str:
    """Return the page: the floors from the top down, and below each room what it imports."""
    below = arrows()
    up = [pair for pair in below if RANK[pair[1]] >= RANK[pair[0]]]
    lines = [
        "# The floors of the package",
        "",
        "A room is a folder of `diagnose/`, or a module of it. It imports only from the floors below its own.",
        "Made by `python tests/support/floors.py`.",
        "",
        "| Floor | Room | Imports |",
        "| ---: | --- | --- |",
    ]
    for rank in reversed(range(len(LAYERS))):
        for room in sorted(LAYERS[rank]):
            used = sorted((to for own, to in below if own == room), key=lambda each: (-RANK[each], each))
            lines.append(f"| {rank} | `{room}` | {', '.join(f'`{each}`' for each in used) or 'nothing'} |")
    lines += ["", f"Arrows: {len(below)}. Arrows upward or sideways: {len(up)}.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    DRAWING.write_text(drawing(), encoding="utf-8")
    print(drawing())
