"""What the captions of a data set hold: which are missing, which the trainer cannot read, which speak of no motion.

Whether a caption speaks of motion is a heuristic on English spelling: some of the given words are in it, in one of
their simple inflections. A word with letters beyond ASCII is looked for as it stands, anywhere in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from diagnose.core.values import Place, Scalar
from diagnose.facts.dataset.taken import Taken, named, shortened
from diagnose.facts.recorder import Recorder
from diagnose.facts.targets import Words
from diagnose.sources.dataset.media import Caption, CaptionState, DatasetSpec
from diagnose.trainers.declared import Config

REFUSED = frozenset({CaptionState.NOT_UTF8, CaptionState.UNREADABLE})
BLANK = frozenset({CaptionState.MISSING, CaptionState.EMPTY})
MOST_SHOWN, MOST_WORDS = 80, 8
_PLACEHOLDERS = re.compile(r"\[(?:trigger|name)\]")


def record_captions(taken: Taken, spec: DatasetSpec, config: Config, words: Words, record: Recorder) -> None:
    """Record the facts about captions; those of files that are not trained on do not count."""
    captions = [item.caption for item in taken.items]
    if not captions:
        return
    notes = _Notes(taken, spec, record)
    default = config.text("clip.default_caption", spec.subject)
    spare = default.value.strip() if default is not None else ""
    blank = [] if spare else [caption for caption in captions if caption.state in BLANK]
    notes.count("captions_missing", blank)
    notes.known("captions_missing_share", len(blank) / len(captions), blank)
    notes.count("captions_refused", [caption for caption in captions if caption.state in REFUSED])
    texts = [
        (caption, caption.text or spare) for caption in captions if caption.text or (spare and caption.state in BLANK)
    ]
    _alike([(caption, _without_trigger(text, spec, config)) for caption, text in texts], len(captions), notes)
    _motion(texts, words, notes)


class _Notes:
    """Records facts about the captions of one data set."""

    def __init__(self, taken: Taken, spec: DatasetSpec, record: Recorder) -> None:
        self._taken, self._spec, self._record = taken, spec, record

    def known(self, name: str, value: Scalar, captions: Sequence[Caption]) -> None:
        """Record a value that was read from these captions."""
        self._record.known(f"dataset.{name}", value, subject=self._spec.subject, places=self._places(captions))

    def unknown(self, name: str, why: str) -> None:
        """Record why a value cannot be known."""
        self._record.unknown(f"dataset.{name}", why, subject=self._spec.subject, places=self._places(()))

    def count(self, name: str, captions: Sequence[Caption]) -> None:
        """Record how many captions are at fault and which; none of some says nothing of all."""
        if captions or (self._taken.decided and self._taken.complete):
            self.known(name, len(captions), captions)
            self.known(f"{name}_files", named([shortened(caption.file) for caption in captions]), captions)
            return
        for each in (name, f"{name}_files"):
            self.unknown(each, "not every file was looked at" if self._taken.decided else self._taken.why)

    def _places(self, captions: Sequence[Caption]) -> list[Place]:
        return [Place(caption.file, line=caption.line) for caption in captions] or [self._spec.place]


def _without_trigger(text: str, spec: DatasetSpec, config: Config) -> str:
    """Return a caption without the trigger word, which the trainer puts into every one."""
    for name in ("clip.trigger_word", "trigger_word"):
        found = config.text(name, spec.subject)
        if found is not None and found.value.strip():
            text = text.replace(found.value, "")
            break
    return " ".join(_PLACEHOLDERS.sub("", text).split()).strip(" ,.;")


def _alike(texts: Sequence[tuple[Caption, str]], files: int, notes: _Notes) -> None:
    """Record whether the captions of all files say the same; one caption has no other to be like."""
    said = {text for _, text in texts}
    alike = len(said) == 1 and len(texts) == files > 1
    first = [caption for caption, _ in texts[:1]]
    notes.known("captions_alike", alike, first)
    if alike:
        notes.known("caption_shared", _start(said.pop()) or "the trigger word alone", first)


def _start(text: str) -> str:
    """Return the start of a caption, fit to be quoted in a sentence."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable if len(printable) <= MOST_SHOWN else f"{printable[: MOST_SHOWN - 1]}…"


def _motion(texts: Sequence[tuple[Caption, str]], words: Words, notes: _Notes) -> None:
    if not words.own and not all(in_latin(text) for _, text in texts):
        for name in ("captions_without_motion", "captions_without_motion_share", "captions_without_motion_files"):
            notes.unknown(name, "the general list of motion words is English")
        return
    still = [caption for caption, text in texts if not speaks_of(words.words, text)]
    notes.count("captions_without_motion", still)
    notes.known("captions_without_motion_share", len(still) / max(1, len(texts)), still)
    notes.known("motion_words", "given" if words.own else "general", still)
    shown = ", ".join(map(shortened, words.words[:MOST_WORDS])) if words.own else "a general list of motion words"
    notes.known("motion_words_used", shown, still)


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
