"""Reads LoRA training runs, says what went wrong and how it knows, and writes the next config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diagnose.api import next_config, postmortem, preflight
    from diagnose.core.errors import DiagnoseError
    from diagnose.core.values import Confidence, Intent, Severity
    from diagnose.core.version import __version__
    from diagnose.settings import Settings
    from diagnose.verdict.judgement import Change, Finding
    from diagnose.verdict.report import Report

__all__ = [
    "Change",
    "Confidence",
    "DiagnoseError",
    "Finding",
    "Intent",
    "Report",
    "Settings",
    "Severity",
    "__version__",
    "next_config",
    "postmortem",
    "preflight",
]

_HOMES = {
    "Change": "diagnose.verdict.judgement",
    "Confidence": "diagnose.core.values",
    "DiagnoseError": "diagnose.core.errors",
    "Finding": "diagnose.verdict.judgement",
    "Intent": "diagnose.core.values",
    "Report": "diagnose.verdict.report",
    "Settings": "diagnose.settings",
    "Severity": "diagnose.core.values",
    "__version__": "diagnose.core.version",
    "next_config": "diagnose.api",
    "postmortem": "diagnose.api",
    "preflight": "diagnose.api",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    """Import the public names on first use: the engine's child process imports this package and needs none of them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - the same reason

    return getattr(import_module(_HOMES[name]), name)
