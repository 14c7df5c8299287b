"""Damage to bytes, whatever they hold: torn, holed, flipped, lines in another order, in another encoding."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from random import Random

Mutation = Callable[[bytes, Random], bytes]
LINES_AT_MOST = 400


def torn(content: bytes, chance: Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def grown(content: bytes, chance: Random) -> bytes:
    return content + chance.randbytes(chance.randrange(1, 200))


def holed(content: bytes, chance: Random) -> bytes:
    begin = chance.randrange(len(content) + 1)
    return content[:begin] + content[begin + chance.randrange(1, 64) :]


def stuffed(content: bytes, chance: Random) -> bytes:
    begin = chance.randrange(len(content) + 1)
    return content[:begin] + chance.randbytes(chance.randrange(1, 64)) + content[begin:]


def flipped(content: bytes, chance: Random) -> bytes:
    changed = bytearray(content or b"\0")
    for _ in range(chance.choice((1, 1, 1, 2, 8, 64))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def zeroed_from(content: bytes, chance: Random) -> bytes:
    """As after a power cut: the length is right, the end was never written."""
    begin = chance.randrange(len(content) + 1)
    return content[:begin] + b"\0" * (len(content) - begin)


def repeated(content: bytes, chance: Random) -> bytes:
    begin = chance.randrange(len(content) + 1)
    end = begin + chance.choice((1, 8, 80, 800))
    return content[:end] + content[begin:end] * chance.choice((1, 2, 20)) + content[end:]


def lines_moved(content: bytes, chance: Random) -> bytes:
    """Lines dropped, doubled, swapped or cut together: a file written by two programs at once."""
    lines = content.split(b"\n")[:LINES_AT_MOST]
    for _ in range(chance.choice((1, 1, 2, 5))):
        here, there = chance.randrange(len(lines)), chance.randrange(len(lines))
        kind = chance.randrange(5)
        if kind == 0 and len(lines) > 1:
            del lines[here]
        elif kind == 1:
            lines.insert(there, lines[here])
        elif kind == 2:
            lines[here], lines[there] = lines[there], lines[here]
        elif kind == 3:
            lines[here] = lines[here][: chance.randrange(len(lines[here]) + 1)] + lines[there]
        else:
            lines[here] += chance.choice((b"\r", b"\t", b" ", b"\0", b"\x0c", b"\x1b[2J", "\u2028\u202e\x85".encode()))
    return b"\n".join(lines)


def encoded(content: bytes, chance: Random) -> bytes:
    text = content.decode("utf-8", "replace")
    name = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-8-sig", "utf-7"))
    found = text.encode(name, "replace")
    return chance.choice((b"", b"", codecs.BOM_UTF16_LE, codecs.BOM_UTF8, b"\xfe")) + found


def ends_changed(content: bytes, chance: Random) -> bytes:
    return content.replace(b"\n", chance.choice((b"\r\n", b"\r", b"\n\n", b"\n\0", b" ", b"")))


def flooded(content: bytes, chance: Random) -> bytes:
    filler = chance.choice((b"\n", b" ", b"\r", b"\t", b"[", b"{", b"\0", b"a", b"- ", b"9", b"\x1b[A"))
    begin = chance.randrange(len(content) + 1)
    return content[:begin] + filler * chance.choice((100, 3_000, 70_000)) + content[begin:]


def emptied(_content: bytes, chance: Random) -> bytes:
    return chance.choice(
        (b"", b"\0" * 8, b"{}", b"[]", b"null", b"\n", b"this is text\n" * 9, b"\0" * 999, b"\xff\xfe")
    )


BYTES: tuple[Mutation, ...] = (torn, grown, holed, stuffed, flipped, flipped, zeroed_from, repeated)
TEXT: tuple[Mutation, ...] = (
    *BYTES, torn, lines_moved, lines_moved, lines_moved, encoded, ends_changed, flooded, emptied,
)  # fmt: skip


def noisy(content: bytes, chance: Random, mutations: tuple[Mutation, ...] = TEXT) -> bytes:
    """Return the bytes after one piece of damage, or a few."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        content = chance.choice(mutations)(content, chance)
    return content
