"""How often a fall of the motion is found where there is one, and where there is none; simulated previews of runs.

Stand-alone: `python tests/bench/motion_runs.py [--runs N] [--seed S] [--processes P]`; about ten minutes on two cores.
Each run has its own seed. `Levels` is what measuring the previews leaves; how well that goes is in MOTION.md.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from diagnose.motion.change import ALARM, course_of  # noqa: E402 - the path has to be there first
from diagnose.motion.contrasts import contrasts  # noqa: E402
from diagnose.motion.levels import Levels  # noqa: E402
from diagnose.motion.noise import Floats, layout_of  # noqa: E402
from diagnose.motion.power import power_of  # noqa: E402
from diagnose.motion.student import quantile  # noqa: E402

SHUFFLES = 999


class Made(NamedTuple):
    """What a made-up run is like.

    `sd` of the logarithm of a sample, `near` its correlation from save to save, `shared` the part of its variance that
    all prompts of a save share. From save `turn` on the motion is `to` times what it was, by and by where not `sudden`.
    `moved` is the share of the prompts that take part, `gone` that of the samples without a figure.
    """

    prompts: int
    saves: int
    sd: float
    near: float = 0.0
    shared: float = 0.0
    turn: int = 0
    to: float = 1.0
    sudden: bool = True
    moved: float = 1.0
    against: bool = False
    gone: float = 0.0


class Seen(NamedTuple):
    """What was made of it: of a fall, how many saves beside the truth its turn is."""

    fell: bool
    rose: bool
    beside: int
    power: float
    by_t: bool
    by_shuffling: bool


def made(like: Made, chance: np.random.Generator) -> Levels:
    """Return the levels of a made-up run."""
    own = chance.standard_normal((like.prompts, like.saves))
    for save in range(1, like.saves):
        own[:, save] = like.near * own[:, save - 1] + math.sqrt(1 - like.near**2) * own[:, save]
    together = chance.standard_normal((1, like.saves))
    logs = like.sd * (math.sqrt(1 - like.shared) * own + math.sqrt(like.shared) * together)
    after = like.saves - like.turn
    part = np.concatenate([np.zeros(like.turn), np.ones(after) if like.sudden else np.arange(1, after + 1) / after])
    size = np.full(like.prompts, math.log(like.to))
    still = round(like.prompts * (1 - like.moved))
    size[:still] = -size[:still] if like.against else 0.0
    logs += size[:, None] * part[None] + chance.normal(-1.5, 0.7, (like.prompts, 1))
    gone = chance.random(logs.shape) < like.gone
    gone[0] = False  # a save without any preview is none
    logs[gone] = np.nan
    rows = tuple(tuple(None if math.isnan(log) else float(log) for log in row) for row in logs)
    return Levels(tuple(range(like.prompts)), tuple(range(100, 100 * like.saves + 1, 100)), rows)


def look(job: tuple[Made, int]) -> Seen:
    """Make a run and judge it."""
    like, seed = job
    chance = np.random.default_rng(seed)
    levels = made(like, chance)
    course = course_of(levels)
    if course is None:
        return Seen(fell=False, rose=False, beside=0, power=0.0, by_t=False, by_shuffling=False)
    fall = course.fall
    beside = abs(levels.steps.index(fall.turned) - like.turn) if fall is not None else 0
    others = (by_t(levels), by_shuffling(levels, chance)) if not like.gone else (False, False)
    return Seen(fall is not None, course.rise is not None, beside, power_of(course)[0], *others)


def by_t(levels: Levels) -> bool:
    """The plain way: t over the prompts for each sudden course, with Bonferroni's correction."""
    sizes = _by_prompt(levels)
    prompts = len(levels.prompts)
    t = sizes.mean(1) / (sizes.std(1, ddof=1) / math.sqrt(prompts))
    return bool(np.abs(t).max() > quantile(1 - ALARM / 2 / len(t), prompts - 1))


def by_shuffling(levels: Levels, chance: np.random.Generator) -> bool:
    """The other plain way: the largest course against that of shuffled saves; all prompts are shuffled alike."""
    values = np.array(levels.logs, float)
    tried = contrasts(len(levels.steps)).weights
    scale = np.sqrt((tried**2).sum(1))

    def largest(order: Sequence[int]) -> float:
        return float(np.abs(tried @ values[:, order].mean(0) / scale).max())

    found = largest(range(len(levels.steps)))
    above = sum(largest(chance.permutation(len(levels.steps)).tolist()) >= found for _ in range(SHUFFLES))
    return (above + 1) / (SHUFFLES + 1) <= ALARM


