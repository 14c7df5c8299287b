"""Saved experts that are untouched beside the steps they had by the settings."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.config.cadence import read_cadence
from diagnose.facts.config.declared import Config
from diagnose.facts.experts import is_untouched
from diagnose.facts.outlook.forecast import LONGEST
from diagnose.facts.record import Recorder
from diagnose.facts.weights.strength import Pair
from diagnose.rulebase.trainers import TrainerModel


def record_untouched(pairs: Sequence[Pair], config: Config, model: TrainerModel, record: Recorder) -> None:
    """Record the latest save in which an expert is as it was before training, 0 for none, and its steps until then.

    A file of step N holds the updates of the steps 0 to N.
    """
    cadence = read_cadence(config, model)
    for expert in Expert:
        own = [pair for pair in pairs if expert in pair.experts]
        if not own:
            continue
        untouched = [pair for pair in own if is_untouched(pair.experts[expert])]
        pair = untouched[-1] if untouched else own[0]
        step = pair.step if untouched else 0
        record.known("weights.untouched", step, subject=expert.value, places=[pair.place(expert)])
        if cadence is not None and pair.step <= LONGEST:
            had = sum(expert in cadence.trained(each) for each in range(pair.step + 1))
            switch = config.setting("train.switch_boundary_every").place
            record.known("due.steps", had, subject=expert.value, places=[switch], note=f"to step {pair.step}")
