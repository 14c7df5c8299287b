"""Work says how far it is to whoever listens, and to nobody else."""

from __future__ import annotations

from diagnose.core.activity import doing, followed


def test_a_listener_hears_what_is_done_meanwhile() -> None:
    heard: list[tuple[str, int, int]] = []
    doing("reading", 1, 3)
    with followed(lambda *said: heard.append(said)):
        doing("reading", 2, 3)
    doing("reading", 3, 3)
    assert heard == [("reading", 2, 3)]
