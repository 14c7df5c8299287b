"""A run is judged by the trainer of its day, as far as anything tells the day."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from diagnose import Report, postmortem

SOURCE = Path(__file__).parent / "data" / "fork-dropped-keys"
METRICS = "metrics_g_no_base_bump.jsonl"
RULE = "resume-of-an-old-version"


def run_of(day: datetime, folder: Path) -> Report:
    """Judge the same log as if it had been written on a day, with an hour's pause in the middle and no console."""
    run = Path(shutil.copytree(SOURCE, folder / day.strftime("%Y%m%d")))
    (run / "stdout.log").unlink()
    rows = [json.loads(line) for line in (run / METRICS).read_text(encoding="utf-8").splitlines()]
    for index, row in enumerate(rows):
        pause = 3600 if index >= len(rows) // 2 else 0
        row["timestamp"] = (day + timedelta(seconds=2 * index + pause)).isoformat()
    (run / METRICS).write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return postmortem(run)


def test_a_resume_before_the_corrections_cannot_be_trusted(tmp_path: Path) -> None:
    report = run_of(datetime(2025, 10, 29, 9), tmp_path)  # noqa: DTZ001 - the trainer's times are naive
    found = {finding.subject: finding for finding in report.findings if finding.name == RULE}
    assert set(found) == {"resumed-rates", "resumed-labels", "checkpoint-step-repeated"}
    (said,) = (e for e in found["resumed-labels"].evidence if e.fact == "trainer.old_fault_on_resume")
    assert said.source is not None
    assert said.source.file == METRICS
    assert said.note == "corrected on 2025-11-04 (20d689d)"


def test_between_two_corrections_only_the_later_one_is_missing_for_certain(tmp_path: Path) -> None:
    report = run_of(datetime(2025, 11, 1, 9), tmp_path)  # noqa: DTZ001 - as above
    assert {finding.subject for finding in report.findings if finding.name == RULE} == {"resumed-labels"}


def test_a_late_run_may_be_by_an_old_copy_so_nothing_is_said(tmp_path: Path) -> None:
    report = run_of(datetime(2026, 5, 1, 9), tmp_path)  # noqa: DTZ001 - as above
    assert RULE not in {finding.name for finding in report.findings}
    (gap,) = (each for each in report.not_evaluated if each.name == RULE)
    assert any("checkpoints" in need for need in gap.needs)
