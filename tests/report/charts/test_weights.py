"""Figures of the saves: ratio with turn and keep band, update, strength, growth."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import read, shown

from diagnose.report.charts.weights import weight_figures
from diagnose.verdict.report import Report


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
