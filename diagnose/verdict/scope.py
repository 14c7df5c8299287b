"""A rule's range as conditions: an intent or a trainer that a rule is about is one more thing that must be known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from diagnose.model import RUN, Intent, Trainer
from diagnose.rulebase.registry import is_conclusion
from diagnose.rulebase.rule import Condition, Op, Rule, Test

INTENT = "run.intent"
TRAINER = "run.trainer"
BEFORE_A_RUN = ("config.", "effective.", "dataset.", "run.trainer", "run.intent")
"""Facts that a config, and what the user says of it, can decide before anything was trained."""


def scoped(rule: Rule) -> Rule:
    """Return the rule with its `intents` and `trainers` spelled out under `applies`."""
    extra = []
    if set(rule.intents) != set(Intent):
        operand = tuple(sorted(intent.value for intent in rule.intents))
        extra.append(Condition(INTENT, RUN, (Test(Op.IN, operand),), "scope_intent"))
    if set(rule.trainers) != set(Trainer):
        operand = tuple(sorted(trainer.value for trainer in rule.trainers))
        extra.append(Condition(TRAINER, RUN, (Test(Op.IN, operand),), "scope_trainer"))
    return replace(rule, applies=(*extra, *rule.applies)) if extra else rule


def is_scope(fact: str) -> bool:
    """Return whether a fact only says which runs a rule is about."""
    return fact in {INTENT, TRAINER}


def needs_a_run(facts: Iterable[str]) -> bool:
    """Return whether a rule that lacks these facts must wait for a run: one of them can come from nothing else.

    A conclusion comes from other rules, which wait for their own facts.
    """
    return any(not fact.startswith(BEFORE_A_RUN) and not is_conclusion(fact) for fact in facts)
