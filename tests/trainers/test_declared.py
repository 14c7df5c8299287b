"""A config by the names of its settings: absent, written, written as null, and in an entry."""

from pathlib import Path

import pytest
from builders import config_of

from diagnose.core.errors import EngineError


def test_an_absent_key_has_the_trainers_default_and_a_null_has_not(tmp_path: Path) -> None:
    absent = config_of(tmp_path, train={"steps": 100}, save={})
    assert (found := absent.number("save_every")) is not None
    assert (found.value, found.written, found.given) == (1000, False, False)
    null = config_of(tmp_path, train={"steps": 100}, save={"save_every": None})
    assert null.number("save_every") is None
    setting = null.setting("save_every")
    assert (setting.value, setting.written, setting.given) == (None, True, False)


def test_of_several_keys_the_one_that_is_given_counts(tmp_path: Path) -> None:
    config = config_of(tmp_path, network={"type": "lora", "rank": None, "linear": 32})
    assert (config.rank and config.rank.value, config.called("rank")) == (32, "network.linear")
    config = config_of(tmp_path, network={"type": "lora", "rank": 8, "linear": 32})
    assert (config.rank and config.rank.value, config.called("rank")) == (8, "network.rank")


def test_a_section_without_a_rank_has_the_trainers(tmp_path: Path) -> None:
    rank = config_of(tmp_path, network={"type": "lora"}).rank
    assert rank is not None
    assert (rank.value, rank.written, rank.place.key) == (4, False, "config.process[0].network")
    assert config_of(tmp_path, train={}).rank is None


def test_a_null_flag_is_off(tmp_path: Path) -> None:
    config = config_of(tmp_path, model={"model_kwargs": {"train_low_noise": None}})
    assert not config.trains_both


def test_a_setting_of_an_entry_is_found_by_the_entry(tmp_path: Path) -> None:
    config = config_of(tmp_path, datasets=[{"num_frames": 33}, {"num_frames": 81}])
    entries = config.entries("clips")
    assert entries == ["datasets[0]", "datasets[1]"]
    assert [config.setting("clip.frames", entry).value for entry in entries] == [33, 81]
    with pytest.raises(EngineError, match="is a setting of an entry"):
        config.setting("clip.frames")


def test_a_setting_that_the_trainer_has_no_key_for_is_not_written(tmp_path: Path) -> None:
    config = config_of(tmp_path, datasets=[{"load_image_when_caching_latents": True}])
    setting = config.setting("clip.frames_with_latents", "datasets[0]")
    assert (setting.value, setting.written, setting.place.key) == (None, False, None)
    assert config.called("clip.frames_with_latents") == "clip.frames_with_latents"


def test_a_key_is_called_back_by_its_name(tmp_path: Path) -> None:
    config = config_of(tmp_path, datasets=[{}])
    assert config.name_of("datasets[3].num_frames") == "clip.frames"
    assert config.name_of("network.rank") == "rank"
    assert config.name_of("train.zzz") is None


def test_what_a_section_holds(tmp_path: Path) -> None:
    config = config_of(tmp_path, save={"save_every": 1})
    assert config.within("save.save_every", ["saving"])
    assert not config.within("save", ["saving"])
    assert not config.within("saved.by", ["saving", "previews"])
