"""Reports by the matcher alone, for many of them: the C engine's process takes two fifths of what a report costs."""

from __future__ import annotations

from typing import NoReturn

from diagnose.core.errors import EngineError


def no_engine() -> NoReturn:
    """Say, in place of `diagnose.engine.infer._locate`, that the C engine cannot be had."""
    raise EngineError("not asked")
