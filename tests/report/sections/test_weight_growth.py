"""Who gains is said first; inside the noise it is called inconclusive, with what would settle it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from report_text import shown

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.trend import Trend
from diagnose.facts.weights.location import Part
from diagnose.facts.weights.trajectory import Trajectory
from diagnose.report.sections.weight_growth import growth, location
from diagnose.verdict.report import Report


def course(report: Report) -> Trajectory:
    assert report.evolution is not None
    assert report.evolution.trajectory is not None
    return report.evolution.trajectory


def changed(report: Report, **changes: object) -> list[str]:
    assert report.evolution is not None
    other = replace(course(report), **changes)
    return shown(growth(replace(report, evolution=replace(report.evolution, trajectory=other))))


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]


def test_a_turn_with_its_band_and_each_measures_own_view(failing: Report) -> None:
    _, answer, late, spans, notes = shown(growth(failing))
    assert answer == (
        "**From about step 2200 on the low-noise weights catch up**, at the end 1.31x as fast. "
        "The turn is between steps 2000 and 2400."
    )
    assert cells(late)[2:] == [
        [
            "weight magnitude",
            "+0.88 % (+0.82 % to +0.93 %)",
            "+1.14 % (+1.12 % to +1.17 %)",
            "-0.27 % (-0.32 % to -0.22 %)",
            "low, from step 2200 (2000 to 2400)",
        ],
        [
            "update norm",
            "+0.022 (+0.021 to +0.023)",
            "+0.022 (+0.021 to +0.022)",
            "+1.4e-4 (-0.0012 to +0.0014)",
            "undecided",
        ],
    ]
    names = ["Steps", "High growth", "Low growth", "Weight ratio after", "of learned parts", "High direction"]
    assert cells(spans)[0] == names
    assert cells(spans)[2] == ["100 to 1600", "+24.6 ± 0.4 %", "+14.8 ± 0.3 %", "1.12", "1.50", ""]
    assert cells(spans)[3][-1] == "0.85"
    assert "0 wandering" in notes


def test_inside_the_noise_it_is_inconclusive(failing: Report) -> None:
    inside = replace(course(failing).courses[0], gap=Trend(-0.1, -0.3, 0.1, 7), turn=None)
    blocks = changed(failing, courses=(inside,), to_settle=9)
    assert blocks[1].startswith("**Inconclusive:** the checkpoints scatter too much between steps 2400 and 3000")
    assert blocks[1].endswith("At least 9 more at this spacing would show it.")
    assert "undecided" in blocks[2]


def test_the_other_way_round(failing: Report) -> None:
    rising = replace(course(failing).courses[0], gap=Trend(0.3, 0.2, 0.4, 7), turn=None)
    blocks = changed(failing, courses=(rising,))
    assert blocks[1] == "**The high-noise weights grow faster than the low-noise ones** between steps 2400 and 3000."
    assert cells(blocks[2])[2][-1] == "high"


def test_too_few_checkpoints_and_a_single_expert(failing: Report) -> None:
    assert "Too few checkpoints between steps 2400 and 3000" in changed(failing, courses=())[1]
    assert changed(failing, courses=(), alone=Expert.HIGH)[1] == "Only the high-noise expert was saved."


def test_nothing_measured_nothing_said(healthy: Report, unknown: Report) -> None:
    assert shown(growth(healthy)) == shown(growth(unknown)) == []


def unchanged(parts: Sequence[Part]) -> tuple[Part, ...]:
    return tuple(replace(part, change=None) for part in parts)


def test_shares_of_both_experts_in_one_row(failing: Report) -> None:
    heading, most, table, _, odd = shown(location(failing))
    assert heading == "## Where it learned"
    assert most == (
        "The high-noise expert learned most in `cross_attn.v` (60 %) and `ffn.0` (40 %). "
        "Where the low-noise expert learned is unknown."
    )
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    assert rows[0] == ["Part of the network", "Share of the weights", "High update", "High, latest"]
    assert rows[2] == ["cross_attn.v", "20 %", "60 %", "50 %"]
    assert [row[0] for row in rows[2:]] == ["cross_attn.v", "ffn.0", "blocks 0 to 9", "blocks 10 to 19"]
    dead, spikes = odd.splitlines()
    assert dead == "- 1 module of the high-noise expert learned nothing: `blocks.0.self_attn.k`."
    assert spikes.startswith("- 4 modules of the high-noise expert have 90 % of the update in one direction: ")
    assert spikes.endswith("`blocks.0.a`, `blocks.0.b`, `blocks.0.c` and 1 more.")


def test_a_single_part_is_no_table(failing: Report) -> None:
    assert failing.evolution is not None
    low = failing.evolution.locations[1:]
    assert shown(location(replace(failing, evolution=replace(failing.evolution, locations=low)))) == []


def test_shares_of_a_change_are_explained_only_where_there_is_one(failing: Report) -> None:
    assert failing.evolution is not None
    still = tuple(
        replace(each, kinds=unchanged(each.kinds), ranges=unchanged(each.ranges))
        for each in failing.evolution.locations
    )
    (_, _, table, meaning, *_) = shown(
        location(replace(failing, evolution=replace(failing.evolution, locations=still)))
    )
    assert "latest" not in table
    assert meaning == "Shares of the squared norm of the update B·A."
    assert shown(location(failing))[3].endswith(", and of its change over the last span above.")


def test_no_share_no_section(healthy: Report, unknown: Report) -> None:
    assert shown(location(healthy)) == shown(location(unknown)) == []
