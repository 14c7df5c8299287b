"""Draw which floor of the package imports which: `python tests/bench/floors.py` writes reports/floors.md."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from test_architecture import LAYERS, MODULES, RANK, imported, layer

DRAWING = Path(__file__).parents[2] / "reports" / "floors.md"


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
        "Made by `python tests/bench/floors.py`. A room imports only from the floors below it.",
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
