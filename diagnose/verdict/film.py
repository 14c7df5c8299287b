"""The previews of a run as strips of small pictures, for a page: a few steps, evenly spread, within a size.

Each strip is from where its preview moves most, so that what is seen is what was measured. A training clip is beside
them, where one was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import Place, Remark
from diagnose.motion.measured import ClipMotion
from diagnose.motion.series import in_force
from diagnose.sources.readings import SampleFile
from diagnose.sources.video.frames import Strip
from diagnose.sources.video.workers import strips
from diagnose.verdict.motion import MotionTable
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
    limit, clip = ASKED if asked else UNASKED, report.curves.clip
    previews = in_force(report.curves.previews)
    chosen = evenly_by_step(previews, limit.strips, _turn(report.motion) if report.motion is not None else ())
    chosen.sort(key=lambda each: (each.prompt, each.step))
    blank = [(FilmStrip(each.step, each.prompt, each.file, ""), run_dir / each.file) for each in chosen]
    blank += [(FilmStrip(None, None, clip.name, ""), clip.path)] if clip is not None else []
    moments = _moments(report.motion) if report.motion is not None else {}
    found = strips([(path, moments.get(one.file)) for one, path in blank], seconds_all=SECONDS)
    film, room, unread = [], limit.size, dict[str, Remark]()
    for (one, _), picture in zip(blank, found, strict=True):
        if not isinstance(picture, Strip):
            unread.setdefault(picture.reason, Remark(Place(one.file), f"the preview is not shown: {picture.reason}"))
        elif len(picture.strip) <= room:
            room -= len(picture.strip)
            film.append(replace(one, picture=picture.strip))
    return replace(report, film=tuple(film), unread=(*report.unread, *unread.values()))


def _moments(found: MotionTable) -> dict[str, int]:
    """Return the frame after which most moves, by file."""
    points = (point.motion for each in found.series.prompts for point in each.every_point)
    clips = (each for each in (*points, *found.series.clips) if isinstance(each, ClipMotion))
    return {each.file: each.liveliest for each in clips if each.liveliest is not None}


def _turn(found: MotionTable) -> tuple[int, ...]:
    """Return the steps just before and at a change of the motion; none where there is none."""
    turned = found.course.turned_at if found.course is not None else None
    steps = [each.step for each in found.steps]
    return tuple(steps[max(0, steps.index(turned) - 1) :][:2]) if turned in steps else ()


def evenly_by_step(previews: Sequence[SampleFile], most: int, named: Sequence[int] = ()) -> list[SampleFile]:
    """Return the previews of some steps, at most `most` in all: the first step, the last, `named` ones, and others."""
    steps = sorted({each.step for each in previews})
    per_step = max(1, -(-len(previews) // len(steps)))
    count = max(1, min(len(steps), most // per_step))
    first = list(dict.fromkeys((steps[0], steps[-1], *(step for step in named if step in steps))))
    free = max(1, count - len(first) + 2)
    even = [steps[round(index * (len(steps) - 1) / max(1, free - 1))] for index in range(free)]
    kept = set(list(dict.fromkeys((*first, *even)))[:count]) if count < len(steps) else set(steps)
    return [each for each in previews if each.step in kept][: max(most, 1)]
