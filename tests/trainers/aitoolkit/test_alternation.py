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

TURNS = st.integers(1, 12)
WAN = {"arch": "wan22_14b_i2v"}


def cadence_of(folder: Path, trainer: str = RELAXIS, **train: Any) -> Cadence | None:
    return model(trainer).turns(config_of(folder, trainer, train=train))


def test_a_first_step_after_a_pause_moves_nothing_in_the_fork() -> None:
    fork, upstream = Cadence(10, 1, rests=True), Cadence(10, 1, rests=False)
    assert fork.moves([1, 10, 20, 40]) == [
        {Expert.HIGH: 1, Expert.LOW: 0},
        {Expert.HIGH: 10, Expert.LOW: 0},
        {Expert.HIGH: 10, Expert.LOW: 10},
        {Expert.HIGH: 19, Expert.LOW: 19},
    ]
    assert upstream.moves([40]) == [{Expert.HIGH: 20, Expert.LOW: 20}]


def test_switching_at_every_step_freezes_the_fork() -> None:
    assert Cadence(1, 1, rests=True).moves([500]) == [{Expert.HIGH: 1, Expert.LOW: 1}]
    assert Cadence(2, 2, rests=True).moves([500]) == [{Expert.HIGH: 1, Expert.LOW: 1}]
    assert Cadence(1, 1, rests=False).moves([500]) == [{Expert.HIGH: 250, Expert.LOW: 250}]


def test_accumulation_over_a_switch_trains_both_in_every_step() -> None:
    assert Cadence(1, 2, rests=True).moves([7]) == [{Expert.HIGH: 7, Expert.LOW: 7}]


def test_turns_count_batches_not_steps() -> None:
    assert Cadence(10, 2, rests=True).moves([5, 10]) == [
        {Expert.HIGH: 5, Expert.LOW: 0},
        {Expert.HIGH: 5, Expert.LOW: 5},
    ]


@given(TURNS, TURNS, st.booleans())
def test_both_have_had_a_turn_from_the_step_it_says(switch: int, accumulation: int, rests: bool) -> None:
    cadence = Cadence(switch, accumulation, rests)
    before, after = cadence.moves([cadence.both_from - 1, cadence.both_from])
    assert min(before.values()) == 0
    assert min(after.values()) == 1
    assert cadence.cycle >= cadence.both_from


@given(TURNS, TURNS)
def test_the_batches_are_shared_out_as_the_trainer_does(switch: int, accumulation: int) -> None:
    """Step by step over single batches, as its loop goes."""
    counts, turn, left = dict.fromkeys(Expert, 0), 0, switch
    for _ in range(40):
        trained = set()
        for _ in range(accumulation):
            if left == 0:
                turn, left = 1 - turn, switch
            trained.add((Expert.HIGH, Expert.LOW)[turn])
            left -= 1
        for expert in trained:
            counts[expert] += 1
    assert Cadence(switch, accumulation, rests=False).moves([40]) == [counts]


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
