"""The fork's metrics: records damaged, doubled, out of order, with numbers beyond all bounds, lines torn."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from random import Random
from typing import Any

from fuzz.formats import Files, Format, seeds
from fuzz.noise import noisy
from fuzz.trees import ODD_NUMBERS, ODD_TEXTS, grown_wild, odd

from diagnose.inputs import facts_of, run_inputs
from diagnose.trainers.aitoolkit.metrics_log import read_metrics

NAME = "metrics_x.jsonl"
ROWS = [[json.loads(line) for line in text.splitlines()] for text in seeds("metrics_*.jsonl")]
CONFIGS = seeds("config.yaml")


def damaged(chance: Random) -> bytes:
    """Return a log of a few rows."""
    rows = chance.choice(ROWS)
    begin = chance.randrange(len(rows))
    rows = [deepcopy(row) for row in rows[begin : begin + chance.choice((1, 3, 10, 30))]]
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        with suppress(RecursionError):  # a deep value is not copied
            rows = _changed(rows, chance)
    text = "\n".join(_line(row, chance) for row in rows) + chance.choice(("\n", "\n", ""))
    content = text.encode("utf-8", "surrogatepass")
    return noisy(content, chance) if chance.random() < 0.3 else content


def _changed(rows: list[Any], chance: Random) -> list[Any]:
    """One change to the rows, or to one field of all of them."""
    kind, at = chance.randrange(7), chance.randrange(len(rows))
    if kind == 0:
        rows.insert(chance.randrange(len(rows) + 1), deepcopy(rows[at]))
    elif kind == 1:
        chance.shuffle(rows)
    elif kind == 2:
        rows[at] = grown_wild(rows[at], chance)
    elif kind == 3:
        rows[at] = odd(chance)
    elif kind == 4:
        rows = rows[at:] + rows[: at + 1]
    else:
        fields = sorted({key for row in rows if isinstance(row, dict) for key in row} | {"step"}, key=str)
        name, value = chance.choice(fields), odd(chance)
        for row in rows:
            if isinstance(row, dict) and (kind == 5 or chance.random() < 0.5):
                row[name] = value if chance.random() < 0.8 else chance.choice((*ODD_NUMBERS, *ODD_TEXTS[:20]))
    return rows


def _line(row: Any, chance: Random) -> str:
    try:
        text = json.dumps(row, ensure_ascii=chance.random() < 0.9)
    except (ValueError, RecursionError):
        return "{}"
    return text if chance.random() < 0.97 else text[: chance.randrange(len(text) + 1)] + chance.choice(("", "}", text))


def make(chance: Random) -> Files:
    beside: Files = {"config.yaml": chance.choice(CONFIGS)} if chance.random() < 0.5 else {}
    return {NAME: damaged(chance), **beside}


FORMAT = Format(
    make=make,
    read=lambda folder: read_metrics(folder / NAME, run_dir=folder),
    facts=lambda folder: facts_of(run_inputs(folder, None)),
    command=lambda folder: ["postmortem", str(folder), "--format", "json"],
)
