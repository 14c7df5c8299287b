"""Packages that a plain install leaves out, and what to say where one of them is missing."""

from __future__ import annotations

from importlib.util import find_spec

INSTALL = "pip install 'diagnose[full]'"


def is_here(module: str) -> bool:
    """Return whether a module can be imported."""
    return find_spec(module) is not None


def missing(package: str) -> str:
    """Say that a package is missing, and how to get it."""
    return f"{package} is not installed: {INSTALL}"
