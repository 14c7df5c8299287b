"""What a stage concludes from its firings, and what it must leave open or can rule out."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.core.values import Fact, Place, Quality
from diagnose.engine.inference import Firing, Gap, Key
from diagnose.engine.matcher import Verdicts
from diagnose.engine.plan import Plan

MAX_PLACES = 8


def conclude(plans: Sequence[Plan], verdicts: Verdicts) -> tuple[Fact, ...]:
    """Return the facts the stage settles, one per name and subject.

    True where a rule fired; else unknown, with a note, where one could not be evaluated; else False. The true
    ones come first, in the order of the firings. A fact with the subject EACH speaks of every subject that no
    fact names.
    """
    derives = {plan.rule: plan.derives for plan in plans}
    settled: dict[Key, Fact] = {}
    for firing in verdicts.firings:
        for name in derives[firing.rule]:
            earlier = settled.get((name, firing.subject))
            settled[name, firing.subject] = _concluded(name, firing, earlier.places if earlier else ())
    for gap in verdicts.gaps:
        for name in derives[gap.rule]:
            settled.setdefault((name, gap.subject), _left_open(name, gap))
    refuted = [*verdicts.silent, *((out.rule, out.subject) for out in verdicts.out_of_range)]
    for rule, subject in refuted:
        for name in derives[rule]:
            settled.setdefault((name, subject), Fact(name=name, subject=subject, value=False))
    return tuple(settled.values())


def _concluded(name: str, firing: Firing, places: tuple[Place, ...]) -> Fact:
    every = dict.fromkeys((*places, *(place for _, fact in firing.bound for place in fact.places)))
    return Fact(name=name, subject=firing.subject, value=True, places=tuple(every)[:MAX_PLACES])


def _left_open(name: str, gap: Gap) -> Fact:
    lacked = ", ".join(f"{fact} ({subject})" for fact, subject in gap.missing)
    note = f"rule {gap.rule} was not evaluated; it lacks {lacked}"
    return Fact(name=name, subject=gap.subject, value=None, quality=Quality.UNKNOWN, note=note)
