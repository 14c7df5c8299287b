"""What the captions of a data set hold: which are missing, which the trainer cannot read, which speak of no motion."""

from __future__ import annotations

import re
from collections.abc import Sequence

from diagnose.core.model import Place, Scalar
from diagnose.facts.dataset.naming import named, shortened
from diagnose.facts.dataset.taken import Taken
from diagnose.facts.dataset.words import in_latin, speaks_of
from diagnose.facts.record import Recorder
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
