"""A figure of curves: drawing, key and table say the same."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from report_text import TITLES, shown

from diagnose.report.charts.figure import looks, of_curves, points
from diagnose.report.charts.plot import Area, Curve, Range
from diagnose.report.charts.svg import WIDTH
from diagnose.report.figures import Kind
from diagnose.report.spans import line

CURVES = [
    Curve("high noise", "e0", ((0, 1e-4), (10, 2e-4))),
    Curve("low noise", "e1", ((10, 1e-5),), dashed=True),
    Curve("nobody", "one", ()),
]


def test_the_experts_have_looks_and_names_in_order() -> None:
    assert looks(TITLES) == {"high": ("e0", "high noise"), "low": ("e1", "low noise")}


def test_only_what_is_known_is_a_point() -> None:
    found = [(20, 1.0), (None, 2.0), (5, None), (10, float("inf")), (0, float("nan")), (3, 0.5), (20, 2.0)]
    assert points(found) == ((3, 0.5), (20, 2.0))


def test_the_table_has_a_row_for_each_step_and_a_column_for_each_curve() -> None:
    (found,) = of_curves("x", "X", line("It goes up."), CURVES, Kind.RATE, notes=("Note", {10: "last"}))
    table = shown([found.table])[0].splitlines()
    assert table[0].replace(" ", "") == "|Step|Highnoise|Lownoise|Note|"
    assert [cell.strip() for cell in table[2].split("|")][1:-1] == ["0", "1e-4", "", ""]
    assert [cell.strip() for cell in table[3].split("|")][1:-1] == ["10", "2e-4", "1e-5", "last"]
    assert found.key == (("e0", "high noise"), ("e1 dashed", "low noise"))
    assert "step 10" in found.drawing
    assert "high noise 2e-4" in found.drawing


def test_without_a_point_there_is_no_figure() -> None:
    assert of_curves("x", "X", (), CURVES[2:], Kind.RATE) == []
    assert of_curves("x", "X", (), CURVES[1:2], Kind.RATE) == [], "one step is no course"


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.floats(allow_nan=True)), max_size=20),
    st.lists(st.tuples(st.integers(0, 10**9), st.floats(), st.floats()), max_size=5),
    st.sampled_from(list(Kind)),
)
def test_numbers_of_any_size_make_a_drawing_that_stays_on_its_paper(
    found: list[tuple[int, float]], edges: list[tuple[int, float, float]], kind: Kind
) -> None:
    areas, ranges = (
        [Area("e0", tuple(edges))],
        [Range("target", "goal", low, high, upright=False) for _, low, high in edges],
    )
    for made in of_curves("x", "X", (), [Curve("a", "e0", points(found))], kind, areas=areas, ranges=ranges):
        drawing = ET.fromstring(made.drawing)  # noqa: S314 - our own
        for each in drawing.iter():
            for name in ("x", "y", "cx", "cy", "x1", "y1"):
                assert -1 <= float(each.get(name, "0")) <= WIDTH + 1
