"""The target numbers, as the user left or set them."""

from __future__ import annotations

from builders import KNOWLEDGE, TARGETS
from msgspec.structs import replace

from diagnose.facts.targets import KINDS, Targets


def test_percentages_of_the_parameters_are_fractions() -> None:
    parameters = KNOWLEDGE.parameters
    assert TARGETS.ratio_tolerance == float(parameters["lr_ratio_tolerance"].value) / 100 == 0.12
    assert TARGETS.learned == float(parameters["learned_min"].value) / 100


def test_what_the_user_sets_is_what_counts() -> None:
    changed = {
        "lr_ratio_min": 7, "lr_ratio_max": 9, "lr_ratio_tolerance": 50, "save_every": 50, "steps_max": 6000,
        "steps_degraded": 5000, "learned_min": 3, "rate_fixed_min": 1e-6, "rate_fixed_max": 1e-3,
    }  # fmt: skip
    parameters = {
        name: replace(param, value=changed.get(name, param.value)) for name, param in KNOWLEDGE.parameters.items()
    }
    targets = Targets.of(parameters)
    assert (targets.ratio_range, targets.ratio_tolerance) == ((7, 9), 0.5)
    assert (targets.save_every, targets.longest, targets.degraded, targets.learned) == (50, 6000, 5000, 0.03)
    assert (targets.usual_rates["fixed"].least, targets.usual_rates["fixed"].most) == (1e-6, 1e-3)


def test_every_kind_of_rate_has_its_range() -> None:
    assert set(TARGETS.usual_rates) == set(KINDS)
    for kind, usual in TARGETS.usual_rates.items():
        assert usual.least < usual.most
        started = KNOWLEDGE.parameters.get(f"rate_{kind}_start")
        assert usual.sane == (None if started is None else float(started.value))
