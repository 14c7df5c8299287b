"""Fuzzer of the C engine: random rule bases, on which it must say what the plain-Python matcher says.

Stand-alone, seeded, and of use under AddressSanitizer, without which the engine's worst faults stay invisible:

    PYTHONPATH=tests/support python tests/fuzz/engine_fuzz.py --seconds 60 --seed 1

Rule base N of a seed is always the same one; after a crash, `--first N` starts at the last number printed.
Exit status 0: no difference. A difference prints the rule base and ends the run with 1.
"""

from __future__ import annotations

import argparse
import platform
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pprint import pformat

from blank_rule import BLANK_RULE
from msgspec.structs import replace

from diagnose.core.errors import EngineError
from diagnose.core.values import Fact, Place, Quality, Scalar, Stage
from diagnose.engine.infer import infer
from diagnose.engine.inference import Inference
from diagnose.rulebase.comparison import passes
from diagnose.rulebase.rule import EACH, AnyOf, Clause, Condition, Op, Reference, Rule, Test

NUMBERS = (0, 0.0, -0.0, 1, 1.0, -1, 2, 3, 0.5, 0.1, 0.2, 0.3, 0.1 + 0.2, 5e-06, 4.9e-06, 5.1e-06, 1e-05, 1.5e-05)
FAR_NUMBERS = (5e-324, 1e-300, 1.7976931348623157e308, -1e300, 1e22, 2**53, -(2**53), 1e16, 123456789.123456789)
TEXTS = (
    "",
    "a",
    "ab",
    "ab c",
    "adamw",
    "1",
    "1.0",
    "true",
    "True",
    "number:1.0",
    "text:a",
    "null",
    "__GO__",
    "{}",
)
ODD_TEXTS = (
    '"',
    "\\",
    '\\"',
    "\n",
    "\t",
    "\0",
    "'",
    "é",
    "夜",
    "\U0001f3ac",
    "\ud800",
    "[1,2]",
    "$not",
    "x" * 300,
)
TIMES = (1.0, 1.0, 1.0, 2.0, 3.0, 0.5, 0.1, 1 / 3, -1.0, 0.0, 1e300, 1e-300)
SUBJECTS = ("run", "high", "low", "train.lr", 'a "key" é')
USUAL = 3
"""The first three subjects have most facts."""
REFUSED = "the engine takes"


def scalar(rng: random.Random) -> Scalar:
    """Return a value, often one that another fact or constant has too, or a neighbour of it."""
    roll = rng.random()
    if roll < 0.45:
        return rng.choice(NUMBERS)
    if roll < 0.55:
        return rng.choice((True, False))
    if roll < 0.75:
        return rng.choice(TEXTS)
    if roll < 0.83:
        return rng.choice(ODD_TEXTS)
    if roll < 0.90:
        return rng.choice(FAR_NUMBERS)
    near = rng.choice(NUMBERS) * (1 + rng.choice((-1, 1)) * 2.0**-52)
    return near if rng.random() < 0.5 else rng.uniform(-1, 1) * 10.0 ** rng.randint(-12, 12)


