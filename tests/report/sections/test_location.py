"""Shares side by side; what learned nothing, or one thing only, by name."""

from __future__ import annotations

from dataclasses import replace

from diagnose.report.sections.location import location
from diagnose.verdict.report import Report


def test_shares_of_both_experts_in_one_row(failing: Report) -> None:
    heading, most, table, _, odd = location(failing)
    assert heading == "## Where it learned"
    assert most == (
        "The high-noise expert learned most in `cross_attn.v` (60 %) and `ffn.0` (40 %). "
        "Where the low-noise expert learned is unknown."
    )
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    assert rows[0] == ["Part of the network", "Share of the numbers", "High update", "High, latest"]
    assert rows[2] == ["cross_attn.v", "20 %", "60 %", "50 %"]
    assert [row[0] for row in rows[2:]] == ["cross_attn.v", "ffn.0", "blocks 0 to 9", "blocks 10 to 19"]
    dead, spikes = odd.splitlines()
    assert dead == "- 1 module of the high-noise expert learned nothing: `blocks.0.self_attn.k`."
    assert spikes.startswith("- 4 modules of the high-noise expert with nine tenths of the update in one direction: ")
    assert spikes.endswith("`blocks.0.a`, `blocks.0.b`, `blocks.0.c` and 1 more.")


def test_a_single_part_is_no_table(failing: Report) -> None:
    assert failing.evolution is not None
    low = failing.evolution.locations[1:]
    assert location(replace(failing, evolution=replace(failing.evolution, locations=low))) == []


def test_nothing_measured_nothing_said(healthy: Report, unknown: Report) -> None:
    assert location(healthy) == location(unknown) == []
