"""Texts without the folders of the machine they were made on, for a page that is sent around."""

from __future__ import annotations

import re

from diagnose.report.spans import Kind, Span

_WINDOWS, _UNIX = r"[A-Za-z]:[\\/]|\\\\", r"/|~/"
_START = rf"(?:(?<![\w/:.…-])(?:{_UNIX})|(?<!\w)(?:{_WINDOWS}))"
_PART = r"[^\s\\/'\"`<>|,;:()\[\]]"
_IN_TEXT = re.compile(rf"{_START}(?:{_PART}+[\\/])+({_PART}*)")
_WHOLE = re.compile(rf"(?:{_UNIX}|{_WINDOWS})(?:[^\\/]+[\\/])+([^\\/]*)")
_QUOTED = re.compile(rf"'(?:{_UNIX}|{_WINDOWS})(?:[^\\/']+[\\/])+([^\\/']*)'")
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}/"


def short(span: Span) -> str:
    """Return the text of a span; of an absolute path only what comes last is left."""
    whole = _WHOLE.fullmatch(span.text) if span.kind is not Kind.PLAIN else None
    return f"{_ELLIPSIS}{whole[1]}" if whole else shortened(span.text)


def shortened(text: str) -> str:
    """Return a text in which only the last name of every absolute path is left."""
    return _IN_TEXT.sub(rf"{_ELLIPSIS}\1", _QUOTED.sub(rf"'{_ELLIPSIS}\1'", text))


def last_name(path: str) -> str:
    """Return the last name of an absolute path; another path as it is."""
    whole = _WHOLE.fullmatch(path.rstrip("\\/"))
    return whole[1] if whole else path
