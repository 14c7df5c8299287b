"""What libraries print of a file that does not hold just the weights that a model asks for.

diffusers, transformers, peft and torch word it each in their own way, and all of them go on: what is missing begins at
random, what is left over is not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from diagnose.core.values import Place

ADAPTER = "adapter"
"""What a LoRA or another adapter is called, whose own name is not printed."""
_MISSING = re.compile(r"Some weights of (?P<part>\w+) were not initialized from the model checkpoint at .{0,400}?: \[")
_UNUSED = re.compile(r"Some weights of the model checkpoint.{0,400}? were not used when initializing (?P<part>\w+):")
_ADAPTER = re.compile(r"led to (?P<kind>missing|unexpected) keys (?:not found |found )?in the model: ")
_TORCH = re.compile(
    r"_IncompatibleKeys\(missing_keys=\[(?P<missing>[^\]]*)\]?, unexpected_keys=\[(?P<unexpected>[^\]]*)"
)
_REPORT = re.compile(r"(?:\[transformers\] )?(?P<part>\w+) LOAD REPORT from: ")
_ROW = re.compile(r"(?P<key>[\w.{}, -]{1,300}?) *\| (?P<kind>MISSING|UNEXPECTED)\b")
_PART = re.compile(r"[Ll]oad(?:ed|ing)? (?:the )?(?P<part>network|DiT|VAE|T5|CLIP)\b")
_KEY = re.compile(r"[A-Za-z_][\w.]{2,300}")
_SHARED = ("embed_tokens.weight", "lm_head.weight", "position_ids")
"""Weights that are another name for one that is there, or worked out anew."""
HINTS = re.compile(rb"Some weights of|led to (?:missing|unexpected) keys|IncompatibleKeys|LOAD REPORT|\| (?:MISS|UNEX)")
"""What a line holds that may tell of keys."""
MOST_PARTS = 20
"""Parts that are told; a model has five or so."""
ROWS_READ = 40
"""Lines of a report that may come between its head and a row."""


class LoadedKeys(Struct, frozen=True):
    """A part of the model as it was loaded: how many of its weights were missing and left over, and the first."""

    part: str
    at: Place
    missing: int = 0
    unexpected: int = 0
    first: str = ""


class KeysReader:
    """Takes the lines of a console, and gathers what they say of keys, part by part."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: dict[str, LoadedKeys] = {}
        self._awaited: tuple[str, int] | None = None
        """The part whose list or report goes on, and the line until which it may."""

    def read(self, line: int, raw: bytes) -> None:
        """Take the next line."""
        if raw.startswith(b"    ") or (self._awaited is None and not HINTS.search(raw)):
            return  # so far in stand the texts of a config that is printed
        text = raw.decode("utf-8", "replace")
        if self._awaited is not None and self._goes_on(line, text):
            return
        if match := _MISSING.search(text):
            self._note(match["part"], line, missing=_keys(text[match.end() :]))
        elif match := _UNUSED.search(text):
            rest = text[match.end() :].strip()
            self._note(match["part"], line, unexpected=_keys(rest))
            self._awaited = None if rest else (match["part"], line + 1)
        elif match := _TORCH.search(text):
            part = _PART.search(text)
            name = part["part"] if part is not None else "model"
            self._note(name, line, missing=_keys(match["missing"]), unexpected=_keys(match["unexpected"]))
        elif match := _REPORT.search(text):
            self._awaited = match["part"], line + ROWS_READ
        for match in _ADAPTER.finditer(text):
            keys = _keys(text[match.end() :].partition("Loading adapter")[0])
            self._note(ADAPTER, line, **{str(match["kind"]): keys})

    def _goes_on(self, line: int, text: str) -> bool:
        """Return whether a line goes on with a list or a report; one that is over is no longer awaited."""
        if self._awaited is None:
            return False
        part, until = self._awaited
        if row := _ROW.match(text.strip()):
            self._note(part, line, **{row["kind"].lower(): _keys(row["key"])})
            return True
        if text.lstrip().startswith("['") and line == until:
            self._note(part, line, unexpected=_keys(text))
            self._awaited = None
            return True
        self._awaited = None if line >= until else self._awaited
        return False

    def _note(
        self, part: str, line: int, missing: list[str] | None = None, unexpected: list[str] | None = None
    ) -> None:
        if part not in self._found and len(self._found) == MOST_PARTS:
            return
        known = self._found.get(part) or LoadedKeys(part, Place(self._file, line=line))
        lacking, over = missing or [], unexpected or []
        first = known.first or next(iter([*lacking, *over]), "")
        found = LoadedKeys(part, known.at, known.missing + len(lacking), known.unexpected + len(over), first)
        if found.missing or found.unexpected:
            self._found[part] = found

    def told(self) -> tuple[LoadedKeys, ...]:
        """Return what was said of each part."""
        return tuple(self._found.values())


def _keys(text: str) -> list[str]:
    """Return the names of weights in a text, without those that are known by another name."""
    found: Iterable[str] = _KEY.findall(text)
    return [name for name in found if "." in name and not name.endswith(_SHARED)]
