"""What the captions of a data set hold: which are missing, which the trainer cannot read, which speak of no motion.

Whether a caption speaks of motion is a heuristic on English spelling: some of the given words are in it, in one of
their simple inflections. A word with letters beyond ASCII is looked for as it stands, anywhere in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from diagnose.core.values import Place
from diagnose.facts.dataset.taken import SetFacts, Taken, shortened
from diagnose.facts.targets import Words
from diagnose.sources.dataset.listing import Caption, CaptionState
from diagnose.trainers.declared import Config

REFUSED = frozenset({CaptionState.NOT_UTF8, CaptionState.UNREADABLE})
BLANK = frozenset({CaptionState.MISSING, CaptionState.EMPTY})
MOST_SHOWN, MOST_WORDS = 80, 8
_PLACEHOLDERS = re.compile(r"\[(?:trigger|name)\]")


def record_captions(taken: Taken, own: SetFacts, config: Config, words: Words) -> None:
    """Record the facts about captions; those of files that are not trained on do not count."""
    captions = [item.caption for item in taken.items]
    if not captions:
        return
    default = config.text("clip.default_caption", own.spec.subject)
    spare = default.value.strip() if default is not None else ""
    blank = [] if spare else [caption for caption in captions if caption.state in BLANK]
    own.count("dataset.captions_missing", _found(blank), taken)
    own.known("dataset.captions_missing_share", len(blank) / len(captions), _places(blank))
    own.count("dataset.captions_refused", _found([each for each in captions if each.state in REFUSED]), taken)
    texts = [
        (caption, caption.text or spare) for caption in captions if caption.text or (spare and caption.state in BLANK)
    ]
    _alike(texts, len(captions), own, config)
    _motion(texts, words, taken, own)


def _places(captions: Sequence[Caption]) -> list[Place]:
    return [Place(caption.file, line=caption.line) for caption in captions]


def _found(captions: Sequence[Caption]) -> list[tuple[Place, str]]:
    return list(zip(_places(captions), [shortened(caption.file) for caption in captions], strict=True))


def _alike(texts: Sequence[tuple[Caption, str]], files: int, own: SetFacts, config: Config) -> None:
    """Record whether the captions of all files say the same; one caption has no other to be like.

    The trigger word does not count: the trainer puts it into every one.
    """
    triggers = (config.text(name, own.spec.subject) for name in ("clip.trigger_word", "trigger_word"))
    trigger = next((found.value for found in triggers if found is not None and found.value.strip()), "")
    said = set()
    for _, text in texts:
        bare = text.replace(trigger, "") if trigger else text
        said.add(" ".join(_PLACEHOLDERS.sub("", bare).split()).strip(" ,.;"))
    alike = len(said) == 1 and len(texts) == files > 1
    first = _places([caption for caption, _ in texts[:1]])
    own.known("dataset.captions_alike", alike, first)
    if alike:
        own.known("dataset.caption_shared", _start(said.pop()) or "the trigger word alone", first)


def _start(text: str) -> str:
    """Return the start of a caption, fit to be quoted in a sentence."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable if len(printable) <= MOST_SHOWN else f"{printable[: MOST_SHOWN - 1]}…"


def _motion(texts: Sequence[tuple[Caption, str]], words: Words, taken: Taken, own: SetFacts) -> None:
    name = "dataset.captions_without_motion"
    if not words.own and not all(in_latin(text) for _, text in texts):
        for each in (name, f"{name}_share", f"{name}_files"):
            own.unknown(each, "the general list of motion words is English")
        return
    still = [caption for caption, text in texts if not speaks_of(words.words, text)]
    places = _places(still)
    own.count(name, _found(still), taken)
    own.known(f"{name}_share", len(still) / max(1, len(texts)), places)
    own.known("dataset.motion_words", "given" if words.own else "general", places)
    shown = ", ".join(map(shortened, words.words[:MOST_WORDS])) if words.own else "a general list of motion words"
    own.known("dataset.motion_words_used", shown, places)


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
