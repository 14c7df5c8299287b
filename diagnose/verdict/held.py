"""A rule base held against one run: the inference, and what explains it."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.engine.inference import Inference
from diagnose.engine.run import infer
from diagnose.facts.collect import Known
from diagnose.rulebase.load import RuleBase
from diagnose.verdict.proof import Grounds
from diagnose.verdict.rivals import Rivals
from diagnose.verdict.scope import scoped


@dataclass(frozen=True, slots=True)
class Held:
    """What the rules say about one run. The rules in `grounds` have their intents and trainers spelled out."""

    base: RuleBase
    known: Known
    grounds: Grounds
    rivals: Rivals

    @property
    def inference(self) -> Inference:
        """What became of every rule."""
        return self.grounds.inference


def hold(base: RuleBase, known: Known, *, before_a_run: bool) -> Held:
    """Run the rules on the facts of a run, or of a config that is still to be run."""
    rules = tuple(scoped(rule) for rule in base.rules)
    grounds = Grounds(rules, known.facts, infer(rules, known.facts))
    return Held(base, known, grounds, Rivals(base.knowledge, grounds, before_a_run=before_a_run))
