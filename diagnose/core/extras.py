"""Packages that a plain install leaves out, and what to say where one of them is missing."""

from __future__ import annotations

from importlib.util import find_spec

VIDEO = {"av", "opencv-python-headless"}
"""What the extra `video` has; `full` has all."""


def is_here(module: str) -> bool:
    """Return whether a module can be imported."""
    return find_spec(module) is not None


def missing(package: str) -> str:
    """Say that a package is missing, and how to get it."""
    return f"{package} is not installed: {install(package)}"


def install(package: str) -> str:
    """Return the command that installs a package with what belongs to it."""
    return f"pip install 'diagnose[{'video' if package in VIDEO else 'full'}]'"
