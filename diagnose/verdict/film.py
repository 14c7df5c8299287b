"""The previews of a run as strips of small pictures, for a page: a few, evenly spread, within a size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import Place, Remark
from diagnose.sources.readings import SampleFile
from diagnose.sources.video.frames import Strip
from diagnose.sources.video.workers import strips
from diagnose.verdict.report import FilmStrip, Report


class Limit(Struct, frozen=True):
    """How many strips there may be, and how many characters all of them may have."""

    strips: int
    size: int


UNASKED = Limit(24, 400_000)
ASKED = Limit(240, 8_000_000)
SECONDS = 60.0


def with_film(report: Report, run_dir: Path, *, asked: bool | None = None) -> Report:
    """Return the report with strips of its previews; `asked`: True for many, False for none, None for a few."""
    if asked is False or not report.curves.previews:
        return report
    limit = ASKED if asked else UNASKED
    chosen = evenly_by_step(report.curves.previews, limit.strips)
    found = strips([run_dir / each.file for each in chosen], seconds_all=SECONDS)
    film, room, unread = [], limit.size, dict[str, Remark]()
    for each, picture in zip(chosen, found, strict=True):
        if not isinstance(picture, Strip):
            unread.setdefault(picture.reason, Remark(Place(each.file), f"the preview is not shown: {picture.reason}"))
        elif len(picture.strip) <= room:
            room -= len(picture.strip)
            film.append(FilmStrip(each.step, each.prompt, each.file, picture.strip))
    film.sort(key=lambda each: (each.prompt, each.step))
    return replace(report, film=tuple(film), unread=(*report.unread, *unread.values()))


def evenly_by_step(previews: Sequence[SampleFile], most: int) -> list[SampleFile]:
    """Return the previews of some steps, the first and the last among them; at most `most` in all."""
    steps = sorted({each.step for each in previews})
    per_step = max(1, -(-len(previews) // len(steps)))
    count = max(1, min(len(steps), most // per_step))
    kept = {steps[round(index * (len(steps) - 1) / max(1, count - 1))] for index in range(count)}
    return [each for each in previews if each.step in kept][: max(most, 1)]
