"""The page of a long run keeps its size; how long it takes is for the benchmark to say."""

from __future__ import annotations

from pathlib import Path

from bench.bench_page import LARGEST, ROWS, SAVES, stretched

from diagnose import Settings
from diagnose.api import understand
from diagnose.core.values import Intent
from diagnose.report.formats import render
from diagnose.verdict.judge import judge


def test_sixty_saves_and_ten_thousand_rows_fit(v15_dir: Path) -> None:
    held = stretched(understand(v15_dir, Settings(intent=Intent.MOTION)))
    report = judge(held, held.known.evidence.everything, strategy="recommended", version="0")
    assert len(report.checkpoints) == SAVES
    assert report.curves.stretches[-1].last == ROWS - 1
    assert [len(each.modules) for each in report.curves.maps.values()] == [400, 400]
    page = render(report, "html")
    assert page.count("<figure ") >= 10
    assert len(page.encode()) < LARGEST
