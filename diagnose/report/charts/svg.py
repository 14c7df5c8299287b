"""Elements of SVG as text. Every value is escaped here; nothing else in the charts writes markup."""

from __future__ import annotations

from html import escape

from diagnose.report.spans import plain, printable


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
