"""How often the rules about the pace speak of healthy runs, and how often they see what is planted; simulated logs.

Stand-alone: `python tests/bench/pace_alarms.py [--runs N] [--seed S]`. Machines, cadences and clips are drawn anew for
every run: clips of up to three sizes, warm-up, drift, restarts, short stops, logs of the fork, of upstream and of a
console alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "support")]

from builders import CONSOLE, config_of, readings, recorder  # noqa: E402 - the paths have to be there first
from msgspec.structs import replace  # noqa: E402
from physical_logs import Machine, bar_log, physical_log  # noqa: E402
from run_evidence import evidence  # noqa: E402

from diagnose.engine.infer import infer  # noqa: E402
from diagnose.facts.log import lost_time, pace  # noqa: E402
from diagnose.facts.log.starts import Restarts  # noqa: E402
from diagnose.rulebase.rule import Rule  # noqa: E402
from diagnose.settings import Settings, rule_base  # noqa: E402
from diagnose.sources.log_readings import ConsoleReading, LogReading  # noqa: E402
from diagnose.sources.readings import RunReadings  # noqa: E402
from diagnose.sources.row_writer import rows_of  # noqa: E402
from diagnose.trainers.declared import Config  # noqa: E402

SLOW = "steps-slow-down"
KINDS = ("fork", "upstream", "upstream every 10", "console")


class Heard(NamedTuple):
    """The rules that spoke of a run, and the step from which it was called slow."""

    names: tuple[str, ...]
    slow_from: float | None


def healthy(random: Random) -> tuple[Machine, str]:
    """Draw a machine, and the kind of log it leaves."""
    steps, step_seconds = random.randint(300, 3000), 10 ** random.uniform(0.3, 2.3)
    sizes = _sizes(random)
    mean = step_seconds * sum(share * factor for share, factor in sizes)
    save, sample = random.choice([50, 100, 250]), random.choice([100, 200, 250, 500])
    switch = random.choice([1, 10, 50, 100])
    restarts = {random.randrange(50, steps, 50): random.uniform(120, 900) for _ in range(random.choice([0, 0, 1, 2]))}
    stops = {random.randrange(40, steps): random.uniform(10, 1200) for _ in range(random.choice([0, 0, 1]))}
    machine = Machine(
        steps=steps,
        pace=step_seconds,
        sizes=sizes,
        noise=random.uniform(0.01, 0.15),
        switch_every=switch,
        switch=min(8.0, 0.08 * mean * switch) * random.random(),
        save_every=save,
        save=0.05 * mean * save * random.random(),
        sample_every=sample,
        preview=0.15 * mean * sample * random.random(),
        stops={**stops, **restarts},
        warm_up=random.choice([0, 1, 10, 25]),
        drift=random.uniform(0, 0.15),
    )
    return machine, random.choice(KINDS)


def _sizes(random: Random) -> tuple[tuple[float, float], ...]:
    count = random.choice([1, 1, 2, 2, 3])
    parts = [random.uniform(0.05, 1) for _ in range(count)]
    return tuple((part / sum(parts), 1.0 if not at else random.uniform(1.2, 15)) for at, part in enumerate(parts))


def heard(machine: Machine, kind: str, seed: int, folder: Path, rules: Sequence[Rule]) -> Heard:
    """Return what the rules say of a run on a machine. Restarts are left for the pauses to tell."""
    record = recorder()
    read = _readings(machine, kind, seed)
    given: dict[str, Any] = {"restarts": Restarts((), ())} if kind == "console" else {}
    found = evidence(_config(machine, folder), read, **given)
    lost_time.extract(found, record)
    pace.extract(found, record)
    names = {rule.id: rule.name for rule in rules}
    fired = infer(rules, record.facts(), engine="matcher").firings
    return Heard(tuple(sorted({names[firing.rule] for firing in fired})), record.number("log.slow_from"))


def _readings(machine: Machine, kind: str, seed: int) -> RunReadings:
    if kind == "console":
        log = LogReading("log.txt", CONSOLE, rows_of("log.txt", bar_log(machine, seed)))
        return readings(console=ConsoleReading(log, ()))
    if kind == "fork":
        return readings(metrics=physical_log(machine, seed))
    rows = physical_log(machine, seed, after_saves=True, every=10 if kind.endswith("10") else 1)
    return readings(loss_db=[replace(row, expert=None) for row in rows])


def _config(machine: Machine, folder: Path) -> Config:
    return config_of(
        folder,
        model={"arch": "wan22_14b_i2v"},
        save={"save_every": machine.save_every},
        sample={"sample_every": machine.sample_every, "prompts": ["a dog"]},
        train={"switch_boundary_every": machine.switch_every},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7001)
    asked = parser.parse_args()
    rules = [rule for rule in rule_base(Settings()).rules if rule.name == SLOW or rule.id.startswith("PAC")]
    alarms: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    errors = []
    with TemporaryDirectory() as name:
        for run in range(asked.runs):
            random = Random(asked.seed + run)
            machine, kind = healthy(random)
            told = heard(machine, kind, asked.seed + run, Path(name), rules)
            alarms.update(told.names or ["none"])
            if told.names:
                print("healthy", asked.seed + run, kind, *told.names)
            start = random.randint(machine.steps // 4, 3 * machine.steps // 4)
            slow = dataclasses.replace(machine, slow_from=start, slow_by=random.uniform(4, 30))
            told = heard(slow, kind, asked.seed + run, Path(name), rules)
            seen.update([SLOW if SLOW in told.names else f"missed at {slow.pace:.0f} s, {kind}"])
            if SLOW in told.names and told.slow_from is not None:
                errors.append(abs(told.slow_from - start))
    print(f"{asked.runs} healthy runs:", dict(alarms))
    print(f"{asked.runs} runs that became 4 to 30 times slower:", seen.most_common(12))
    errors.sort()
    print("steps off, median and nine in ten:", errors[len(errors) // 2], errors[9 * len(errors) // 10])


if __name__ == "__main__":
    main()
