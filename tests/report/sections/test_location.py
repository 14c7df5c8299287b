"""Shares side by side; what learned nothing, or one thing only, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diagnose.facts.weights.location import Part
from diagnose.report.sections.location import location
from diagnose.verdict.report import Report


def unchanged(parts: Sequence[Part]) -> tuple[Part, ...]:
    return tuple(replace(part, change=None) for part in parts)


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


def test_shares_of_a_change_are_explained_only_where_there_is_one(failing: Report) -> None:
    assert failing.evolution is not None
    still = tuple(
        replace(each, kinds=unchanged(each.kinds), ranges=unchanged(each.ranges))
        for each in failing.evolution.locations
    )
    (_, _, table, meaning, *_) = location(replace(failing, evolution=replace(failing.evolution, locations=still)))
    assert "latest" not in table
    assert meaning == "Shares are of the squared norm of the update B·A."
    assert location(failing)[3].endswith(", and of its change over the last span above.")


def test_nothing_measured_nothing_said(healthy: Report, unknown: Report) -> None:
    assert location(healthy) == location(unknown) == []
