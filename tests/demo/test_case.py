from __future__ import annotations

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.demo.case import Case, load_case
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
