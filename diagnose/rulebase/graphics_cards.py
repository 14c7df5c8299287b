"""Graphics cards, `knowledge/cards.yaml`: how fast they multiply, and which one a name means."""

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from diagnose.core.errors import DiagnoseError

_WORD = re.compile(r"(?<![a-z])[a-z]\d+[a-z]?(?![a-z\d])|\d+|[a-z]+")
"""A100, L40S; RTX4090D is three words."""
_MEMORY = re.compile(r"(?<!\d)(\d{1,3}) ?gb?\b")
_OTHERS = frozenset({"ti", "super", "d", "laptop", "mobile", "max", "nvl"})
"""Words that make it another card than the one that is named before them."""


class GraphicsCard(Struct, frozen=True):
    """A card as it is sold.

    Attributes:
        name: as people write it.
        words: those of its name that tell it from others.
        memory: in GB; None for a card that is sold in several sizes.
        bf16: the most that it reaches with dense matrices in bf16, in TFLOPS.
        measured: what a large multiplication reached, None where nobody measured it.
        source: where the figure is from, by a letter that the file explains.
    """

    name: str
    words: tuple[str, ...]
    bf16: float
    source: str
    memory: float | None = None
    measured: float | None = None


def memory_named(name: str, card: GraphicsCard) -> float | None:
    """Return the memory in GB that a name says, as in A100-SXM4-40GB, else the card's own."""
    said = _MEMORY.search(name.lower())
    return float(said[1]) if said is not None else card.memory


def card_named(name: str, cards: Iterable[GraphicsCard]) -> GraphicsCard | None:
    """Return the card that a name means, as a driver, a trainer or a user writes it; None for one that is not known.

    A card whose name goes on with a word that makes it another one is not taken for the shorter name.
    """
    words = _WORD.findall(name.lower())
    fits = [(len(card.words), card, at) for card in cards if (at := _at(words, card.words)) is not None]
    if not fits:
        return None
    length, card, at = max(fits, key=lambda fit: fit[0])
    return None if _OTHERS & set(words[at + length :]) else card


def card_said(name: str | None, cards: Mapping[str, GraphicsCard]) -> tuple[GraphicsCard | None, float | None]:
    """Return the card that is said, and its memory in GB, each None where it is not.

    Raises:
        DiagnoseError: it is none whose speed we know.
    """
    if name is None:
        return None, None
    found = card_named(name, cards.values())
    if found is None:
        raise DiagnoseError(
            f"card {name!r}: its speed is not known here; leave it out, or give one of {', '.join(cards)}"
        )
    return found, memory_named(name, found)


def _at(words: list[str], own: tuple[str, ...]) -> int | None:
    """Return where the words of a card stand in a name, in a row; None where they do not."""
    length = len(own)
    return next((at for at in range(len(words) - length + 1) if tuple(words[at : at + length]) == own), None)
