"""In which phase of the run a console ends: by the functions of the traceback, else by the last line that opens one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from diagnose.crashes.patterns import compiled
from diagnose.rulebase.crash_kinds import Phase
from diagnose.rulebase.domain import ANY
from diagnose.sources.console_text.line import Line

TRAINING, FIRST_STEP = "training", "first-step"
"""The phase of a run that has trained a step, where nothing says more; and of one that has not."""


def phase_of_frames(frames: Iterable[Line], phases: Mapping[str, Phase]) -> str | None:
    """Return the phase in which the innermost function runs that runs in one phase alone."""
    for line in reversed(list(frames)):
        for name, phase in phases.items():
            if any(compiled(pattern).search(line.text) for pattern in phase.frames):
                return name
    return None


def phase_of_lines(lines: Sequence[Line], phases: Mapping[str, Phase], trainers: Collection[str]) -> str | None:
    """Return the phase that the last marker opens; None without one. Without a trainer it may be any marker.

    The first phase is over where a bar was drawn after its marker, whatever came then.
    """
    markers = [(name, _markers(phase, trainers)) for name, phase in phases.items()]
    first, drawn = next(iter(phases), None), False
    for line in reversed(lines):
        for name, patterns in markers:
            if any(compiled(pattern).search(line.text) for pattern in patterns):
                return None if name == first and drawn else name
        drawn = drawn or "%|" in line.text
    return None


def _markers(phase: Phase, trainers: Collection[str]) -> list[str]:
    found = (patterns for name, patterns in phase.markers.items() if not trainers or name in {ANY, *trainers})
    return list(dict.fromkeys(pattern for patterns in found for pattern in patterns))
