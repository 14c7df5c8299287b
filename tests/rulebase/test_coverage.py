from __future__ import annotations

from collections.abc import Callable

from diagnose.rulebase.coverage import claim_uses
from diagnose.rulebase.reading.load import Reading


def test_every_claim_is_listed_with_its_places(read: Callable[[], Reading]) -> None:
    reading = read()
    uses = claim_uses((file.rule for file in reading.files), reading.knowledge)
    assert uses == {
        "WGT-01": ("high-noise-too-weak", "parameter high_magnitude_min"),
        "CFG-05": (
            "end-earlier",
            "experts-out-of-balance",
            "high-noise-too-weak",
            "parameter lr_ratio_min",
            "recipe conservative",
            "recipe recommended",
        ),
        "CASE-03": ("end-earlier", "high-noise-too-weak", "parameter lr_ratio_min"),
        "RES-01": (),
    }
    assert list(uses) == list(reading.knowledge.claims)


def test_a_claim_nobody_cites_has_no_place(read: Callable[[], Reading]) -> None:
    assert claim_uses([], read().knowledge)["RES-01"] == ()
