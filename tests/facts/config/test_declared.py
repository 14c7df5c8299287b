"""What a config says where a key is absent, written, or written as null."""

from pathlib import Path
from typing import Any

import pytest
from builders import config_of, facts_of, recorder, value

from diagnose.facts.config.declared import Config, record_declared
from diagnose.facts.record import Recorder


def recorded(config: Config) -> Recorder:
    record = recorder()
    record_declared(config, record)
    return record


def test_an_absent_key_has_the_trainers_default_and_a_null_has_not(tmp_path: Path) -> None:
    absent = config_of(tmp_path, train={"steps": 100}, save={})
    assert (found := absent.number("save.save_every")) is not None
    assert (found.value, found.written, found.given) == (1000, False, False)
    null = config_of(tmp_path, train={"steps": 100}, save={"save_every": None})
    assert null.number("save.save_every") is None
    setting = null.setting("save.save_every")
    assert (setting.value, setting.written, setting.given) == (None, True, False)
    assert not facts_of(recorded(null))["config.save_every", "run"].known


@pytest.mark.parametrize("written", [{}, {"min_snr_gamma": None}, {"min_snr_gamma": 0}, {"learnable_snr_gos": False}])
def test_nothing_and_zero_ask_for_no_snr_weighting(tmp_path: Path, written: dict[str, Any]) -> None:
    assert value(recorded(config_of(tmp_path, train=written)), "config.snr_key") == "none"


def test_a_null_rank_leaves_the_other_spelling(tmp_path: Path) -> None:
    rank = config_of(tmp_path, network={"type": "lora", "rank": None, "linear": 32}).rank
    assert rank is not None
    assert rank.value == 32


def test_a_null_flag_is_off(tmp_path: Path) -> None:
    config = config_of(tmp_path, model={"model_kwargs": {"train_low_noise": None}})
    assert not config.trains_both
