"""`--series FILE`: what the log says of each step, as CSV or JSON, for plots of one's own."""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagnose.cli.messages import tell
from diagnose.cli.output_file import check_output
from diagnose.core.errors import DiagnoseError
from diagnose.core.whole_file import write_whole

if TYPE_CHECKING:
    from diagnose.sources.log_readings import LogRow

SCHEMA = "diagnose/series/1"
_ENDINGS = (".csv", ".json")
_PLAIN = (
    "step",
    "expert",
    "loss",
    "lr_shared",
    "gradient_stability",
    "loss_r2",
    "phase",
    "linear_alpha",
    "time",
    "elapsed",
)
"""The columns that are values of a row; the experts' rates follow, `lr_high`, `lr_low`."""


def check_series(options: argparse.Namespace, inputs: Sequence[Path | None]) -> None:
    """Refuse, before the work, a place that no series may be written to.

    Raises:
        DiagnoseError: the ending names neither format, or the file must not be written to.
    """
    path: Path | None = options.series
    if path is None:
        return
    if path.suffix.lower() not in _ENDINGS:
        raise DiagnoseError(f"--series {path}: the ending says the format; give a file in {' or '.join(_ENDINGS)}")
    check_output(path, inputs=inputs, force=options.force)


def write_series(options: argparse.Namespace, run_dir: Path) -> None:
    """Write the series, if it is asked for."""
    path: Path | None = options.series
    if path is None:
        return
    from diagnose.api import log_rows  # noqa: PLC0415 - asking for help does not wait for it

    rows = log_rows(run_dir, config=options.config, log=options.log)
    write_whole(path, _csv(rows) if path.suffix.lower() == ".csv" else _json(rows))
    tell(f"wrote {path} ({len(rows)} rows)")


def _csv(rows: Sequence[LogRow]) -> str:
    experts = sorted({expert for row in rows for expert in row.rates})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_PLAIN, *(f"lr_{expert}" for expert in experts)])
    for row in rows:
        rates = [row.rates.get(expert) for expert in experts]
        writer.writerow([_cell(value) for value in (*(getattr(row, name) for name in _PLAIN), *rates)])
    return text.getvalue()


def _cell(value: object) -> object:
    """Return a value as a spreadsheet takes it: no text of a stranger's is a formula there."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def _json(rows: Sequence[LogRow]) -> str:
    found = [_record(row) for row in rows]
    return json.dumps({"schema": SCHEMA, "rows": found}, allow_nan=False)


def _record(row: LogRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _PLAIN} | {
        f"lr_{expert}": rate for expert, rate in row.rates.items()
    }
    return {
        name: None if isinstance(each, float) and not math.isfinite(each) else each for name, each in values.items()
    }
