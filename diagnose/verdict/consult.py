"""A rule base consulted on one run: the inference and what explains it; and what it would say of each intent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from diagnose.core.values import RUN, Fact, Intent, Severity
from diagnose.engine.infer import Choice, begin
from diagnose.engine.inference import Inference
from diagnose.engine.plan import Plan, plan_all
from diagnose.facts.known import Known
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.message import in_keys
from diagnose.rulebase.rule import Rule
from diagnose.verdict.build_findings import build_findings
from diagnose.verdict.examine import Grounds
from diagnose.verdict.judgement import Change, Finding, Supposed, Supposition
from diagnose.verdict.scope import INTENT, per_training, scoped
from diagnose.verdict.unjudged import without_held_back
from diagnose.verdict.weighed_rivals import Rivals


class Consultation(Struct, frozen=True):
    """What the rules say about one run, or about a config that is still to be run (`before_a_run`).

    The rules in `grounds` have their intents and trainers spelled out, and call settings by the run's own keys.
    `checked` waits until the engine has read the same, and returns the inference with its word.
    """

    base: RuleBase
    known: Known
    plans: Sequence[Plan]
    grounds: Grounds
    rivals: Rivals
    before_a_run: bool
    checked: Callable[[], Inference]

    @property
    def inference(self) -> Inference:
        """What became of every rule."""
        return self.grounds.inference

    def findings(self, changes: Sequence[Change] = ()) -> tuple[Finding, ...]:
        """Return the findings, ranked, with the changes that answer them."""
        rules, firings = self.grounds.rules, self.inference.firings
        return build_findings(rules, firings, self.base.knowledge, changes, self.rivals)

    def ahead(self, known: Known) -> Consultation:
        """Return what the same rules say about a config that is still to be run.

        The reference matcher answers: it needs no process of its own.
        """
        rules = tuple(self.grounds.rules.values())
        return _consulted(self.base, rules, self.plans, known, before_a_run=True, engine="matcher")


def consult(base: RuleBase, known: Known, *, before_a_run: bool, engine: Choice = "auto") -> Consultation:
    """Run the rules on the facts of a run, or of a config that is still to be run. `engine`: as for `begin`."""
    called = known.keys.called
    rules = tuple(scoped(in_keys(rule, called), known.trainer.kin) for rule in base.rules_in_domain)
    if known.runs:
        rules = per_training(rules, base.knowledge.facts, [each.subject for each in known.trainings])
    return _consulted(base, rules, plan_all(rules), known, before_a_run=before_a_run, engine=engine)


def _consulted(
    base: RuleBase, rules: Sequence[Rule], plans: Sequence[Plan], known: Known, *, before_a_run: bool, engine: Choice
) -> Consultation:
    begun = begin(plans, known.facts, engine=engine)
    grounds = Grounds(rules, known.facts, begun.inference)
    rivals = Rivals(base.knowledge, grounds, before_a_run=before_a_run)
    return Consultation(base, known, plans, grounds, rivals, before_a_run, begun.checked)


def suppose_intents(held: Consultation, found: Sequence[Finding]) -> tuple[Supposition, ...]:
    """Return the faults that each intent would add to those found; nothing where the intent is known.

    Intents that add the same are told together. The reference matcher answers: it needs no process of its own.
    """
    if held.known.intent.intent is not None:
        return ()
    rules, knowledge = held.grounds.rules, held.base.knowledge
    there = {(finding.name, finding.subject) for finding in found}
    by_addition: dict[tuple[Supposed, ...], list[str]] = {}
    for intent in Intent:
        said = Fact(INTENT, RUN, intent.value, note="supposed")
        facts = tuple(said if fact.key == said.key else fact for fact in held.known.facts)
        inference = begin(held.plans, facts, engine="matcher").inference
        findings, _, _ = without_held_back(build_findings(rules, inference.firings, knowledge, ()), (), rules)
        added = tuple(
            Supposed(each.name, each.rule, each.severity, each.title, each.message)
            for each in findings
            if each.severity is not Severity.GOOD and (each.name, each.subject) not in there
        )
        by_addition.setdefault(added, []).append(intent.value)
    return tuple(Supposition(tuple(intents), added) for added, intents in by_addition.items())
