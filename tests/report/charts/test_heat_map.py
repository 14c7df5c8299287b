"""The map of an expert's last save: a cell for every module in a block."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import shown

from diagnose.report.charts.heat_map import heat_maps
from diagnose.verdict.curves import Curves, ModuleChange, ModuleMap
from diagnose.verdict.report import Report


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
