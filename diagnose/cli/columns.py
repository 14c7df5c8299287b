"""How wide the terminal is. The standard library's answer imports every archive format first, which takes 5 ms."""

from __future__ import annotations

import os
import sys


def columns_of_terminal(otherwise: int) -> int:
    """Return the columns that COLUMNS names, else those of the terminal, else `otherwise`."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or otherwise  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):  # closed, or no terminal
        return otherwise
