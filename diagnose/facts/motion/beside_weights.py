"""What the measured motion and the weights say together: agreement makes a finding surer, disagreement is said."""

from __future__ import annotations

from diagnose.core.values import Confidence
from diagnose.facts.recorder import Recorder


def record_agreement(record: Recorder) -> None:
    """Record `motion.sure` and `motion.weights_say`, after the facts of the weights."""
    if record.truth("motion.degraded") is not True:
        return
    gains, places = record.truth("weights.low_gains"), record.places("motion.turned_at") or ()
    sure = Confidence.HIGH if gains else Confidence.MEDIUM
    record.known("motion.sure", sure.value, places=places)
    if gains is None:
        return
    words = (
        "the weights agree: those of the low-noise expert grow faster than those of the high-noise one"
        if gains
        else "the weights show no cause: the low-noise expert does not gain on the high-noise one"
    )
    record.known("motion.weights_say", words, places=record.places("weights.low_gains") or ())
