"""What an inference costs on every path: 200 rules, 500 facts, in milliseconds.

Stand-alone: `PYTHONPATH=tests/support python tests/bench/bench_engine.py`. Asserts nothing.
"""

from __future__ import annotations

import platform
import statistics
import sys
import time
from collections.abc import Iterator

from blank_rule import BLANK_RULE
from msgspec.structs import replace

from diagnose.core.values import Fact, Stage
from diagnose.engine.infer import Choice, infer
from diagnose.rulebase.rule import EACH, AnyOf, Clause, Condition, Op, Reference, Rule, Test

NAMES = 250
EXPERTS = ("high", "low")
ROUNDS = 15


def facts() -> list[Fact]:
    """Return a number for each of both experts under every name."""
    return [Fact(f"fact-{n}", subject, (n * 7 + len(subject)) % 50 / 10) for n in range(NAMES) for subject in EXPERTS]


def rule(number: int, stage: Stage, when: tuple[Clause, ...], unless: tuple[Condition, ...] = ()) -> Rule:
    """Return a rule that derives a conclusion of its own."""
    return replace(
        BLANK_RULE,
        id=f"rule-{number:03d}",
        applies=(Condition("fact-0", "high", (Test(Op.GE, 0),), "valid"),),
        stage=stage,
        when=when,
        unless=unless,
        derives=(f"conclusion-{number}",),
    )


def rules() -> Iterator[Rule]:
    """Yield 120 symptoms with thresholds and joins, 60 causes with alternatives and absences, 20 remedies."""
    for n in range(120):
        first = Condition(f"fact-{n}", EACH, (Test(Op.GE, 1.5),), "first")
        second = Condition(f"fact-{n + 100}", EACH, (Test(Op.LT, Reference("first", 1.25)),), "second")
        yield rule(n, Stage.SYMPTOM, (first, second) if n % 2 else (first,))
    for n in range(120, 180):
        symptom = Condition(f"conclusion-{n - 120}", EACH, (), "symptom")
        other = Condition(f"fact-{n}", EACH, (Test(Op.IN, (1.0, 2.0, 3.0)),), "other")
        benign = Condition(f"fact-{n - 60}", EACH, (Test(Op.GT, 3.0),), "benign")
        yield rule(n, Stage.CAUSE, (AnyOf((symptom, other)),), (benign,))
    for n in range(180, 200):
        cause = Condition(f"conclusion-{n - 60}", "high", (), "cause")
        yield rule(n, Stage.REMEDY, (cause,), (Condition(f"conclusion-{n - 40}", "low", (), "not"),))


def main() -> None:
    """Print the least and the median time of each path."""
    every_rule, every_fact = tuple(rules()), facts()
    sys.stdout.write(f"Python {platform.python_version()}: {len(every_rule)} rules, {len(every_fact)} facts\n")
    paths: tuple[Choice, ...] = ("matcher", "durable", "auto")
    for engine, some in (*((path, every_rule) for path in paths), (paths[-1], every_rule[:1])):
        times = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            inference = infer(some, every_fact, engine=engine)
            times.append(1000 * (time.perf_counter() - start))
        sys.stdout.write(
            f"{engine:8} {len(some):4} rules {len(inference.firings):4} firings: least {min(times):6.1f} ms, "
            f"median {statistics.median(times):6.1f} ms  ({inference.engine}{inference.engine_note})\n"
        )


if __name__ == "__main__":
    main()
