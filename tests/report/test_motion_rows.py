"""The previews of a run as rows."""

from __future__ import annotations

import csv
import io

from made_motion import broken, series_of
from msgspec.structs import replace

from diagnose.motion.series import Point
from diagnose.report.motion_rows import as_csv
from diagnose.verdict.motion import table_of


def test_each_preview_has_a_row_and_one_without_figures_a_reason() -> None:
    bad = broken("samples/1__000000200_0.webp", "=cmd|evil")
    (own,) = series_of({0: (0.2,), 100: (0.1,)}).prompts
    series = replace(series_of({}), prompts=(replace(own, points=(*own.points, Point(200, bad.file, bad))),))
    rows = list(csv.DictReader(io.StringIO(as_csv(table_of(series)))))
    assert [(row["prompt"], row["seed"], row["step"], row["amount"]) for row in rows] == [
        ("1", "42", "0", "0.2"),
        ("1", "42", "100", "0.1"),
        ("1", "42", "200", ""),
    ]
    assert [row["reason"] for row in rows] == ["", "", "'=cmd|evil"]
    assert rows[2]["file"] == bad.file
