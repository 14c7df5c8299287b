"""What a config that `next` writes must stand: its own pre-flight, which has nothing more to change."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from diagnose import Report, Settings, preflight


def emitted(report: Report) -> list[str]:
    """Return the configs that a report comes with, one or a pair."""
    pair, alone = report.next.configs, report.next.config
    if pair:
        return [each.config for each in pair]
    assert alone is not None, report.next.note
    return [alone]


def followed(first: Report, folder: Path, chosen: Settings) -> list[Report]:
    """Return the pre-flight of each config that is emitted; it changes nothing, and foresees what was foreseen."""
    plan, found = first.next, []
    assert not plan.conflicts
    # a key that gave the trainer away may be gone
    again = replace(chosen, split=False, trainer=first.run.trainer or None)
    for text in emitted(first):
        target = folder / f"next{Path(first.run.path).suffix or '.yaml'}"
        target.write_bytes(text.encode())
        second = preflight(target, again)
        assert [change for change in second.next.changes if change.path] == []
        assert second.next.config == text
        # what hid the trainer may be gone as well, and the forecast hangs on it
        alike = second.run.trainer == first.run.trainer
        assert not plan.config or not alike or second.forecast == plan.forecast
        found.append(second)
    return found
