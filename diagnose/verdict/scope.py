"""Rules as one run or a pair asks them: the intent, trainer or model that a rule is about, and of which training."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from msgspec.structs import replace

from diagnose.core.values import RUN, Intent, Stage
from diagnose.facts.known import Known
from diagnose.rulebase.domain import ANY
from diagnose.rulebase.fact_declarations import FactDeclaration, SubjectKind, is_conclusion
from diagnose.rulebase.rule import EACH, AnyOf, Clause, Condition, Op, Reference, Rule, Test
from diagnose.rulebase.walk import conditions

INTENT = "run.intent"
TRAINER = "run.trainer"
ANOTHER_MODEL = "run.another_model"
PREVIEWED = "motion.comparable"
"""Rules about the motion are for runs with previews of it; a run without them hears nothing of it."""
_CLAIM = re.compile(r"[A-Z]{2,4}-\d{2}\b")
AHEAD = "machine."
"""Facts about the machine that a run is still to have; of a run that was made they tell nothing."""
BEFORE_A_RUN = ("config.", "effective.", "dataset.", "needs.", AHEAD, INTENT, TRAINER, ANOTHER_MODEL)
"""Facts that a config, and what the user says of it, can decide before anything was trained."""


def scoped(rule: Rule, kin: Collection[str]) -> Rule:
    """Return the rule with its `intents` and `trainers` spelled out under `applies`.

    A rule that is about all the trainers that may have written the run (`kin`) need not know which of them it was.

    So is the model, for a rule with a figure of the reference run: a model of another kind has other figures.
    """
    extra = []
    if set(rule.intents) != set(Intent):
        operand = tuple(sorted(intent.value for intent in rule.intents))
        extra.append(Condition(INTENT, RUN, (Test(Op.IN, operand),), "scope_intent"))
    if rule.trainers != (ANY,) and not set(kin) <= set(rule.trainers):
        extra.append(Condition(TRAINER, RUN, (Test(Op.IN, tuple(sorted(rule.trainers))),), "scope_trainer"))
    claimed = any(_CLAIM.match(param.source) for param in rule.params)
    if claimed or any(change.recipe is not None for change in rule.changes):
        extra.append(Condition(ANOTHER_MODEL, RUN, (Test(Op.IS, operand=False),), "scope_model"))
    return replace(rule, applies=(*extra, *rule.applies)) if extra else rule


def is_another_model(known: Known) -> bool:
    """Return whether the model is known to be another than the two-expert one that the reference run trained."""
    return known.truth(ANOTHER_MODEL) is True


def left_out(known: Known, experts: Collection[str]) -> str | None:
    """Return the expert that the config leaves out; None where it trains all of them, or that is unknown."""
    found = known.value("experts.switched_off")
    return str(found.value) if found is not None and found.value in experts else None


def is_scope(fact: str) -> bool:
    """Return whether a fact only says which runs a rule is about."""
    return fact in {INTENT, TRAINER, ANOTHER_MODEL, PREVIEWED}


def only_a_run_shows(fact: str) -> bool:
    """Return whether nothing but a run can give a fact; a conclusion, which other rules give, does not count."""
    return not fact.startswith(BEFORE_A_RUN) and not is_conclusion(fact)


def needs_a_run(rule: Rule, lacking: Collection[str], left_to_it: Collection[str] = ()) -> bool:
    """Return whether only a run can give what a rule lacks: all of it, or something that it asks for in any case.

    `left_to_it`: the conclusions that only a run can decide.
    """
    facts = {fact for fact in lacking if not is_conclusion(fact) or fact in left_to_it}
    later = {fact for fact in facts if only_a_run_shows(fact) or fact in left_to_it}
    return bool(later) and (later == facts or not _required(rule).isdisjoint(later))


def waiting_for_a_run(lacking: Mapping[str, Collection[str]], rules: Mapping[str, Rule]) -> frozenset[str]:
    """Return which of the rules that lack facts only a run can decide; both by rule id.

    A conclusion is left to a run where every rule that could draw it is.
    """
    drawn: dict[str, set[str]] = {}
    for id_ in lacking:
        for conclusion in rules[id_].derives:
            drawn.setdefault(conclusion, set()).add(id_)
    waiting: set[str] = set()
    for id_ in sorted(lacking, key=lambda id_: rules[id_].stage.rank):
        left_to_it = {conclusion for conclusion, by in drawn.items() if by <= waiting}
        if needs_a_run(rules[id_], lacking[id_], left_to_it):
            waiting.add(id_)
    return frozenset(waiting)


def is_about_a_run(rule: Rule, unknown: Collection[str]) -> bool:
    """Return whether a rule asks in any case for an unknown fact that only a run can give.

    Before a run such a rule can be silent for its settings alone, and has looked at nothing.
    """
    return any(only_a_run_shows(fact) for fact in _required(rule).intersection(unknown))


def _required(rule: Rule) -> frozenset[str]:
    """The facts that a rule asks for in any case. So it does of alternatives, where none can be told before a run."""
    asked = (clause.alternatives if isinstance(clause, AnyOf) else (clause,) for clause in rule.when)
    facts = [[condition.fact for condition in conditions] for conditions in asked]
    return frozenset(fact for each in facts if len(each) == 1 or all(map(only_a_run_shows, each)) for fact in each)


def per_training(
    rules: Iterable[Rule], declarations: Mapping[str, FactDeclaration], trainings: Collection[str]
) -> tuple[Rule, ...]:
    """Return the rules as they are for several trainings, each called by the expert that it trains.

    * A rule that asks something of the run's training is tried for each training, and its conclusions are of that one.
    * Where it names an expert as well, it asks it of that expert's training; where it names several, of all of theirs.
    * Where its `each` stands for something else, a key or a data set, nobody knows of which training that is: what it
      asks of the training is left open.
    """
    of_one = {name for name, each in declarations.items() if each.subject is SubjectKind.TRAINING}
    found: dict[str, Rule] = {}
    rules = tuple(rules)
    for stage in Stage:
        own = [
            (rule, _bound(rule, frozenset(of_one), declarations, trainings)) for rule in rules if rule.stage is stage
        ]
        found |= {bound.id: bound for _, bound in own}
        of_one |= {
            name
            for rule, bound in own
            if bound is not rule and any(each.condition.subject == EACH for each in conditions(bound))
            for name in bound.derives
        }
    return tuple(found[rule.id] for rule in rules)


def _bound(
    rule: Rule, of_one: frozenset[str], declarations: Mapping[str, FactDeclaration], trainings: Collection[str]
) -> Rule:
    """Return the rule with what it asks of the run's training asked of one training, or of several in turn.

    `of_one`: the facts and conclusions that are about one training.
    """
    every = [each.condition for each in conditions(rule)]
    asked = frozenset(each.alias for each in every if each.fact in of_one and each.subject == RUN)
    ranged = {each.fact for each in every if each.subject == EACH}
    kinds = {declarations[fact].subject for fact in ranged if fact in declarations}
    if not asked or kinds - {SubjectKind.EXPERT}:
        return rule
    named = sorted({each.subject for each in every} & set(trainings))
    whom = [EACH] if ranged or not named else named

    def turned(condition: Condition, subject: str) -> Condition:
        """Return a condition as it is asked of a training; from the second one on under an alias of its own."""
        about = subject if condition.alias in asked else condition.subject
        if subject == whom[0]:
            return replace(condition, subject=about)
        tests = []
        for test in condition.tests:
            operand = test.operand
            if isinstance(operand, Reference) and operand.alias in asked:
                operand = replace(operand, alias=f"{operand.alias}_{subject}")
            tests.append(replace(test, operand=operand))
        return Condition(condition.fact, about, tuple(tests), f"{condition.alias}_{subject}")

    def of_each(condition: Condition) -> list[Condition]:
        return [turned(condition, subject) for subject in whom] if condition.alias in asked else [condition]

    when: list[Clause] = []
    for clause in rule.when:
        if isinstance(clause, Condition):
            when += of_each(clause)
        elif asked.isdisjoint(each.alias for each in clause.alternatives):
            when.append(clause)
        else:
            when += [AnyOf(tuple(turned(each, subject) for each in clause.alternatives)) for subject in whom]
    return replace(
        rule,
        applies=tuple(each for condition in rule.applies for each in of_each(condition)),
        when=tuple(when),
        unless=tuple(each for condition in rule.unless for each in of_each(condition)),
        show=tuple(
            replace(each, subject=whom[0]) if each.subject == RUN and each.fact in of_one else each
            for each in rule.show
        ),
    )
