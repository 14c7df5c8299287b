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
        "the low-noise weights grow faster than the high-noise ones, which agrees"
        if gains
        else "the low-noise weights do not gain on the high-noise ones, so they name no cause"
    )
    record.known("motion.weights_say", words, places=record.places("weights.low_gains") or ())
