"""Regular expressions in files, checked: they compile, match something, and cannot take for ever."""

from __future__ import annotations

import re
import warnings
from typing import Annotated, TypeAlias

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

MOST_CHARACTERS = 400
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
_REPEAT = re.compile(r"[*+]|\{\d*,\d*\}")
_MANY = re.compile(r"[*+]|\{\d*,\}|\{\d*,\d{2,}\}")


def _pattern(text: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a set or a flag that a later Python reads in another way
            compiled = re.compile(text)
    except (re.error, RecursionError, OverflowError, Warning) as error:
        raise _refused(f"{text} is no regular expression: {error}") from error
    if compiled.search(""):
        raise _refused(f"{text} matches an empty text")
    if len(text) > MOST_CHARACTERS:
        raise _refused(f"{len(text)} characters; at most {MOST_CHARACTERS}, write two patterns")
    if repeats_within_repeats(text):
        raise _refused(f"{text} repeats what repeats, which takes for ever on some texts; write the inner one once")
    return text


def _refused(why: str) -> PydanticCustomError:
    return PydanticCustomError("pattern", "{why}", {"why": why})


def repeats_within_repeats(pattern: str) -> bool:
    """Return whether a group that is repeated many times repeats many times within: `(a+)+`.

    Such a pattern can take a time that doubles with every character of the text.
    """
    plain = _CLASS.sub("x", re.sub(r"\\.", "y", pattern))
    within = [False]  # of each open group, whether something in it repeats many times
    for at, character in enumerate(plain):
        if character == "(":
            within.append(False)
        elif character == ")" and len(within) > 1:
            inner = within.pop()
            repeated = _REPEAT.match(plain, at + 1)
            if inner and repeated is not None:
                return True
            within[-1] |= inner
        elif _MANY.match(plain, at):
            within[-1] = True
    return False


Pattern: TypeAlias = Annotated[str, AfterValidator(_pattern)]
