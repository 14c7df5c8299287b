"""Free the text of a console from what others put into it: a terminal's escapes, a container's time stamps."""

from __future__ import annotations

import re

_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:?\d\d)(?: |$)")
"""Before every line of `docker logs -t` and `kubectl logs --timestamps`."""
_MOVE = re.compile(rb"\x1b\[\d*[A-H]")
_ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]")


def plain(raw: bytes) -> list[bytes]:
    """Drop the time stamp and colours, and split at cursor movements, which nested bars use."""
    if raw[:1].isdigit() and (stamp := _STAMP.match(raw)):
        raw = raw[stamp.end() :]
    if b"\x1b" not in raw:
        return [raw]
    return [_ESCAPE.sub(b"", text) for text in _MOVE.split(raw)]
