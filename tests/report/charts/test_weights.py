"""Figures of the saves: ratio with turn and keep band, update, strength, growth."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from msgspec.structs import replace
from report_text import read, shown

from diagnose.report.charts.weights import Bar, draw_bars, heat_maps, weight_figures
from diagnose.verdict.curves import Curves, ModuleChange, ModuleMap
from diagnose.verdict.report import Report

GROUPS = (
    ("0 to 100", (Bar("e0", "high noise", 0.2, 0.02, "+20.0 %"), Bar("e1", "low noise", -0.1, None, "-10.0 %"))),
    ("100 to 200", (Bar("e0", "high noise", 0.1, None, "+10.0 %"),)),
)


def test_bars_stand_on_zero() -> None:
    drawn = ET.fromstring(draw_bars("Growth", GROUPS))  # noqa: S314 - our own
    up, down, _ = (each[0] for each in drawn.iter("g") if (each.get("class") or "").startswith("bar"))
    assert float(up.get("y", "")) + float(up.get("height", "")) == float(down.get("y", ""))
    assert float(up.get("height", "")) > 1.9 * float(down.get("height", ""))
    lines = [len(each) for each in drawn.iter("g") if (each.get("class") or "").startswith("bar")]
    assert lines == [2, 1, 1]


def test_a_group_says_what_its_bars_are() -> None:
    drawn = ET.fromstring(draw_bars("Growth", GROUPS))  # noqa: S314 - our own
    said = ["".join(each.itertext()) for each in drawn.iter("g") if each.get("class") == "hit"]
    assert said == ["step 0 to 100high noise +20.0 %low noise -10.0 %", "step 100 to 200high noise +10.0 %"]


def test_the_figures_come_in_order(failing: Report) -> None:
    assert [each.name for each in weight_figures(failing)] == ["weight-ratio", "update", "strength", "growth"]


def test_the_ratio_shows_its_turn_and_which_saves_to_keep(failing: Report) -> None:
    ratio = weight_figures(failing)[0]
    assert ratio.drawing.count('class="keep"') == 1
    assert "turn, about 2200" in ratio.drawing
    assert "Largest at step 2100" in read(ratio.says)
    assert "From about step 2200 on the low-noise expert gains." in read(ratio.says)
    assert "Hollow" not in read(ratio.says)


def test_saves_that_are_not_compared_are_hollow(failing: Report) -> None:
    evolution = failing.evolution
    assert evolution is not None
    assert evolution.trajectory is not None
    apart = replace(evolution, trajectory=replace(evolution.trajectory, left_out=(100, 300)))
    ratio = weight_figures(replace(failing, evolution=apart))[0]
    assert ratio.drawing.count("hollow") == 2
    assert "Hollow points" in read(ratio.says)


def test_saves_to_keep_that_do_not_follow_each_other_are_ranges_of_their_own(failing: Report) -> None:
    evolution = failing.evolution
    assert evolution is not None
    assert evolution.keep is not None
    apart = replace(evolution, keep=replace(evolution.keep, steps=(100, 200, 2000)))
    ratio = weight_figures(replace(failing, evolution=apart))[0]
    assert ratio.drawing.count('class="keep') == 2
    assert ratio.drawing.count(">keep<") == 1


def test_growth_has_a_bar_for_each_expert_and_span(failing: Report) -> None:
    growth = weight_figures(failing)[-1]
    assert growth.drawing.count('class="bar ') == 6
    assert "| 2400 to 3000 |     +5.4 % |    +7.1 % |" in shown([growth.table])[0]


def test_without_an_untrained_reading_there_is_no_line_of_it(failing: Report) -> None:
    bare = tuple((name, replace(figures, untrained_magnitude=None)) for name, figures in failing.experts)
    with_, without = (weight_figures(report)[2].key for report in (failing, replace(failing, experts=bare)))
    assert with_[-1] == ("ahead dashed", "untrained")
    assert without == with_[:-1]


def test_a_run_without_saves_has_no_figure(unknown: Report) -> None:
    assert weight_figures(unknown) == []


def of(report: Report, *modules: ModuleChange) -> Report:
    return replace(report, curves=Curves(maps={"high": ModuleMap(3000, modules)}))


def test_a_cell_is_as_dark_as_its_change_is_large(failing: Report) -> None:
    (found,) = heat_maps(failing)
    assert found.name == "map-high"
    assert found.drawing.count('class="hit"') == 6
    assert found.drawing.count('fill-opacity="1.00"') == 2
    assert found.drawing.count('fill-opacity="0.52"') == 2
    assert "block 1 · ffn.0 · 0.0002000" in found.drawing


def test_an_unknown_change_is_pale_and_said_to_be_unknown(failing: Report) -> None:
    (found,) = heat_maps(failing)
    assert found.drawing.count('fill-opacity="0.04"') == 2
    assert "block 2 · ffn.0 · unknown" in found.drawing
    assert [cell.strip() for cell in shown([found.table])[0].splitlines()[-1].split("|")[1:-1]] == ["2", "", ""]


def test_one_block_nothing_learned_and_no_blocks_are_no_map(failing: Report) -> None:
    assert heat_maps(of(failing, ModuleChange("q", 0, 1.0), ModuleChange("k", 0, 1.0))) == []
    assert heat_maps(of(failing, ModuleChange("q", 0, 0.0), ModuleChange("q", 1, 0.0))) == []
    assert heat_maps(of(failing, ModuleChange("q", None, 1.0))) == []


def test_strangers_names_are_words_and_their_numbers_bounded(failing: Report) -> None:
    (found,) = heat_maps(
        of(failing, *(ModuleChange(f"<b>{n}", block, 1.0) for n in range(99) for block in (0, 1, 10**9)))
    )
    assert "<b>" not in found.drawing
    assert found.drawing.count('class="hit"') == 48
