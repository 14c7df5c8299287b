"""A rule base held against one run: the inference, and what explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.engine.inference import Inference
from diagnose.engine.run import Choice, infer
from diagnose.facts.known import Known
from diagnose.rulebase.base import RuleBase
from diagnose.verdict.findings import build_findings
from diagnose.verdict.outcome import Change, Finding
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

    def findings(self, changes: Sequence[Change] = ()) -> tuple[Finding, ...]:
        """Return the findings, ranked, with the changes that answer them."""
        return build_findings(
            self.grounds.rules,
            self.inference.firings,
            self.base.knowledge,
            changes,
            self.rivals,
        )


def hold(base: RuleBase, known: Known, *, before_a_run: bool, engine: Choice = "auto") -> Held:
    """Run the rules on the facts of a run, or of a config that is still to be run. `engine`: as for `infer`."""
    rules = tuple(scoped(rule) for rule in base.rules_in_domain)
    grounds = Grounds(rules, known.facts, infer(rules, known.facts, engine=engine))
    return Held(base, known, grounds, Rivals(base.knowledge, grounds, before_a_run=before_a_run))
