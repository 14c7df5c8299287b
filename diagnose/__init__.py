"""Reads LoRA training runs, says what went wrong and how it knows, and writes the next config.

from diagnose import postmortem, require

postmortem("output/my_lora", intent="motion").save("report.html")
require("my_config.yaml")          # in a training script: raises diagnose.UnfitError where the run would be wasted
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diagnose.api import UnfitError, console, log_rows, next_config, postmortem, preflight, require
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
    "UnfitError",
    "__version__",
    "console",
    "log_rows",
    "next_config",
    "postmortem",
    "preflight",
    "require",
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
    "UnfitError": "diagnose.api",
    "__version__": "diagnose.core.version",
    "console": "diagnose.api",
    "log_rows": "diagnose.api",
    "next_config": "diagnose.api",
    "postmortem": "diagnose.api",
    "preflight": "diagnose.api",
    "require": "diagnose.api",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    """Import the public names on first use: the engine's child process imports this package and needs none of them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - the same reason

    return getattr(import_module(_HOMES[name]), name)
