"""Logs as a machine would write them: steps that scatter, clips of two sizes, switches, saves, previews, pauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, pi, sin
from random import Random

from diagnose.domains.wan22.experts import Expert
from diagnose.sources.log_rows import LogRow


@dataclass(frozen=True)
class Machine:
    """What each thing takes, in seconds. `sizes`: part of the steps and how many times `pace` they take.

    `noise`: how much everything scatters, as the deviation of a logarithm. `slow_from`, `slow_by`: from a step on,
    every step takes so many times as long. `stops`: seconds of a pause before a step, on top. `warm_up`: steps at the
    start that take three times as long. `drift`: part by which the pace swings over the run, as with the temperature.
    """

    steps: int = 1500
    pace: float = 10.0
    sizes: tuple[tuple[float, float], ...] = ((1.0, 1.0),)
    noise: float = 0.05
    switch_every: int = 0
    switch: float = 0.0
    save_every: int = 0
    save: float = 0.0
    sample_every: int = 0
    preview: float = 0.0
    slow_from: int = 10**9
    slow_by: float = 1.0
    stops: Mapping[int, float] = field(default_factory=dict)
    warm_up: int = 0
    drift: float = 0.0


def physical_log(machine: Machine, seed: int, *, after_saves: bool = False, every: int = 1) -> list[LogRow]:
    """Return the rows of a run on a machine: by the fork's way, or by upstream's, which writes a row after the saves."""
    random, now, rows = Random(seed), 0.0, []
    shares, factors = zip(*machine.sizes, strict=True)
    for step in range(machine.steps):
        expert = Expert.LOW if machine.switch_every and step // machine.switch_every % 2 else Expert.HIGH
        now += machine.stops.get(step, 0.0)
        slow = machine.slow_by if step >= machine.slow_from else 1.0
        slow *= 3.0 if step < machine.warm_up else 1.0 + machine.drift * sin(2 * pi * step / machine.steps)
        now += machine.pace * random.choices(factors, shares)[0] * slow * _scatter(random, machine.noise)
        if machine.switch_every and step and step % machine.switch_every == 0:
            now += machine.switch * _scatter(random, machine.noise)
        pause = sum(
            seconds * _scatter(random, 2 * machine.noise)
            for cadence, seconds in ((machine.save_every, machine.save), (machine.sample_every, machine.preview))
            if cadence and step and step % cadence == 0
        )
        now += pause if after_saves else 0.0
        if step % every == 0:
            named = expert.value if machine.switch_every else None
            rows.append(LogRow(step, step + 1, time=now, loss=0.1, expert=named))
        now += 0.0 if after_saves else pause
    return rows


def bar_log(machine: Machine, seed: int) -> list[LogRow]:
    """Return the rows of a console, whose bar counts whole seconds and stops for saves and previews."""
    rows = physical_log(machine, seed)
    return [LogRow(row.step, row.line, loss=row.loss, elapsed=float(int(row.time or 0.0))) for row in rows]


def _scatter(random: Random, noise: float) -> float:
    return exp(random.gauss(0.0, noise))
