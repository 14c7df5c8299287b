from pathlib import Path
from typing import Any

import pytest
from builders import TARGETS, config_of, facts_of, model, recorder, value
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from trainer_names import AI_TOOLKIT, BOTH, RELAXIS

from diagnose.facts.config.saving import (
    first_kept,
    record_saves_ahead,
    record_saving,
)
from diagnose.facts.recorder import Recorder
from diagnose.trainers.trainer_model import before

WAN = {"arch": "wan22_14b_i2v", "name_or_path": "a/Wan2.2-I2V-A14B-Diffusers"}
SHOT = {"samples": [{"prompt": "x", "ctrl_img": "a.png"}]}


def recorded(folder: Path, trainer: str = RELAXIS, **sections: Any) -> Recorder:
    record = recorder()
    record_saving(config_of(folder, trainer, **{"model": WAN, **sections}), model(trainer), record)
    return record


def test_saves_that_the_end_prunes_as_a_real_run_showed() -> None:
    assert first_kept(300, 20, 4) == 240, "240, 260, 280 and the final pair were left"
    assert first_kept(3000, 250, 4) == 2250
    assert first_kept(1000, 1001, 1) == 0, "there is nothing to delete"
    assert first_kept(1000, 100, 1) == 1000, "the final one alone"
    assert first_kept(1000, 100, 0) == 0, "files[:-0] is nothing, so nothing is removed"


@pytest.mark.parametrize(("steps", "every", "keep", "left"), [(80, 10, 1, 1), (80, 10, 3, 3), (80, 10, 8, 8), (80, 100, 1, 1), (80, 10, 0, 8)])  # fmt: skip
def test_how_many_saves_are_left(tmp_path: Path, steps: int, every: int, keep: int, left: int) -> None:
    record = recorded(tmp_path, train={"steps": steps}, save={"save_every": every, "max_step_saves_to_keep": keep})
    assert value(record, "config.saves_left") == left


@given(st.integers(1, 500), st.integers(1, 60), st.integers(1, 40))
def test_kept_saves_are_the_newest_with_the_final_one(steps: int, every: int, keep: int) -> None:
    saves = [*range(every, steps, every), steps]
    left = saves[-keep:]
    assert first_kept(steps, every, keep) == (left[0] if len(left) < len(saves) else 0)


def test_previews_without_weights_need_previews(tmp_path: Path) -> None:
    sections: dict[str, Any] = {"save": {"save_every": 250}, "sample": {"sample_every": 400, **SHOT}}
    assert value(recorded(tmp_path, **sections), "config.previews_have_weights") is False
    sections["train"] = {"disable_sampling": True}
    assert value(recorded(tmp_path, **sections), "config.previews_have_weights") is True


@pytest.mark.parametrize(
    ("save", "sample", "all_shown"), [(250, 250, True), (500, 250, True), (250, 500, False), (250, 100, False)]
)
def test_every_save_has_its_previews_where_previews_fall_on_it(
    tmp_path: Path, save: int, sample: int, *, all_shown: bool
) -> None:
    sections: dict[str, Any] = {"save": {"save_every": save}, "sample": {"sample_every": sample, **SHOT}}
    assert value(recorded(tmp_path, **sections), "config.saves_have_previews") is all_shown
    sections["train"] = {"disable_sampling": True}
    assert value(recorded(tmp_path, **sections), "config.saves_have_previews") is False


def test_an_average_spans_the_reciprocal_of_what_a_step_adds(tmp_path: Path) -> None:
    for ema, span in (({"use_ema": True, "ema_decay": 0.99}, 100), ({"use_ema": True}, 1000)):
        record = recorded(tmp_path, AI_TOOLKIT, train={"ema_config": ema})
        assert value(record, "effective.ema") is True
        assert value(record, "effective.ema_span") == pytest.approx(span)
    for trainer in BOTH:
        assert value(recorded(tmp_path, trainer), "effective.ema") is False


def test_the_fork_and_older_upstreams_never_set_averages_up(tmp_path: Path) -> None:
    asked = {"ema_config": {"use_ema": True}}
    record = recorded(tmp_path, RELAXIS, train=asked)
    assert value(record, "effective.ema") is False
    assert not facts_of(record)["effective.ema_span", "run"].known
    (change,) = [each for each in model(AI_TOOLKIT).versions if each.id == "averages"]
    older, record = before(model(AI_TOOLKIT), change), recorder()
    record_saving(config_of(tmp_path, AI_TOOLKIT, train=asked), older, record)
    assert value(record, "effective.ema") is False


def test_which_of_them_it_is_may_be_unknown(tmp_path: Path) -> None:
    record = recorder()
    record_saving(config_of(tmp_path, train={"ema_config": {"use_ema": True}}), None, record)
    assert not facts_of(record)["effective.ema", "run"].known


def test_one_expert_alone_with_automagic_leaves_the_metrics_file_empty(tmp_path: Path) -> None:
    alone = {**WAN, "model_kwargs": {"train_low_noise": False}}
    for optimizer, written in (("automagic", False), ("adamw", True)):
        record = recorded(tmp_path, model=alone, train={"optimizer": optimizer})
        assert value(record, "effective.metrics_written") is written


def test_a_save_before_the_low_noise_block(tmp_path: Path) -> None:
    for every, one_sided in ((100, True), (101, False)):
        record = recorded(tmp_path, save={"save_every": every}, train={"switch_boundary_every": 100})
        assert value(record, "config.first_save_one_sided") is one_sided


@pytest.mark.parametrize(("every", "one_sided"), [(25, True), (26, False)])
def test_a_block_is_counted_in_batches_and_a_save_in_steps(tmp_path: Path, every: int, *, one_sided: bool) -> None:
    train = {"switch_boundary_every": 100, "gradient_accumulation": 4}
    record = recorded(tmp_path, save={"save_every": every}, train=train)
    assert value(record, "config.first_block") == 25
    assert value(record, "config.first_save_one_sided") is one_sided


@pytest.mark.parametrize(("longest", "every", "needed"), [(2200, 100, 22), (6000, 100, 60), (2200, 50, 44)])
def test_how_many_saves_the_next_run_needs(tmp_path: Path, longest: int, every: int, needed: int) -> None:
    record, save = recorder(), {"save_every": 250, "max_step_saves_to_keep": 4}
    targets = replace(TARGETS, longest=longest, save_every=every)
    record_saves_ahead(config_of(tmp_path, train={"steps": 3000}, save=save), targets, record)
    assert value(record, "config.saves_needed") == needed, "a whole run, and a save as often as is wanted"


def test_a_run_of_one_expert_needs_half_of_the_saves(tmp_path: Path) -> None:
    record, alone = recorder(), {**WAN, "model_kwargs": {"train_low_noise": False}}
    save = {"save_every": 100, "max_step_saves_to_keep": 4}
    record_saves_ahead(config_of(tmp_path, save=save, model=alone), TARGETS, record)
    assert value(record, "config.saves_needed") == 11
