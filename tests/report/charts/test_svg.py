"""Elements: numbers short, words escaped."""

from __future__ import annotations

from diagnose.report.charts.svg import element, path, piece, text


def test_an_element_has_its_attributes_and_what_is_inside() -> None:
    assert element("rect", x=1.04, y=2.0, fill_opacity="0.5", class_="bar") == (
        '<rect x="1" y="2" fill-opacity="0.5" class="bar"/>'
    )
    assert element("g", element("line"), element("line")) == "<g><line/><line/></g>"


def test_words_of_a_stranger_stay_words() -> None:
    assert text("<script>&", 0, 0) == '<text x="0" y="0">&lt;script&gt;&amp;</text>'
    assert piece("</text>\x1b", class_="e0") == '<tspan class="e0">&lt;/text&gt;\N{REPLACEMENT CHARACTER}</tspan>'
    assert element("svg", aria_label='"><script>') == '<svg aria-label="&quot;&gt;&lt;script&gt;"/>'


def test_a_path_goes_through_all_its_points_however_many() -> None:
    points = [(float(at), at / 3) for at in range(500)]
    drawn = path(points)
    assert drawn.startswith('<path d="M0 0L1 0.3L2 0.7')
    assert drawn.count("L") == 499
    assert path(points[:2], closed=True) == '<path d="M0 0L1 0.3Z"/>'
