"""What descriptions of trainers say of single keys."""

from __future__ import annotations

import pytest

from diagnose.trainers.keys import Choice, matches


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("prodigy*", "prodigyopt", True),
        ("prodigy*", "prodigy", True),
        ("prodigy*", "prodig", False),
        ("adam", "adam", True),
        ("adam", "adamw", False),
        ("*", "anything", True),
    ],
)
def test_a_star_at_the_end_stands_for_any_ending(pattern: str, name: str, *, fits: bool) -> None:
    assert matches(pattern, name) is fits


def test_a_choice_takes_its_values_in_any_case_and_no_other() -> None:
    optimizers = Choice(path="train.optimizer", source="toolkit/optimizer.py", values=("adamw8bit", "dadaptation*"))
    assert optimizers.allows("AdamW8bit")
    assert optimizers.allows("DAdaptationAdam")
    assert not optimizers.allows("adamw")
