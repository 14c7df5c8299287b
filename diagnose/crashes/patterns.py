"""The patterns of the knowledge, compiled once."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=4_096)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern of the knowledge, whose ^ and $ are those of a line."""
    return re.compile(pattern, re.MULTILINE)
