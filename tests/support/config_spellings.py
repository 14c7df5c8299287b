"""One config in the many ways people and programs write it down."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import yaml
from hypothesis import strategies as st

Draw = Callable[[Any], Any]


@st.composite
def spellings(draw: Draw, process: dict[str, Any]) -> tuple[str, str]:
    """The text of a config that trains `process`, and the suffix of its file."""
    data: dict[str, Any] = {"job": "extension", "config": {"name": "job", "process": _processes(draw, process)}}
    if draw(st.sampled_from([False, False, False, True])):
        data = process
    if draw(st.booleans()):
        return _json(draw, data)
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text: str = yaml.dump(
        data,
        Dumper=yaml.SafeDumper,
        sort_keys=False,
        default_flow_style=draw(st.sampled_from([None, False, False, True])),
        default_style=draw(st.sampled_from([None, None, '"', "'"])),
        indent=draw(st.sampled_from([2, 4])),
        width=draw(st.sampled_from([40, 1000])),
        explicit_start=draw(st.booleans()),
    )
    if draw(st.booleans()):
        text = _commented(text)
    byte_order_mark = "\ufeff" if draw(st.sampled_from([False, False, True])) else ""
    return byte_order_mark + text.replace("\n", end), draw(st.sampled_from([".yaml", ".yml"]))


def _processes(draw: Draw, process: dict[str, Any]) -> list[Any]:
    """The process among others: one that captions before it, one that shares a part of it behind it."""
    before = [{"type": "caption", "folder": "clips"}] if draw(st.booleans()) else []
    part = draw(st.sampled_from([None, None, "save", "model"]))
    behind = [{"type": "extract", part: process[part]}] if part in process else []
    return [*before, process, *behind]


def _json(draw: Draw, data: Any) -> tuple[str, str]:
    text = json.dumps(
        data,
        indent=draw(st.sampled_from([None, 2, "\t"])),
        separators=draw(st.sampled_from([None, (",", ":")])),
    )
    return text, draw(st.sampled_from([".json", ".jsonc"]))


def _commented(text: str) -> str:
    """Put a comment behind every third line and on a line of its own before every fifth."""
    lines = []
    for number, line in enumerate(text.splitlines()):
        lines += [f"# note {number}"] if number % 5 == 0 and number else []
        lines.append(f"{line}  # why {number}" if number % 3 == 0 and line[-1:] not in "\"'" else line)
    return "\n".join(lines) + "\n"
