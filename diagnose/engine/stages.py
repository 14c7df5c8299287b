"""The stages, one after another: match, hold the engine to the logic, conclude.

What a stage concludes is read by later stages only. What a rule only shows is looked up last, for the rules that fired.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from diagnose.core.errors import EngineError
from diagnose.core.values import Fact, Quality, Stage
from diagnose.engine.inference import Firing, Inference, Key
from diagnose.engine.matcher import Verdicts, match
from diagnose.engine.memory import Memory
from diagnose.engine.plan import Plan
from diagnose.rulebase.rule import EACH

MAX_PLACES = 8
"""Places of a conclusion: those of the facts behind it that come first."""

Fire: TypeAlias = "Callable[[Sequence[Plan], Memory], Iterable[Firing]]"
"""An engine: the firings of one stage's rules, in the order of rules and subjects; it may work while we do."""


class SecondReader:
    """An engine that reads what the matcher reads, stage by stage, and is held to it at the end."""

    def __init__(self, fire: Fire) -> None:
        self._fire = fire
        self._stages: list[tuple[Iterable[Firing], Sequence[Firing]]] = []
        self._fault: EngineError | None = None

    def ask(self, plans: Sequence[Plan], memory: Memory) -> Iterable[Firing]:
        """Give it the rules of one stage; nothing once it could not take one."""
        try:
            return self._fire(plans, memory) if plans and self._fault is None else ()
        except EngineError as fault:
            self._fault = fault
            return ()

    def expect(self, fired: Iterable[Firing], firings: Sequence[Firing]) -> None:
        """Take what the matcher found in the stage for which it said `fired`."""
        self._stages.append((fired, firings))

    def hold(self) -> None:
        """Wait for its answers, and hold them to the matcher's, evidence and all.

        Raises:
            EngineError: it could not take a stage, gives no answer, or fires what the logic does not.
        """
        if self._fault is not None:
            raise self._fault
        for fired, firings in self._stages:
            _hold(tuple(fired), tuple(firings))


def run_stages(plans: Sequence[Plan], facts: Sequence[Fact], second: SecondReader | None = None) -> Inference:
    """Infer what rules say about `facts`. The matcher decides, and waits for no other engine.

    Raises:
        EngineError: the facts contradict themselves.
    """
    memory = Memory(facts, frozenset(name for plan in plans for name in plan.derives))
    stages: list[Verdicts] = []
    concluded: dict[Key, Fact] = {}
    for stage in Stage:
        due = [plan for plan in plans if plan.stage is stage]
        fired = second.ask(due, memory) if second is not None else ()
        verdicts = match(due, memory)
        if second is not None:
            second.expect(fired, verdicts.firings)
        settled = conclude(due, verdicts)
        memory.settle((name for plan in due for name in plan.derives), settled)
        for fact in settled:
            if fact.value is True:
                concluded.setdefault(fact.key, fact)
        stages.append(verdicts)
    return Inference(
        firings=_with_shown([firing for each in stages for firing in each.firings], plans, memory),
        gaps=tuple(gap for each in stages for gap in each.gaps),
        out_of_range=tuple(out for each in stages for out in each.out_of_range),
        silent=tuple(silent for each in stages for silent in each.silent),
        conclusions=tuple(concluded.values()),
        left_open=memory.left_open(),
    )


def conclude(plans: Sequence[Plan], verdicts: Verdicts) -> tuple[Fact, ...]:
    """Return the facts the stage settles, one per name and subject.

    True where a rule fired; else unknown, with a note, where one could not be evaluated; else False. The true
    ones come first, in the order of the firings. A fact with the subject EACH speaks of every subject that no
    fact names.
    """
    derives = {plan.rule: plan.derives for plan in plans}
    settled: dict[Key, Fact] = {}
    for firing in verdicts.firings:
        read = [place for _, fact in firing.bound for place in fact.places]
        for name in derives[firing.rule]:
            earlier = settled.get((name, firing.subject))
            places = tuple(dict.fromkeys((*(earlier.places if earlier else ()), *read)))[:MAX_PLACES]
            settled[name, firing.subject] = Fact(name, firing.subject, value=True, places=places)
    for gap in verdicts.gaps:
        lacked = ", ".join(f"{fact} ({subject})" for fact, subject in gap.missing)
        note = f"rule {gap.rule} was not evaluated; it lacks {lacked}"
        for name in derives[gap.rule]:
            unknown = Fact(name, gap.subject, None, quality=Quality.UNKNOWN, note=note)
            settled.setdefault((name, gap.subject), unknown)
    for rule, subject in (*verdicts.silent, *((out.rule, out.subject) for out in verdicts.out_of_range)):
        for name in derives[rule]:
            settled.setdefault((name, subject), Fact(name, subject, value=False))
    return tuple(settled.values())


def _with_shown(firings: Sequence[Firing], plans: Sequence[Plan], memory: Memory) -> tuple[Firing, ...]:
    """Return the firings with what their rules show besides. No matcher sees it, so it decides nothing."""
    show = {plan.rule: plan.show for plan in plans}

    def shown(firing: Firing) -> Iterator[tuple[str | None, Fact]]:
        for each in show[firing.rule]:
            fact = memory.read((each.fact, firing.subject if each.subject == EACH else each.subject))
            if fact is not None:
                yield each.alias, fact

    return tuple(replace(firing, shown=tuple(shown(firing))) for firing in firings)


def _hold(fired: tuple[Firing, ...], expected: tuple[Firing, ...]) -> None:
    if fired == expected:
        return
    for firing in (*fired, *expected):
        if (firing in fired) is not (firing in expected):
            verb = "fires" if firing in fired else "misses"
            read = ", ".join(alias for alias, _ in firing.bound)
            raise EngineError(f"the engine {verb} rule {firing.rule} for {firing.subject} on {read or 'nothing'}")
    raise EngineError("the engine's firings are out of order")
