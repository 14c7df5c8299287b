"""Saved experts that are untouched beside the steps they had by the settings."""

from __future__ import annotations

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.experts import is_untouched
from diagnose.facts.outlook.forecast import LONGEST
from diagnose.facts.record import Recorder


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the latest save in which an expert is as it was before training, 0 for none, and its steps until then.

    A file of step N holds the updates of the steps 0 to N.
    """
    config, cadence = evidence.config, evidence.cadence
    if config is None or evidence.model is None:
        return
    for expert in Expert:
        own = [pair for pair in evidence.pairs if expert in pair.experts]
        if not own:
            continue
        untouched = [pair for pair in own if is_untouched(pair.experts[expert])]
        pair = untouched[-1] if untouched else own[0]
        step = pair.step if untouched else 0
        record.known("weights.untouched", step, subject=expert.value, places=[pair.place(expert)])
        if cadence is not None and pair.step <= LONGEST:
            had = sum(expert in cadence.trained(each) for each in range(pair.step + 1))
            switch = config.place("switch_every")
            record.known("due.steps", had, subject=expert.value, places=[switch], note=f"to step {pair.step}")