class Maker:
    """Makes one rule base: facts first, then rules of which a good part holds."""

    def __init__(self, rng: random.Random) -> None:
        """Draw everything from `rng`."""
        self.rng = rng
        large = rng.random() < 0.03
        self.given = [f"fact-{n}" for n in range(rng.randint(20, 40) if large else rng.randint(1, 10))]
        self.derived = rng.sample([f"{stage.value}-{n}" for stage in Stage for n in range(3)], rng.randint(0, 4))
        self.facts = [fact for name in self.given for fact in self.make_facts(name)]
        self.known = {fact.key: fact.value for fact in self.facts if fact.known}
        self.rules = [self.make_rule(n) for n in range(rng.randint(40, 120) if large else rng.randint(1, 12))]

    def make_facts(self, name: str) -> Iterator[Fact]:
        """Yield one fact for some of the subjects."""
        for number, subject in enumerate(SUBJECTS):
            if self.rng.random() < (0.85 if number < USUAL else 0.15):
                place = Place(f"{self.rng.choice('ab')}.yaml", line=self.rng.randint(1, 3))
                if self.rng.random() < 0.08:
                    yield Fact(name, subject, None, quality=Quality.UNKNOWN)
                else:
                    yield Fact(name, subject, scalar(self.rng), places=(place,))

    def make_rule(self, number: int) -> Rule:
        """Return a rule with one to six conditions and sometimes alternatives."""
        rng, each = self.rng, self.rng.random() < 0.5
        plain = [f"p{n}" for n in range(rng.choice((1, 1, 2, 2, 3, 4, 6)))]
        parts: dict[str, list[Condition]] = {"applies": [], "when": [], "unless": []}
        for alias in plain:
            part = rng.choice(("applies", "when", "when", "when", "unless"))
            parts[part].append(self.make_condition(alias, plain, each=each, holds=part != "unless"))
        clauses: list[Clause] = list(parts["when"])
        for clause in range(rng.choice((0, 0, 0, 1, 2))):
            aliases = [f"any{clause}{n}" for n in range(rng.randint(1, 3))]
            clauses.append(AnyOf(tuple(self.make_condition(a, plain, each=each, holds=True) for a in aliases)))
        stage = rng.choice(list(Stage))
        derives = {f"{stage.value}-{rng.randint(0, 2)}" for _ in range(rng.choice((0, 1, 1, 2)))}
        return replace(
            BLANK_RULE,
            id=f"rule-{number:03d}",
            stage=stage,
            applies=tuple(parts["applies"]),
            when=tuple(clauses),
            unless=tuple(parts["unless"]),
            derives=tuple(sorted(derives)),
        )

    def make_condition(self, alias: str, plain: list[str], *, each: bool, holds: bool) -> Condition:
        """Return a condition on a fact or a conclusion, made to hold or to fail more often than not."""
        rng = self.rng
        subject = EACH if each and rng.random() < 0.6 else rng.choice(SUBJECTS[:USUAL])
        if self.derived and rng.random() < 0.2:
            concluded = (Test(Op.IS, operand=True),)
            return Condition(rng.choice(self.derived), subject, concluded[: rng.randint(0, 1)], alias)
        name = rng.choice(self.given)
        value = self.known.get((name, rng.choice(SUBJECTS[:USUAL]) if subject == EACH else subject))
        count = rng.choice((0, 1, 1, 1, 2))
        tests = tuple(self.make_test(value, plain, holds=holds is (rng.random() < 0.85)) for _ in range(count))
        return Condition(name, subject, tests, alias)

    def make_test(self, value: Scalar | None, plain: list[str], *, holds: bool) -> Test:
        """Return a comparison with a constant or another condition's value; with luck it does what is asked."""
        if self.rng.random() < 0.2:
            operand = Reference(self.rng.choice(plain), self.rng.choice(TIMES))
            return Test(self.rng.choice([op for op in Op if op is not Op.IN]), operand)
        for _ in range(8):
            test = self.make_constant_test(value)
            if passes(test, value, {}) is holds:
                break
        return test

    def make_constant_test(self, value: Scalar | None) -> Test:
        """Return a comparison with a constant, often with the fact's own value."""
        rng = self.rng
        pool = [scalar(rng) for _ in range(rng.randint(0, 4))] + ([value] if value is not None else [])
        rng.shuffle(pool)
        op = rng.choice(list(Op))
        return Test(op, tuple(pool)) if op is Op.IN else Test(op, pool[0] if pool else scalar(rng))


def anonymous(inference: Inference) -> tuple[object, ...]:
    """Return everything but the name of what ran."""
    fired, gaps, out = inference.firings, inference.gaps, inference.out_of_range
    return (fired, gaps, out, inference.silent, inference.conclusions, inference.left_open)


def try_one(rng: random.Random, seen: Counter[str]) -> str:
    """Run one rule base on both, count what happened, and return the difference, if any."""
    made = Maker(rng)
    rules, facts = made.rules, made.facts
    expected = infer(rules, facts, engine="matcher")
    seen["rule bases"] += 1
    seen["rules"] += len(rules)
    seen["facts"] += len(facts)
    try:
        got = infer(rng.sample(rules, len(rules)), rng.sample(facts, len(facts)), engine="durable")
    except EngineError as fault:
        if REFUSED in str(fault):
            seen["rule bases refused (too large for the engine)"] += 1
            return ""
        return f"{fault}\n{pformat((rules, facts))}"
    seen["firings"] += len(got.firings)
    seen["firings with an absence"] += sum(bool(firing.absent) for firing in got.firings)
    seen["conclusions"] += len(got.conclusions)
    seen["gaps"] += len(got.gaps)
    seen["out of range"] += len(got.out_of_range)
    seen["silent"] += len(got.silent)
    return "" if anonymous(got) == anonymous(expected) else pformat((got, expected, rules, facts))


def main() -> int:
    """Fuzz for the given time and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first rule base")
    options = parser.parse_args()
    seen: Counter[str] = Counter()
    number, end = options.first, time.monotonic() + options.seconds
    while time.monotonic() < end:
        if number % 500 == 0:
            sys.stderr.write(f"rule base {number}\n")
        rng = random.Random(f"{options.seed}/{number}")
        difference = try_one(rng, seen)
        if difference:
            sys.stdout.write(f"seed {options.seed}, rule base {number}:\n{difference}\n")
            return 1
        number += 1
    counts = "".join(f"{what}: {count:,}\n" for what, count in (*seen.items(), ("differences", 0)))
    sys.stdout.write(f"Python {platform.python_version()}, seed {options.seed}, {options.seconds:g} s\n{counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
