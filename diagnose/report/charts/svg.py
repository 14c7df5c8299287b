"""Elements of SVG as text. Every value is escaped here; nothing else in the charts writes markup."""

from __future__ import annotations

from html import escape

from diagnose.report.spans import plain, printable

WIDTH = 480.0
"""Of every drawing; the page scales it."""
SAID = 14.0
"""From the top of a drawing to the line that says what the pointer is on."""


def drawing(label: str, height: float, *parts: str, look: str = "") -> str:
    """Return a drawing; `label` says to a screen reader what it shows."""
    box = f"0 0 {WIDTH:g} {height:g}"
    return element("svg", *parts, class_=f"plot {look}".rstrip(), viewBox=box, role="img", aria_label=label)


def hit(area: str, tip: str) -> str:
    """Return an area with what is shown while the pointer is on it."""
    return element("g", area, tip, class_="hit")


def hint(area: str, words: str, left: float) -> str:
    """Return an area with words that are shown while the pointer is on it."""
    return hit(area, text(words, left, SAID, class_="tip"))


def element(name: str, *inside: str, **attributes: str | float) -> str:
    """Return an element around others. `class_` is the attribute `class`; `_` in a name is written `-`."""
    given = "".join(f' {key.strip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items())
    return f"<{name}{given}>{''.join(inside)}</{name}>" if inside else f"<{name}{given}/>"


def words_of(text_: str) -> str:
    """Return words between tags."""
    return escape(plain(text_), quote=False)


def text(words: str, x: float, y: float, **attributes: str | float) -> str:
    """Return words at a point."""
    return element("text", words_of(words), x=x, y=y, **attributes)


def piece(words: str, **attributes: str | float) -> str:
    """Return words within a text."""
    return element("tspan", words_of(words), **attributes)


def path(points: list[tuple[float, float]], *, closed: bool = False, **attributes: str | float) -> str:
    """Return a line through points."""
    steps = "L".join(f"{_number(x)} {_number(y)}" for x, y in points)
    return element("path", d=f"M{steps}{'Z' if closed else ''}", **attributes)


def _value(value: str | float) -> str:
    return escape(printable(value)) if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
