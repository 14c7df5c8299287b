"""Rival explanations held against one run: ruled out, supported or open, and the cheapest test among those left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import Confidence, Fact, Quality, Scalar
from diagnose.rulebase.comparison import passes
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.rivals import AllOf, Cost, Rival
from diagnose.rulebase.rule import EACH, Condition
from diagnose.verdict.examine import Grounds
from diagnose.verdict.judgement import RivalState, RivalTest, WeighedRival, evidence_of
from diagnose.verdict.scope import only_a_run_shows

MOST_EVIDENCE = 4
"""Facts shown for one rival; a data set of many folders says the same of each."""


class Doubt(Struct, frozen=True):
    """What the rivals of one finding leave of it: how sure it is, and why less than its rule is.

    `unrivalled`: it has rivals, and all of them are ruled out, none is left for a run to decide.
    """

    rivals: tuple[WeighedRival, ...]
    confidence: Confidence
    lowered: str | None
    cheapest_test: RivalTest | None
    unrivalled: bool


class Rivals:
    """The rival explanations of a run's findings.

    Before a run, those are left out that only a run could decide.
    """

    def __init__(self, knowledge: Knowledge, grounds: Grounds, *, before_a_run: bool) -> None:
        self._knowledge = knowledge
        self._grounds = grounds
        self._before_a_run = before_a_run

    def weighed(self, rule: str) -> tuple[WeighedRival, ...]:
        """Return the rivals of a finding, each held against the run."""
        competing = [rival for rival in self._knowledge.rivals.values() if rule in rival.explains]
        return tuple(each for rival in competing for each in self._weigh(rival, rule))

    def doubt(self, rule: str, confidence: Confidence) -> Doubt:
        """Return the rivals of a finding by its rule's name; each that is supported is a reason to be less sure.

        One step less in all, however many there are: they are not independent of each other.
        """
        weighed = self.weighed(rule)
        competing = sum(rule in rival.explains for rival in self._knowledge.rivals.values())
        excluded = sum(each.state is RivalState.RULED_OUT for each in weighed)
        unrivalled = 0 < competing == excluded
        supported = [each for each in weighed if each.state is RivalState.SUPPORTED]
        if not supported:
            return Doubt(weighed, confidence, None, _cheapest(weighed), unrivalled)
        lower = list(Confidence)[min(confidence.rank + 1, Confidence.LOW.rank)]
        many = "another explanation" if len(supported) == 1 else f"{len(supported)} other explanations"
        lowered = f"one step lower, because this run supports {many}"
        if lower is confidence:
            lowered = f"this run supports {many} as well"
        return Doubt(weighed, lower, lowered, _cheapest(weighed), unrivalled)

    def _weigh(self, rival: Rival, rule: str) -> Iterator[WeighedRival]:
        state, facts, needs = self._state(rival)
        unknown = [fact.name for fact in facts if not fact.known]
        if self._before_a_run and any(map(only_a_run_shows, unknown)):
            return
        test = rival.explains[rule]
        yield WeighedRival(
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
        """The state, the facts it rests on (where it is open: all that were asked), and what would settle it."""
        asked: dict[tuple[str, str], Fact] = {}
        for clauses, everyone, state in (
            (rival.ruled_out_by, True, RivalState.RULED_OUT),
            (rival.supported_by, False, RivalState.SUPPORTED),
        ):
            for clause in clauses:
                truth, facts = self._holds(clause, everyone=everyone)
                if truth:
                    return state, facts, ()
                asked.update({fact.key: fact for fact in facts})
        unknown = dict.fromkeys(fact.name for fact in asked.values() if not fact.known)
        needs = [self._knowledge.facts[name].provide for name in unknown if name in self._knowledge.facts]
        return RivalState.OPEN, tuple(asked.values()), (*dict.fromkeys(needs), *([rival.ask] if rival.ask else []))

    def _holds(self, clause: AllOf, *, everyone: bool) -> tuple[bool | None, tuple[Fact, ...]]:
        """Whether all conditions hold, for every subject or for some, and the facts that say so."""
        tried = [self._for_subject(clause, subject) for subject in self._subjects(clause)]
        wanted = [facts for truth, facts in tried if truth]
        if wanted and (len(wanted) == len(tried) or not everyone):
            shown = wanted if everyone else wanted[:1]
            return True, tuple(fact for facts in shown for fact in facts)
        truths = [truth for truth, _ in tried]
        every = tuple(fact for _, facts in tried for fact in facts)
        decided = any(t is False for t in truths) if everyone else all(t is False for t in truths)
        return (False if decided else None), every

    def _subjects(self, clause: AllOf) -> tuple[str, ...]:
        ranged = {s for c in clause if c.subject == EACH for s in self._grounds.subjects(c.fact)}
        return tuple(sorted(ranged)) or (EACH,)

    def _for_subject(self, clause: AllOf, subject: str) -> tuple[bool | None, tuple[Fact, ...]]:
        facts = [self._read(condition, subject) for condition in clause]
        truths = [_passes(condition, fact) for condition, fact in zip(clause, facts, strict=True)]
        truth = False if False in truths else None if None in truths else True
        return truth, tuple(facts)

    def _read(self, condition: Condition, subject: str) -> Fact:
        about = subject if condition.subject == EACH else condition.subject
        return self._grounds.read(condition, subject) or Fact(condition.fact, about, None, quality=Quality.UNKNOWN)


def _passes(condition: Condition, fact: Fact) -> bool | None:
    nothing: Mapping[str, Scalar | None] = {}
    return all(passes(test, fact.value, nothing) for test in condition.tests) if fact.known else None


def _cheapest(weighed: Iterable[WeighedRival]) -> RivalTest | None:
    """The test that costs least among those of the rivals left.

    Of equals, one that bears on a supported rival comes first, then the one that tells most rivals apart.
    """
    tests: dict[str, list[WeighedRival]] = {}
    for each in weighed:
        if each.state is not RivalState.RULED_OUT:
            tests.setdefault(each.test.does, []).append(each)
    best = min(tests.values(), key=_effort, default=None)
    return replace(best[0].test, rivals=tuple(each.id for each in best)) if best else None


def _effort(told_apart: list[WeighedRival]) -> tuple[int, bool, int]:
    supported = any(each.state is RivalState.SUPPORTED for each in told_apart)
    return Cost(told_apart[0].test.cost).rank, not supported, -len(told_apart)
