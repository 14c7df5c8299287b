"""Agreement of the weights makes a measured fall surer, disagreement is said."""

from __future__ import annotations

import pytest
from builders import recorder, value

from diagnose.facts.motion.beside_weights import record_agreement


@pytest.mark.parametrize(
    ("gains", "sure", "says"), [(True, "high", "agrees"), (False, "medium", "no cause"), (None, "medium", None)]
)
def test_what_the_weights_add(gains: bool | None, sure: str, says: str | None) -> None:
    record = recorder()
    record.known("motion.degraded", value=True)
    if gains is not None:
        record.known("weights.low_gains", gains)
    record_agreement(record)
    assert value(record, "motion.sure") == sure
    words = value(record, "motion.weights_say")
    assert words is None if says is None else says in words


def test_where_nothing_fell_the_weights_are_not_asked() -> None:
    record = recorder()
    record.known("motion.degraded", value=False)
    record.known("weights.low_gains", value=True)
    record_agreement(record)
    assert value(record, "motion.sure") is None
