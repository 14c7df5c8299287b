"""What the captions of a data set hold: which are missing, which the trainer cannot read, which speak of no motion."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diagnose.facts.dataset.naming import named, shortened
from diagnose.facts.dataset.taken import Taken
from diagnose.facts.dataset.words import in_latin, speaks_of
from diagnose.facts.declared import Config
from diagnose.facts.record import Recorder
from diagnose.model import Place, Scalar
from diagnose.sources.dataset.readings import Caption, CaptionState, DatasetSpec

REFUSED = frozenset({CaptionState.NOT_UTF8, CaptionState.UNREADABLE})
BLANK = frozenset({CaptionState.MISSING, CaptionState.EMPTY})
MOST_SHOWN, MOST_WORDS = 80, 8
_PLACEHOLDERS = re.compile(r"\[(?:trigger|name)\]")

Note = Callable[[str, Scalar, Sequence[Place]], None]


@dataclass(frozen=True, slots=True)
class Words:
    """The words that tell a caption of motion from another. `own`: the user gave them."""

    words: tuple[str, ...]
    own: bool


def record_captions(taken: Taken, spec: DatasetSpec, config: Config, words: Words, record: Recorder) -> None:
    """Record the facts about captions; those of files that are not trained on do not count."""
    captions = [item.caption for item in taken.items]
    if not captions or not taken.decided:
        return

    def note(name: str, value: Scalar, places: Sequence[Place]) -> None:
        record.known(f"dataset.{name}", value, subject=spec.subject, places=places or [spec.place])

    default = config.text(f"{spec.subject}.default_caption")
    spare = default.value.strip() if default is not None else ""
    blank = [] if spare else [caption for caption in captions if caption.state in BLANK]
    refused = [caption for caption in captions if caption.state in REFUSED]
    _count("captions_missing", blank, note)
    note("captions_missing_share", len(blank) / len(captions), _places(blank))
    _count("captions_refused", refused, note)
    texts = [
        (caption, caption.text or spare) for caption in captions if caption.text or (spare and caption.state in BLANK)
    ]
    _alike([(caption, _without_trigger(text, spec, config)) for caption, text in texts], len(captions), note)
    _motion(texts, words, spec, note, record)


def _count(name: str, captions: Sequence[Caption], note: Note) -> None:
    note(name, len(captions), _places(captions))
    note(f"{name}_files", named([shortened(caption.file) for caption in captions]), _places(captions))


def _places(captions: Sequence[Caption]) -> list[Place]:
    return [Place(caption.file, line=caption.line) for caption in captions]


def _without_trigger(text: str, spec: DatasetSpec, config: Config) -> str:
    """Return a caption without the trigger word, which the trainer puts into every one."""
    for path in (f"{spec.subject}.trigger_word", "trigger_word"):
        found = config.text(path)
        if found is not None and found.value.strip():
            text = text.replace(found.value, "")
            break
    return " ".join(_PLACEHOLDERS.sub("", text).split()).strip(" ,.;")


def _alike(texts: Sequence[tuple[Caption, str]], files: int, note: Note) -> None:
    """Record whether the captions of all files say the same; one caption has no other to be like."""
    said = {text for _, text in texts}
    alike = len(said) == 1 and len(texts) == files > 1
    places = _places([caption for caption, _ in texts[:1]])
    note("captions_alike", alike, places)
    if alike:
        note("caption_shared", _start(said.pop()) or "the trigger word alone", places)


def _start(text: str) -> str:
    """Return the start of a caption, fit to be quoted in a sentence."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable if len(printable) <= MOST_SHOWN else f"{printable[: MOST_SHOWN - 1]}…"


def _motion(
    texts: Sequence[tuple[Caption, str]], words: Words, spec: DatasetSpec, note: Note, record: Recorder
) -> None:
    if not texts or not words.words:
        return
    names = ("captions_without_motion", "captions_without_motion_share", "captions_without_motion_files")
    if not words.own and not all(in_latin(text) for _, text in texts):
        for name in names:
            why = "the general list of motion words is English"
            record.unknown(f"dataset.{name}", why, subject=spec.subject, places=_places([texts[0][0]]))
        return
    still = [caption for caption, text in texts if not speaks_of(words.words, text)]
    _count("captions_without_motion", still, note)
    note("captions_without_motion_share", len(still) / len(texts), _places(still))
    note("motion_words", "given" if words.own else "general", _places(still))
    shown = ", ".join(map(shortened, words.words[:MOST_WORDS])) if words.own else "a general list of motion words"
    note("motion_words_used", shown, _places(still))
