from pathlib import Path
from typing import Any

import pytest
from builders import config_of, model
from hypothesis import given
from hypothesis import strategies as st
from logged_rates import logged_runs
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.domains.wan22.experts import Expert
from diagnose.trainers.declared import Config
from diagnose.trainers.turns import Cadence

WAN = {"arch": "wan22_14b_i2v"}


def cadence_of(folder: Path, trainer: str = RELAXIS, **train: Any) -> Cadence | None:
    return model(trainer).turns(config_of(folder, trainer, train=train))


def test_the_logs_of_real_runs_show_these_turns() -> None:
    for run in logged_runs():
        cadence = model().turns(run.config)
        assert cadence is not None
        free = Cadence(cadence.switch, cadence.accumulation, rests=False)
        turns = zip(free.moves(run.rows), free.moves([step + 1 for step in run.rows]), strict=True)
        for row, (earlier, later) in zip(run.rows.values(), turns, strict=True):
            assert [expert for expert in Expert if later[expert] > earlier[expert]] == [row.expert]


def test_defaults_of_the_trainer_count(tmp_path: Path) -> None:
    assert cadence_of(tmp_path) == Cadence(1, 1, rests=True)
    assert cadence_of(tmp_path, AI_TOOLKIT, switch_boundary_every=100) == Cadence(100, 1, rests=False)


@pytest.mark.parametrize(
    "train",
    [
        {"switch_boundary_every": 0},
        {"switch_boundary_every": "often"},
        {"switch_boundary_every": float("inf")},
        {"switch_boundary_every": float("nan")},
        {"switch_boundary_every": 10**400},
        {"gradient_accumulation": -1},
        {"gradient_accumulation_steps": 2},
    ],
)
def test_what_is_no_count_gives_no_cadence(tmp_path: Path, train: dict[str, Any]) -> None:
    assert cadence_of(tmp_path, **train) is None


def test_the_older_accumulation_of_one_changes_nothing(tmp_path: Path) -> None:
    assert cadence_of(tmp_path, gradient_accumulation_steps=1) == Cadence(1, 1, rests=True)


def test_one_expert_alone_takes_no_turns(tmp_path: Path) -> None:
    config = config_of(tmp_path, model={"model_kwargs": {"train_low_noise": False}})
    assert model().turns(config) is None


def counted(config: Config) -> dict[Expert, int]:
    """The same by going through the batches one by one, as the trainer's loop does."""
    numbers = (config.number(name) for name in ("steps", "accumulation", "switch_every"))
    steps, batches, block = (int(found.value) for found in numbers if found is not None)
    counts, current, here = dict.fromkeys(Expert, 0), 0, 0
    for _ in range(steps):
        reached = set()
        for _ in range(batches):
            if here >= block:
                current, here = 1 - current, 0
            reached.add(list(Expert)[current])
            here += 1
        for expert in reached:
            counts[expert] += 1
    return counts


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("course")


@given(st.integers(1, 60), st.integers(1, 7), st.integers(1, 13))
def test_updates_are_those_of_the_trainers_loop(folder: Path, steps: int, batches: int, block: int) -> None:
    train = {"steps": steps, "gradient_accumulation": batches, "switch_boundary_every": block}
    config = config_of(folder, train=train, model=WAN)
    assert model().updates(config) == counted(config)


def test_one_expert_alone_gets_every_step(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"steps": 900}, model={**WAN, "model_kwargs": {"train_low_noise": False}})
    assert model().updates(config) == {Expert.HIGH: 900}


@pytest.mark.parametrize("train", [{"steps": 0}, {"steps": 9, "switch_boundary_every": 0}, {"steps": "many"}])
def test_settings_that_tell_nothing(tmp_path: Path, train: dict[str, object]) -> None:
    assert model().updates(config_of(tmp_path, train=train, model=WAN)) == {}


def test_a_typing_error_costs_no_time(tmp_path: Path) -> None:
    train = {"steps": 10**12, "switch_boundary_every": 10**9 + 7, "gradient_accumulation": 3}
    assert model().updates(config_of(tmp_path, train=train, model=WAN)) == {}
