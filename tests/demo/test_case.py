from __future__ import annotations

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.demo.case import Bounds, Case, derived_seed, load_case, lora_shapes
from diagnose.domains.wan22.experts import Expert


def test_an_unfinished_run_has_numbered_saves_only(v15: Case) -> None:
    assert not v15.finished
    assert list(v15.saves) == list(range(100, 3001, 100))
    assert v15.saves[2400] == "run-v15_000002400"


def test_a_finished_run_ends_with_a_save_without_a_number(v17: Case) -> None:
    assert v17.finished
    assert list(v17.saves) == list(range(100, 2201, 100))
    assert v17.saves[2200] == "run-v17"


@pytest.mark.parametrize("step", [0, 99, 100, 2399, 2400, 3000])
def test_a_save_holds_the_updates_of_the_steps_up_to_its_own(v15: Case, step: int) -> None:
    turns = [v15.settings.expert_at(each) for each in range(step + 1)]
    assert v15.updates(step) == {expert: turns.count(expert) for expert in Expert}


def test_the_final_save_holds_no_step_after_the_last(v17: Case) -> None:
    assert v17.updates(2200) == {Expert.HIGH: 1100, Expert.LOW: 1100}


@pytest.mark.parametrize("name", ["run-v15", "run-v17"])
def test_figures_are_of_saves_at_which_both_had_trained_equally(name: str) -> None:
    case = load_case(name)
    for step in {step for figures in case.magnitudes.values() for step in figures}:
        updates = case.updates(step)
        assert 0 <= updates[Expert.HIGH] - updates[Expert.LOW] <= 1


@pytest.mark.parametrize("name", ["run-v15", "run-v17"])
def test_every_figure_lies_inside_the_run(name: str) -> None:
    case = load_case(name)
    assert case.settings.process["type"] == "diffusion_trainer"
    assert f"  name: {name}\n" in case.config
    for expert in Expert:
        bounds = case.settings.bounds[expert]
        assert bounds.floor <= case.rates[expert].rate <= bounds.ceiling
        assert case.rates[expert].at_step < case.trained_steps
        assert set(case.magnitudes[expert]) <= set(case.saves)


def test_an_unknown_case_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DiagnoseError, match=r"^run-v16: no such example run; there are run-v15, run-v17$"):
        load_case("run-v16")


def test_a_name_is_not_a_path() -> None:
    with pytest.raises(DiagnoseError, match="no such example run"):
        load_case("../claims")


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


def test_a_stream_repeats_itself(v15: Case) -> None:
    assert v15.stream(3, "a", "b").random() == v15.stream(3, "a", "b").random()


def test_streams_differ_by_case_seed_and_purpose(v15: Case, v17: Case) -> None:
    keys = ((0, ("a",)), (1, ("a",)), (0, ("b",)), (0, ("a", "b")))
    draws = {case.stream(seed, *purpose).random() for seed, purpose in keys for case in (v15, v17)}
    assert len(draws) == 8


def test_derived_seeds_fit_a_signed_word() -> None:
    assert all(0 <= derived_seed(seed, "weights") < 2**63 for seed in range(50))


def test_shapes_are_down_then_up_in_file_order() -> None:
    shapes = dict(lora_shapes(4))
    assert list(shapes) == sorted(shapes)
    assert shapes["diffusion_model.blocks.0.ffn.2.lora_A.weight"] == (4, 13824)
    assert shapes["diffusion_model.blocks.0.ffn.2.lora_B.weight"] == (5120, 4)
