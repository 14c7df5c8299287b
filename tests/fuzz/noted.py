"""Notes what was tried in reports/robustness.md: a row replaces the one of the same first columns, all others stay."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

import yaml

REPORT = Path(__file__).parents[2] / "reports" / "robustness.md"
FOUND = Path(__file__).with_name("found.yaml")
"""The faults that were found, with the test that holds each."""
MENDED = "Found by these tools, or by reading the code for what they should try; each has a test that holds it."
HEAD = """# Robustness

What was done to break the program, and what came of it. Each tool writes its own rows here; with the seed, input N is
always the same. An input fails by a traceback, exit status 3, {seconds} s of processor time, a write outside its own folders, a
temporary file left behind, {growth} MB more memory, JSON that is not clean, control characters in a message, or other bytes when it
is judged again. All commands need `PYTHONPATH=tests:tests/support`."""
SECTIONS: Mapping[str, tuple[str, Sequence[str], int]] = {
    "Inputs": (
        "`python -m fuzz.run FORMAT --count N --seed SEED --note`. All are read; of some all facts are worked out, and some are judged.",
        ("format", "seed", "inputs", "read", "refused", "facts worked out", "judged", "twice", "failed", "day"),
        2,
    ),
    "Faults": (
        "`python -m fuzz.faults --rounds N --note`: what goes wrong around the program.",
        ("what", "rounds", "as it should be", "failed", "day"),
        1,
    ),
    "Sizes": (
        "`python -m bench.bench_long_log --note`: whole commands, each in a process of its own, two busy cores.",
        ("what", "seconds of processor", "most memory, MB", "allowed", "day"),
        1,
    ),
}
GROWTH, SECONDS = 512, 10


def note(section: str, rows: Sequence[Sequence[object]]) -> None:
    """Put rows into the table of a section and write the report."""
    tables = {name: dict(_rows(name)) for name in SECTIONS}
    _, columns, keys = SECTIONS[section]
    day = datetime.now(timezone.utc).date()
    for row in rows:
        cells = tuple(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in (*row, day))
        if len(cells) != len(columns):
            raise ValueError(f"{section}: {len(cells)} cells for {len(columns)} columns")
        tables[section][cells[:keys]] = cells
    REPORT.write_text(_text(tables), encoding="utf-8")


def _rows(section: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the rows that the report has in a section, by their first columns."""
    text = REPORT.read_text(encoding="utf-8") if REPORT.exists() else ""
    part = re.search(rf"^## {section}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    lines = [line for line in (part[1] if part else "").splitlines() if line.startswith("|")][2:]
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    return [(row[: SECTIONS[section][2]], row) for row in cells]


def _text(tables: Mapping[str, Mapping[tuple[str, ...], Sequence[str]]]) -> str:
    parts = [HEAD.format(seconds=SECONDS, growth=GROWTH)]
    for section, (words, columns, keys) in SECTIONS.items():
        rows = [columns, ["---"] * keys + ["---:"] * (len(columns) - keys), *tables[section].values()]
        parts += [f"## {section}", words, "\n".join(f"| {' | '.join(row)} |" for row in rows)]
    found = yaml.safe_load(FOUND.read_text(encoding="utf-8"))
    listed = "\n".join(f"- {each['fault']} Held by `{each['test']}`." for each in found)
    parts += ["## Found and mended", MENDED, listed]
    return "\n\n".join(parts) + "\n"
