"""Whether a caption speaks of motion: some of the given words are in it, in one of their simple inflections.

A heuristic on English spelling. A word with letters beyond ASCII is looked for as it stands, anywhere in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

VOWELS = "aeiou"
READABLE = 0.8
"""Share of a text's letters that must be ASCII for an English word list to say anything about it."""


def speaks_of(words: Iterable[str], text: str) -> bool:
    """Return whether one of the words stands in the text as a whole word, whatever its case and inflection."""
    plain, others = _compiled(tuple(words))
    folded = text.casefold()
    return (plain is not None and plain.search(folded) is not None) or any(word in folded for word in others)


def in_latin(text: str) -> bool:
    """Return whether an English word list can say anything about the text."""
    letters = [character for character in text if character.isalpha()]
    return not letters or sum(character.isascii() for character in letters) >= READABLE * len(letters)


def inflections(word: str) -> frozenset[str]:
    """Return the spellings of an English word: swing, swings, swinging, ...; spin, spinning; carry, carried."""
    forms = {word} | {f"{word}{ending}" for ending in ("s", "es", "ed", "d", "ing", "ingly", "er", "ers", "ly")}
    if word.endswith("e"):
        forms |= {f"{word[:-1]}{ending}" for ending in ("ing", "ingly")}
    if word.endswith("y"):
        forms |= {f"{word[:-1]}{ending}" for ending in ("ies", "ied", "ily", "ier", "iest")}
    if len(word) > 2 and word[-1] not in f"{VOWELS}wxy" and word[-2] in VOWELS and word[-3] not in VOWELS:  # noqa: PLR2004
        forms |= {f"{word}{word[-1]}{ending}" for ending in ("ed", "ing", "er", "ers")}
    return frozenset(forms)


@lru_cache(maxsize=8)
def _compiled(words: tuple[str, ...]) -> tuple[re.Pattern[str] | None, tuple[str, ...]]:
    folded = [" ".join(word.casefold().split()) for word in words]
    ascii_words = [word for word in folded if word and word.isascii()]
    others = tuple(word for word in folded if word and not word.isascii())
    if not ascii_words:
        return None, others
    patterns = ("".join(_phrase(word)) for word in ascii_words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)"), others


def _phrase(words: str) -> str:
    """Return a pattern for a word, or for words that follow one another, each in any inflection."""
    return r"[\s-]+".join(f"(?:{'|'.join(map(re.escape, sorted(inflections(word))))})" for word in words.split())
