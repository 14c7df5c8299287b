"""A rule's range: the intent, trainer or model that it is about; and what only a run can tell."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from msgspec.structs import replace

from diagnose.core.values import RUN, Intent
from diagnose.facts.known import Known
from diagnose.rulebase.domain import ANY
from diagnose.rulebase.fact_declarations import is_conclusion
from diagnose.rulebase.rule import AnyOf, Condition, Op, Rule, Test

INTENT = "run.intent"
TRAINER = "run.trainer"
ANOTHER_MODEL = "run.another_model"
_CLAIM = re.compile(r"[A-Z]{2,4}-\d{2}\b")
BEFORE_A_RUN = ("config.", "effective.", "dataset.", "run.trainer", "run.intent", "run.another_model")
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
    return fact in {INTENT, TRAINER, ANOTHER_MODEL}


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
