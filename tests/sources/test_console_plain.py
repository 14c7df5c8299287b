from __future__ import annotations

import pytest

from diagnose.sources.console.plain import plain

STAMP = b"2026-01-02T03:04:05.123456789Z "


@pytest.mark.parametrize(
    ("raw", "texts"),
    [
        (b"loss is nan", [b"loss is nan"]),
        (b"\x1b[32mgreen\x1b[0m", [b"green"]),
        (b"one\x1b[Atwo\x1b[3Bthree", [b"one", b"two", b"three"]),
        (STAMP + b"  File", [b"  File"]),
        (STAMP.rstrip(), [b""]),
        (b"2026-01-02T03:04:05,1+01:00 \x1b[1mx", [b"x"]),
        (b"2026-01-02T03:04:05+0100 x", [b"x"]),
        (b"2026-01-02T03:04:05 x", [b"2026-01-02T03:04:05 x"]),
        (b"at " + STAMP, [b"at " + STAMP]),
    ],
)
def test_a_line_is_freed_of_what_others_put_into_it(raw: bytes, texts: list[bytes]) -> None:
    assert plain(raw) == texts
