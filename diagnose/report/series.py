"""What the log says of each step, as a table or a document: for plots of one's own."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from diagnose.report.figures import finite
from diagnose.sources.log_rows import LogRow

SCHEMA = "diagnose/series/1"
_PLAIN = ("step", "expert", "loss", "lr_shared", "gradient_stability", "loss_r2", "phase", "time", "elapsed")
"""The columns that are values of a row; the experts' rates follow, `lr_high`, `lr_low`."""


def as_csv(rows: Sequence[LogRow]) -> str:
    """Return the rows as a table with a heading."""
    experts = sorted({expert for row in rows for expert in row.rates})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_PLAIN, *(f"lr_{expert}" for expert in experts)])
    for row in rows:
        rates = [row.rates.get(expert) for expert in experts]
        writer.writerow([cell(value) for value in (*(getattr(row, name) for name in _PLAIN), *rates)])
    return text.getvalue()


def cell(value: object) -> object:
    """Return a value as a spreadsheet takes it: no text of a stranger's is a formula there."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def as_json(rows: Sequence[LogRow]) -> str:
    """Return the rows as one document; what is not finite is null."""
    return json.dumps({"schema": SCHEMA, "rows": [_record(row) for row in rows]}, allow_nan=False)


def _record(row: LogRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _PLAIN} | {f"lr_{name}": rate for name, rate in row.rates.items()}
    return {name: each if not isinstance(each, float) or finite(each) else None for name, each in values.items()}
