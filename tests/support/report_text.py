"""Blocks and lines of a report as markdown, for tests that compare words."""

from __future__ import annotations

from collections.abc import Iterable

from diagnose.report.blocks import Block
from diagnose.report.spans import Line
from diagnose.report.views.markdown import block_markdown, inline


def shown(blocks: Iterable[Block]) -> list[str]:
    return [block_markdown(block) for block in blocks]


def read(words: Line) -> str:
    return inline(words)


def lines(words: Iterable[Line]) -> list[str]:
    return [inline(each) for each in words]


TITLES = {"high": "high-noise expert", "low": "low-noise expert"}