def _by_prompt(levels: Levels) -> Floats:
    tried = contrasts(len(levels.steps))
    layout, values = layout_of(levels)
    return np.asarray(tried.weights[np.array(tried.sudden)] @ values.reshape(layout.mask.shape).T)


def constant(runs: int) -> Iterator[tuple[str, Made, int]]:
    """Yield the runs in which nothing changes."""
    for near in (0.0, 0.5, 0.7):
        for prompts in (1, 2, 3, 4, 5, 6, 8):
            for number in range(runs if prompts > 3 else 1):
                saves, sd = (6, 10, 20)[number % 3], (0.1, 0.2, 0.4)[number // 3 % 3]
                yield f"neighbours {near:g} | {prompts}", Made(prompts, saves, sd, near), number
    for number in range(runs):
        like = Made((4, 6, 8)[number % 3], (6, 10, 20)[number // 3 % 3], 0.2, 0.3, shared=0.4)
        yield "shared by the prompts of a save | 4 to 8", like, number
    for number in range(runs):
        like = Made((4, 6, 8)[number % 3], (10, 14, 20)[number // 3 % 3], 0.2, 0.5, gone=0.15)
        yield "15 % of the samples missing | 4 to 8", like, number
    for number in range(runs):
        saves = (10, 14, 20)[number % 3]
        like = Made(8, saves, 0.2, 0.3, turn=saves // 2, to=0.5, moved=0.5, against=True)
        yield "half of the prompts fall to 50 %, half rise | 8", like, number


def falling(runs: int) -> Iterator[tuple[str, Made, int]]:
    """Yield the runs whose motion changes, 12 saves each."""
    for fall, sudden in product((0.15, 0.3, 0.6), (True, False)):
        for prompts, sd in product((1, 3, 4, 6, 8), (0.1, 0.2, 0.4)):
            for number in range(runs if prompts > 3 else 1):
                like = Made(prompts, 12, sd, 0.3, turn=4 + number % 5, to=1 - fall, sudden=sudden)
                yield f"{fall:.0%} {'at once' if sudden else 'by and by'} | {prompts} | {sd:g}", like, number
    like = Made(8, 12, 0.2, 0.3, to=0.7)
    for name, each in (
        ("30 %, 15 % of the samples missing", like._replace(gone=0.15)),
        ("30 %, of three quarters of the prompts", like._replace(moved=0.75)),
        ("rise by 43 %", like._replace(to=1 / 0.7)),
    ):
        for number in range(runs):
            yield f"{name} | 8 | 0.2", each._replace(turn=4 + number % 5), number


def table(kinds: Iterator[tuple[str, Made, int]], seed: int, pool: ProcessPoolExecutor) -> dict[str, list[Seen]]:
    """Judge the runs, kind by kind."""
    listed = list(kinds)
    seen = pool.map(look, [(like, seed * 1_000_003 + at) for at, (_, like, _) in enumerate(listed)], chunksize=20)
    found: dict[str, list[Seen]] = {}
    for (name, _, _), each in zip(listed, seen, strict=True):
        found.setdefault(name, []).append(each)
    return found


def share(flags: Sequence[bool]) -> str:
    """Write a share of runs."""
    return f"{100 * sum(flags) / len(flags):.1f}" if flags else "-"


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500, help="runs of each kind that does not change; a fifth else")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    with ProcessPoolExecutor(asked.processes) as pool:
        print("| nothing changes: noise | prompts | runs | false alarms % | t, Bonferroni % | shuffled saves % |")
        print("|---|---|---|---|---|---|")
        for name, seen in table(constant(asked.runs), asked.seed, pool).items():
            cells = [[each.fell or each.rose for each in seen], [e.by_t for e in seen], [e.by_shuffling for e in seen]]
            print(f"| {name} | {len(seen)} | {' | '.join(map(share, cells))} |", flush=True)
        print("\n| fall | prompts | sd | found % | right to one save % | power it printed % | t % | shuffled % |")
        print("|---|---|---|---|---|---|---|---|")
        for name, seen in table(falling(max(1, asked.runs // 5)), asked.seed + 1, pool).items():
            changed = [each.rose if name.startswith("rise") else each.fell for each in seen]
            near = [each.beside <= 1 for each in seen if each.fell]
            mean = 100 * sum(each.power for each in seen) / len(seen)
            others = f"{share([e.by_t for e in seen])} | {share([e.by_shuffling for e in seen])}"
            print(f"| {name} | {share(changed)} | {share(near)} | {mean:.0f} | {others} |", flush=True)


if __name__ == "__main__":
    main()
