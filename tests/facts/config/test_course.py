from pathlib import Path

import pytest
from builders import config_of, recorder, value
from hypothesis import given
from hypothesis import strategies as st

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.config.course import record_course, updates
from diagnose.facts.config.declared import Config

WAN = {"arch": "wan22_14b_i2v"}


def counted(config: Config) -> dict[Expert, int]:
    """The same by going through the batches one by one, as the trainer's loop does."""
    numbers = (config.number(f"train.{key}") for key in ("steps", "gradient_accumulation", "switch_boundary_every"))
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
    assert updates(config) == counted(config)


def test_one_expert_alone_gets_every_step(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"steps": 900}, model={**WAN, "model_kwargs": {"train_low_noise": False}})
    assert updates(config) == {Expert.HIGH: 900}


@pytest.mark.parametrize("train", [{"steps": 0}, {"steps": 9, "switch_boundary_every": 0}, {"steps": "many"}])
def test_settings_that_tell_nothing(tmp_path: Path, train: dict[str, object]) -> None:
    assert updates(config_of(tmp_path, train=train, model=WAN)) == {}


def test_a_typing_error_costs_no_time(tmp_path: Path) -> None:
    train = {"steps": 10**12, "switch_boundary_every": 10**9 + 7, "gradient_accumulation": 3}
    assert updates(config_of(tmp_path, train=train, model=WAN)) == {}


@pytest.mark.parametrize(
    ("optimizer", "written", "start"),
    [
        ("automagic", 2e-3, 1e-6),
        ("automagic", 1e-3, 1e-3),
        ("adamw", 2e-3, 2e-3),
        ("prodigy", 1e-4, 1.0),
        ("prodigy", 0.5, 0.5),
    ],
)
def test_the_rate_the_optimizer_starts_from(tmp_path: Path, optimizer: str, written: float, start: float) -> None:
    record = recorder()
    record_course(config_of(tmp_path, train={"optimizer": optimizer, "lr": written}, model=WAN), record)
    assert value(record, "effective.start_rate") == start


@pytest.mark.parametrize(
    ("network", "share"),
    [
        ({"linear": 64, "linear_alpha": 16}, 0.25),
        ({"rank": 32, "linear": 64, "linear_alpha": 32}, 1.0),
        ({"linear_alpha": 16}, 4.0),
    ],
)
def test_alpha_over_the_rank_that_counts(tmp_path: Path, network: dict[str, int], share: float) -> None:
    record = recorder()
    record_course(config_of(tmp_path, network=network, model=WAN), record)
    assert value(record, "config.alpha_over_rank") == share


def test_no_alpha_written_says_nothing_else_than_the_scale_there_is(tmp_path: Path) -> None:
    for network in ({}, {"linear": 64}):
        record = recorder()
        record_course(config_of(tmp_path, network=network, model=WAN), record)
        assert value(record, "config.alpha_over_rank") == 1
