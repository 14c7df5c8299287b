"""Rules and facts over to the C engine, and its matches back as firings.

Whatever a stage's rules read is sent to each ruleset that names it: as a message with the value, or as the word
that it is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import TypeAlias

from diagnose.core.errors import EngineError
from diagnose.core.values import RUN, Fact
from diagnose.engine.durable.compile import Ruleset, compile_rules
from diagnose.engine.durable.encode import GO, KNOWN, MAX_MESSAGES, TRIED, UNKNOWN, message
from diagnose.engine.durable.patterns import SUBJECT
from diagnose.engine.inference import Firing
from diagnose.engine.matcher import subjects_of
from diagnose.engine.memory import Memory
from diagnose.engine.plan import Plan, key_of

Load: TypeAlias = "tuple[str, list[str]]"
"""A ruleset and its messages, the gate's last."""
Transport: TypeAlias = "Callable[[Iterable[Load]], Iterable[str]]"
"""Runs the engine on the loads of one stage, here or in another process, and returns its matches as JSON.

Another process is sent each load as soon as it is there, and its matches are waited for as they are asked for.
"""

Compiler: TypeAlias = "Callable[[Sequence[Plan]], Iterable[Ruleset]]"


def fire(
    plans: Sequence[Plan], memory: Memory, transport: Transport, compiled: Compiler = compile_rules
) -> Iterator[Firing]:
    """Return the firings of one stage's rules as the C engine finds them, in the order of rules and subjects.

    The engine has its work by then; its answer is waited for when the first firing is asked for. `compiled` returns
    the rulesets.

    Raises:
        EngineError: rules or facts are beyond the engine; or with the firings, it answered what it must not.
    """
    rulesets = compiled(plans)
    read = sorted({key_of(c, s) for plan in plans for s in subjects_of(plan, memory) for c in plan.conditions})
    facts = [memory.read(key) for key in read]
    tried = [(plan.rule, subject) for plan in plans if plan.each for subject in subjects_of(plan, memory)]
    if len(read) + len(tried) >= MAX_MESSAGES:
        raise EngineError(f"the rules read more than {MAX_MESSAGES} facts; the engine takes no more")
    messages: list[tuple[str, str]] = []
    for key, fact in zip(read, facts, strict=True):
        known = fact is not None and fact.value is not None
        value = fact.value if fact is not None and fact.value is not None else ""
        messages.append((key[0], message(len(messages), KNOWN if known else UNKNOWN, *key, value)))
    for key in tried:
        messages.append((key[0], message(len(messages), TRIED, *key)))
    gate = message(len(messages), GO)
    loads = ((ruleset, [*(text for name, text in messages if name in reads), gate]) for ruleset, reads in rulesets)
    first = next(loads, None)  # rules that can never hold make no load, and are not asked about
    return _firings(transport(chain([first], loads)) if first is not None else (), plans, facts)


def _firings(matches: Iterable[str], plans: Sequence[Plan], facts: Sequence[Fact | None]) -> Iterator[Firing]:
    """Yield one firing for all variants of a rule that matched for a subject, with all they bound."""
    found: dict[tuple[int, str], dict[str, Fact]] = {}
    for match in tuple(matches):  # a broken answer is first of all that, so it is read to its end
        try:
            index, subject, bound = _decode(match, plans, facts)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as fault:
            raise EngineError(f"the engine answered what is no match: {match[:200]!r}") from fault
        found.setdefault((index, subject), {}).update(bound)
    ordered = sorted(found.items(), key=itemgetter(0))
    yield from (plans[index].firing(subject, bound) for (index, subject), bound in ordered)


def _decode(match: str, plans: Sequence[Plan], facts: Sequence[Fact | None]) -> tuple[int, str, dict[str, Fact]]:
    ((name, patterns),) = json.loads(match).items()
    index = int(name[1:].partition("v")[0])
    subject = patterns[SUBJECT]["subject"] if SUBJECT in patterns else RUN
    read = {alias: facts[int(held["id"][1:])] for alias, held in patterns.items() if alias.startswith("c")}
    positives = plans[index].positives
    bound = {positives[int(alias[1:])].alias: fact for alias, fact in read.items() if fact is not None}
    return index, subject, bound
