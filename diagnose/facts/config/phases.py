"""Where the fork's alpha schedule keeps its phases."""

from __future__ import annotations

from diagnose.sources.config.dotted import join

PHASES = "network.alpha_schedule.conv_alpha_phases"


def phase_path(phase: object) -> str:
    """Return where a phase of the schedule stands; its name may hold anything."""
    return join(PHASES, str(phase))
