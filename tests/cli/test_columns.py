"""The width of the terminal, as COLUMNS says, else as the terminal does."""

from __future__ import annotations

import os

import pytest

from diagnose.cli.columns import columns_of_terminal


@pytest.mark.parametrize("columns", [None, "132", "0", "-3", "wide", ""])
@pytest.mark.parametrize("terminal", [None, 0, 91])
def test_columns_come_before_the_terminal_and_both_before_the_default(
    monkeypatch: pytest.MonkeyPatch, columns: str | None, terminal: int | None
) -> None:
    def size(_: int) -> os.terminal_size:
        if terminal is None:
            raise OSError("no terminal")
        return os.terminal_size((terminal, 24))

    monkeypatch.setattr(os, "get_terminal_size", size)
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    assert columns_of_terminal(77) == (132 if columns == "132" else terminal or 77)
