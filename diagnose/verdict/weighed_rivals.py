"""Rival explanations held against one run: ruled out, supported or open, and the cheapest test among those left."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from diagnose.core.values import Confidence, Fact, Quality
from diagnose.rulebase.comparison import passes
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.rivals import AllOf, Cost, Rival
from diagnose.rulebase.rule import EACH, Condition
from diagnose.verdict.examine import Grounds, about
from diagnose.verdict.judgement import Finding, RivalState, RivalTest, WeighedRival, evidence_of
from diagnose.verdict.scope import only_a_run_shows

MOST_EVIDENCE = 4
"""Facts shown for one rival; a data set of many folders says the same of each."""


class Rivals:
    """The rival explanations of a run's findings.

    Before a run, those are left out that only a run could decide.
    """

    def __init__(self, knowledge: Knowledge, grounds: Grounds, *, before_a_run: bool) -> None:
        self._knowledge = knowledge
        self._grounds = grounds
        self._before_a_run = before_a_run

    def doubted(self, finding: Finding) -> Finding:
        """Return the finding beside its rivals; each that is supported is a reason to be less sure.

        One step less in all, however many there are: they are not independent of each other.
        """
        competing = [rival for rival in self._knowledge.rivals.values() if finding.name in rival.explains]
        weighed = tuple(filter(None, (self.weighed(rival, finding.name) for rival in competing)))
        states = [each.state for each in weighed]
        confidence, lowered = finding.confidence, None
        supported = states.count(RivalState.SUPPORTED)
        if supported:
            confidence = list(Confidence)[min(confidence.rank + 1, Confidence.LOW.rank)]
            fits = "another cause fits" if supported == 1 else f"{supported} other causes fit"
            lowered = f"lowered: {fits} this run too"
            if confidence is finding.confidence:
                lowered = f"{fits} this run too"
        return replace(
            finding,
            confidence=confidence,
            lowered=lowered,
            rivals=weighed,
            cheapest_test=_cheapest(weighed),
            unrivalled=0 < len(competing) == states.count(RivalState.RULED_OUT),
        )

    def weighed(self, rival: Rival, finding: str) -> WeighedRival | None:
        """Return a rival held against the run; None for one that only a run could decide, before it."""
        state, facts, needs = self._state(rival)
        if self._before_a_run and any(only_a_run_shows(fact.name) for fact in facts if not fact.known):
            return None
        test = rival.explains[finding]
        return WeighedRival(
            id=rival.id,
            title=rival.title,
            says=rival.says,
            state=state,
            evidence=tuple(evidence_of(fact, self._knowledge) for fact in facts if fact.known)[:MOST_EVIDENCE],
            needs=needs,
            grade=rival.grade.value,
            references=rival.references,
            test=RivalTest(test.does, test.cost.value, (rival.id,)),
        )

    def _state(self, rival: Rival) -> tuple[RivalState, tuple[Fact, ...], tuple[str, ...]]:
        """The state, the facts that decide it (where it is open: all that were asked), and what would settle it."""
        asked: dict[tuple[str, str], Fact] = {}
        for clauses, everyone, state in (
            (rival.ruled_out_by, True, RivalState.RULED_OUT),
            (rival.supported_by, False, RivalState.SUPPORTED),
        ):
            for clause in clauses:
                holds, facts = self._holds(clause, everyone=everyone)
                if holds:
                    return state, facts, ()
                asked.update({fact.key: fact for fact in facts})
        unknown = dict.fromkeys(fact.name for fact in asked.values() if not fact.known)
        needs = [self._knowledge.facts[name].provide for name in unknown if name in self._knowledge.facts]
        return RivalState.OPEN, tuple(asked.values()), (*dict.fromkeys(needs), *([rival.ask] if rival.ask else []))

    def _holds(self, clause: AllOf, *, everyone: bool) -> tuple[bool, tuple[Fact, ...]]:
        """Whether all conditions are known to hold, for every subject or for some, and the facts that say so."""
        ranged = {s for c in clause if c.subject == EACH for s in self._grounds.subjects(c.fact)}
        tried = [[self._read(condition, subject) for condition in clause] for subject in sorted(ranged) or [EACH]]
        true = [facts for facts in tried if all(map(_passes, clause, facts))]
        holds = bool(true) and (len(true) == len(tried) or not everyone)
        shown = tried if not holds or everyone else true[:1]
        return holds, tuple(fact for facts in shown for fact in facts)

    def _read(self, condition: Condition, subject: str) -> Fact:
        found = self._grounds.read(condition, subject)
        return found or Fact(condition.fact, about(condition, subject), None, quality=Quality.UNKNOWN)


def _passes(condition: Condition, fact: Fact) -> bool:
    return fact.known and all(passes(test, fact.value, {}) for test in condition.tests)


def _cheapest(weighed: Iterable[WeighedRival]) -> RivalTest | None:
    """The test that costs least among those of the rivals left.

    Of equals, one that bears on a supported rival comes first, then the one that tells most rivals apart.
    """
    tests: dict[str, list[WeighedRival]] = {}
    for each in weighed:
        if each.state is not RivalState.RULED_OUT:
            tests.setdefault(each.test.does, []).append(each)

    def effort(told_apart: list[WeighedRival]) -> tuple[int, bool, int]:
        supported = any(each.state is RivalState.SUPPORTED for each in told_apart)
        return Cost(told_apart[0].test.cost).rank, not supported, -len(told_apart)

    best = min(tests.values(), key=effort, default=None)
    return replace(best[0].test, rivals=tuple(each.id for each in best)) if best else None
