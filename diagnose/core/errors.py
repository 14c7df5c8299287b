"""The two kinds of failure: the user's input, and a fault of ours.

DiagnoseError   the input or the usage is wrong: one clear line, exit status 2
EngineError     the inference engine broke its own rules: a bug, exit status 3
"""

from __future__ import annotations


class DiagnoseError(Exception):
    """The user's input cannot be used. The text says what, where, and what to do."""


class EngineError(Exception):
    """The inference engine answered something it must not. A bug of ours or of the engine."""
