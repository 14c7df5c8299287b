"""The committed comparison is what the model of today gives."""

import runpy
from pathlib import Path

from logged_rates import logged_runs

ROOT = Path(__file__).parents[3]


def test_the_committed_tables_are_up_to_date() -> None:
    written = (ROOT / "reports" / "forecast.md").read_text(encoding="utf-8")
    script = runpy.run_path(str(ROOT / "tests" / "bench" / "forecast_table.py"))
    for run in logged_runs():
        for row in script["logged_rows"](run):
            assert f"| {' | '.join(row)} |" in written
    for line in script["document_section"]():
        assert line in written
