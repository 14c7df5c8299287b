"""Bars: up for growth, down for loss, with ranges and words."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from diagnose.report.charts.bars import Bar, Bars, draw_bars

GROUPS = (
    ("0 to 100", (Bar("e0", "high noise", 0.2, 0.02, "+20.0 %"), Bar("e1", "low noise", -0.1, None, "-10.0 %"))),
    ("100 to 200", (Bar("e0", "high noise", 0.1, None, "+10.0 %"),)),
)


def test_bars_stand_on_zero() -> None:
    drawn = ET.fromstring(draw_bars(Bars("Growth", GROUPS)))  # noqa: S314 - our own
    up, down, _ = (each[0] for each in drawn.iter("g") if (each.get("class") or "").startswith("bar"))
    assert float(up.get("y", "")) + float(up.get("height", "")) == float(down.get("y", ""))
    assert float(up.get("height", "")) > 1.9 * float(down.get("height", ""))
    lines = [len(each) for each in drawn.iter("g") if (each.get("class") or "").startswith("bar")]
    assert lines == [2, 1, 1]


def test_a_group_says_what_its_bars_are() -> None:
    drawn = ET.fromstring(draw_bars(Bars("Growth", GROUPS)))  # noqa: S314 - our own
    said = ["".join(each.itertext()) for each in drawn.iter("g") if each.get("class") == "hit"]
    assert said == ["step 0 to 100high noise +20.0 %low noise -10.0 %", "step 100 to 200high noise +10.0 %"]
