from dataclasses import replace

from builders import facts_of, recorder, value

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.weights.direction import Direction, record_directions
from diagnose.weights.run_weights import Heading


def test_the_direction_is_recorded_unless_rounding_hides_it() -> None:
    heading = Heading(Expert.HIGH, (100, 200, 300), ("a", "b", "c"), (1.0, 1.0), (0.8,), 1e-5, {})
    record = recorder()
    lost = replace(heading, expert=Expert.LOW, cosines=(None,))
    found = record_directions([heading, lost], record)
    assert found[0] == Direction(Expert.HIGH, (100, 200, 300), (0.8,), 1e-5)
    fact = facts_of(record)["weights.direction", "high"]
    assert fact.value == 0.8
    assert [place.file for place in fact.places] == ["a", "b", "c"]
    assert fact.note == "steps 200 to 300 against 100 to 200; rounding takes off at most about 1e-05"
    assert value(record, "weights.direction", "low") is None
