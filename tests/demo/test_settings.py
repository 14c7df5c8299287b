from __future__ import annotations

from diagnose.demo.case import Case
from diagnose.demo.settings import Bounds
from diagnose.domains.wan22.experts import Expert


def test_per_expert_bounds_override_the_base_keys(v17: Case) -> None:
    assert v17.settings.bounds[Expert.HIGH] == Bounds(1.0e-5, bump=2.0e-5, floor=2.0e-5, ceiling=5.0e-4)
    assert v17.settings.bounds[Expert.LOW] == Bounds(1.0e-5, bump=5.0e-6, floor=5.0e-6, ceiling=1.0e-4)


def test_base_bounds_serve_both_experts_otherwise(v15: Case) -> None:
    assert v15.settings.bounds[Expert.HIGH] == Bounds(1.0e-5, bump=1.0e-5, floor=8.0e-6, ceiling=3.0e-4)
    assert v15.settings.bounds[Expert.LOW] == Bounds(1.0e-5, bump=5.0e-6, floor=8.0e-6, ceiling=3.0e-4)


def test_experts_take_turns_and_high_noise_starts(v15: Case) -> None:
    settings = v15.settings
    turns = [settings.expert_at(step) for step in (0, 99, 100, 199, 200)]
    assert turns == [Expert.HIGH, Expert.HIGH, Expert.LOW, Expert.LOW, Expert.HIGH]


def test_an_experts_very_first_step_resumes_nothing(v15: Case) -> None:
    assert [step for step in range(401) if v15.settings.resumes_at(step)] == [200, 300, 400]


def test_the_last_phase_has_no_exit(v15: Case) -> None:
    names = [phase.name for phase in v15.settings.phases]
    assert names == ["foundation", "balance", "emphasis"]
    assert [phase.stability for phase in v15.settings.phases] == [0.50, 0.50, None]


def test_clip_returns_the_crossed_bound() -> None:
    bounds = Bounds(start=2.0, bump=0.5, floor=1.0, ceiling=3.0)
    assert [bounds.clip(rate) for rate in (0.5, 2.5, 3.5)] == [1.0, 2.5, 3.0]


def test_no_rate_is_beyond_the_start_and_a_bump_per_update() -> None:
    bounds = Bounds(start=0.5, bump=0.8, floor=1.0, ceiling=3.0)
    assert [bounds.reach(updates) for updates in (0, 1, 2, 9)] == [1.0, 1.3, 2.1, 3.0]
