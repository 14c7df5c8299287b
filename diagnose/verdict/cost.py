"""What a change costs: one that makes a run longer, or its files more, is looked at before it is made."""

from __future__ import annotations

import re
from dataclasses import replace

from diagnose.facts.config.declared import Config
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.verdict.outcome import Change

_TIME = "as long"
_DISK = "as many saves on the disk"
_DEARER = {
    "train.steps": (_TIME, 1),
    "train.batch_size": (_TIME, 1),
    "train.gradient_accumulation": (_TIME, 1),
    "train.gradient_accumulation_steps": (_TIME, 1),
    "datasets[].num_frames": (_TIME, 1),
    "sample.num_frames": ("as long for every preview", 1),
    "sample.sample_every": ("as many previews", -1),
    "save.max_step_saves_to_keep": (_DISK, 1),
}
"""What of a key grows with it (1) or falls with it (-1)."""
_INDEX = re.compile(r"\[\d+\]")
_OFTEN = 10
"""From this factor on no digits are shown behind the point."""


def with_its_cost(change: Change, config: Config | None) -> Change:
    """Return the change to be looked at first, with its cost told, where it costs more than the config did."""
    spec = _DEARER.get(_INDEX.sub("[]", change.path))
    if spec is None or change.op is ChangeOp.REMOVE or config is None:
        return change
    before, (what, grows) = config.finite(change.path), spec
    if before is None or isinstance(change.new, bool) or not isinstance(change.new, int | float):
        return change
    old, new = float(before.value), float(change.new)
    factor = (new / old) ** grows if old > 0 and new > 0 else 1
    if factor <= 1:
        return change
    times = f"{factor:.0f}" if factor >= _OFTEN else f"{factor:.1f}".removesuffix(".0")
    careful = Applicability.REVIEW if change.applicability is Applicability.SAFE else change.applicability
    return replace(change, because=f"{change.because}; {times} times {what}", applicability=careful)
