"""The sizes are held against the real folders: what the trainers wrote there, byte by byte."""

import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from builders import KNOWLEDGE, TRAINERS, config_of, facts_of, readings, recorder, value
from labelled_runs import SHARED
from run_evidence import evidence
from small_network import network_of
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.core.values import Fact
from diagnose.facts.needs.disk import Saves, record_disk, saves_of
from diagnose.facts.recorder import Recorder
from diagnose.rulebase.domain import Network
from diagnose.sources.readings import CheckpointFile
from diagnose.sources.run_reading import read_run
from diagnose.trainers.declared import Config
from diagnose.trainers.footprint import FORMATS, Footprint
from diagnose.trainers.rooms import run_readers

WAN = {"arch": "wan22_14b_i2v", "name_or_path": "a/Wan2.2-I2V-A14B-Diffusers"}
LORA = {"type": "lora", "linear": 64}
HOMES = [path for home in ("real", "real2") for path in sorted((SHARED / home).glob("*")) if path.is_dir()]
PER_RANK = 40 * (8 * (5120 + 5120) + 2 * (5120 + 13824))
OF_A_NAME = 48
"""Bytes by which the metadata of two saves differ: the run's name, the step, the version, and filling up."""


def network() -> Network:
    found = KNOWLEDGE.domain.network
    assert found is not None
    return found


def constants(trainer: str = RELAXIS) -> Footprint:
    found = TRAINERS[trainer].footprint
    assert found is not None
    return found


def save(step: int | None, expert: str, size: int, *, final: bool = False) -> CheckpointFile:
    name = f"j_{step}_{expert}.safetensors"
    return CheckpointFile(
        name, Path(name), (expert,), step, final=final, size=size, modified=1, header_sha256="", tensors=()
    )


def size_of(folder: Path, *saves: CheckpointFile, **sections: Any) -> Fact:
    record = recorder()
    config = config_of(folder, **{"model": WAN, "network": {"type": "lora", "linear": 16}, **sections})
    record_disk(evidence(config, readings(checkpoints=saves)), config, record)
    return facts_of(record)["weights.pair_bytes", "run"]


def test_the_latest_whole_step_is_measured(tmp_path: Path) -> None:
    whole = [save(step, expert, 10 * step) for step in (1, 2) for expert in ("high", "low")]
    half = save(3, "high", 30)
    last = save(4, "high", 40, final=True)
    assert size_of(tmp_path, *whole, half, last).value == 40
    assert size_of(tmp_path, half).value == 30


def test_the_numbers_of_a_rank_follow_from_the_shapes() -> None:
    assert network().lora_numbers == PER_RANK == 4_792_320
    assert network().parameters - network().in_matrices == pytest.approx(0.238e9, rel=0.01)


@pytest.mark.parametrize(
    ("sections", "size"),
    [
        ({}, 2 * 2 * 16 * PER_RANK),
        ({"save": {"dtype": "fp32"}}, 4 * 2 * 16 * PER_RANK),
        ({"save": {"dtype": "float32"}}, 4 * 2 * 16 * PER_RANK),
        ({"save": {"dtype": "float"}}, 4 * 2 * 16 * PER_RANK),
        ({"save": {"dtype": "fp16"}}, 2 * 2 * 16 * PER_RANK),
        ({"save": {"dtype": "bf16"}}, 2 * 2 * 16 * PER_RANK),
        ({"save": {"dtype": "bfloat16"}}, 2 * 2 * 16 * PER_RANK),
        ({"save": {"dtype": "float16"}}, 2 * 2 * 16 * PER_RANK),
        ({"save": {"dtype": "fp8"}}, None),
        ({"network": {"type": "lokr", "linear": 16}}, None),
        ({"network": {"linear": 1}}, 2 * 2 * PER_RANK),
        ({"network": {"linear": 0}}, None),
        ({"network": {"linear": 16.0}}, None),
        ({"network": {"linear": 16, "network_kwargs": {"only_if_contains": ["attn"]}}}, None),
        ({"model": {"arch": "flux"}}, None),
        ({"model": {**WAN, "model_kwargs": {"train_low_noise": False}}}, 2 * 16 * PER_RANK),
    ],
)
def test_without_files_plain_settings_tell_it(tmp_path: Path, sections: dict[str, Any], size: int | None) -> None:
    found = size_of(tmp_path, **sections).value
    if size is None:
        assert found is None
    else:
        assert isinstance(found, int)
        assert size + 2 * 90_000 < found < size + 2 * 120_000 or size + 90_000 < found < size + 120_000


def test_the_known_file_of_rank_64() -> None:
    size = constants().file_bytes(network(), 64, "bf16", "wave")
    assert size == pytest.approx(613.5e6, abs=0.05e6)


@pytest.mark.parametrize("folder", HOMES, ids=lambda path: path.name)
def test_saves_are_as_large_as_those_of_the_real_folders(folder: Path) -> None:
    read = read_run(folder, run_readers())
    assert read.config is not None
    config = Config(read.config, TRAINERS[RELAXIS])
    for file in read.checkpoints:
        rank = min(file.tensors[0].shape)
        dtype = str(config.setting("save_dtype").value)
        networks = 2 if any("transformer_2" in tensor.name for tensor in file.tensors) else 1
        predicted = constants().file_bytes(network_of(file, network()), rank, dtype, read.config.job or "", networks)
        assert abs(predicted - file.size) <= OF_A_NAME
        numbers = network_of(file, network()).lora_numbers * rank * networks
        assert sum(math.prod(tensor.shape) for tensor in file.tensors) == numbers
        assert numbers * FORMATS[dtype][1] == sum(tensor.end - tensor.begin for tensor in file.tensors)


@pytest.mark.skipif(not HOMES, reason="the real runs are not on this machine")
def test_the_optimizers_state_is_as_large_as_the_real_one() -> None:
    folder = SHARED / "real" / "fork-a_ratio135"
    read = read_run(folder, run_readers())
    like, state = network_of(read.checkpoints[0], network()), constants().state("automagic")
    assert state is not None
    predicted = 2 * (constants().state_bytes(state, like, 64) + constants().state_file * like.factors)
    assert predicted == pytest.approx((folder / "optimizer.pt").stat().st_size, rel=0.001)


@pytest.mark.parametrize(
    ("steps", "every", "keep", "saves"),
    [
        (2000, 100, 4, Saves(4, 5)),
        (2000, 100, 20, Saves(20, 20)),
        (2000, 100, 19, Saves(19, 20)),
        (2000, 100, 0, Saves(20, 20)),
        (50, 100, 4, Saves(1, 1)),
        (2000, 0, 4, None),
    ],
)
def test_how_many_saves_there_are(tmp_path: Path, steps: int, every: int, keep: int, saves: Saves | None) -> None:
    save = {"save_every": every, "max_step_saves_to_keep": keep}
    assert saves_of(config_of(tmp_path, save=save, train={"steps": steps})) == saves


@pytest.mark.parametrize("folder", HOMES, ids=lambda path: path.name)
def test_the_real_folders_hold_no_more_saves_than_counted(folder: Path) -> None:
    read = read_run(folder, run_readers())
    assert read.config is not None
    found = saves_of(Config(read.config, TRAINERS[RELAXIS]))
    steps = {file.step if not file.final else None for file in read.checkpoints}
    assert found is None or len(steps) <= found.most


def test_what_the_run_takes_of_the_disk(tmp_path: Path) -> None:
    sections: dict[str, Any] = {
        "network": LORA,
        "train": {"steps": 2000, "optimizer": "adamw", "disable_sampling": True},
        "save": {"save_every": 100, "max_step_saves_to_keep": 4, "dtype": "bf16"},
    }
    record = disk(tmp_path, None, **sections)
    pair, state = 2 * 613.5e6, 2 * 8 * 64 * PER_RANK
    assert value(record, "needs.disk") == pytest.approx(5 * pair + state, rel=0.001)
    note = facts_of(record)["needs.disk", "run"].note
    assert note == "5 saves 6.1 GB; optimizer state 4.9 GB"


def test_caches_on_disk(tmp_path: Path) -> None:
    clip = {"num_frames": 81, "resolution": 512, "cache_latents_to_disk": True, "cache_text_embeddings": True}
    bare, full = disk(tmp_path, datasets=[{}]), disk(tmp_path, files=10, datasets=[clip])
    latents, captions = 10 * 16 * 22 * 64 * 64 * 2, 10 * 8192 * 512
    assert value(full, "needs.disk") - value(bare, "needs.disk") == latents + captions
    kept = disk(tmp_path, files=10, datasets=[{**clip, "cache_tensors_to_disk": True}])
    assert value(kept, "needs.disk") - value(full, "needs.disk") == 10 * 3 * 81 * 512 * 512


def disk(folder: Path, files: int | None = None, **sections: Any) -> Recorder:
    record = recorder()
    config = config_of(folder, AI_TOOLKIT, **{"model": WAN, "network": LORA, **sections})
    if files is not None:
        record.known("dataset.files", files, subject="datasets[0]")
    record_disk(evidence(config), config, record)
    return record


def test_free_room_is_asked_only_of_a_folder_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 7_000_000_000

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage())
    assert value(disk(tmp_path, training_folder=str(tmp_path)), "machine.disk_free") == Usage.free / 1e9
    for elsewhere in ("output", "/no/such/folder", "a\0b", 3):
        assert value(disk(tmp_path, training_folder=elsewhere), "machine.disk_free") is None


@pytest.mark.parametrize(
    ("steps", "ran_out_of", "fit"),
    [
        ([(1, 2), (2, 2), (3, 1)], "disk", 1),
        ([(1, 2), (2, 1)], "disk", 0),
        ([(1, 2), (2, 2), (3, 1)], "nothing", None),
        ([], "disk", None),
    ],
)
def test_a_full_disk_had_room_for_the_whole_saves(
    tmp_path: Path, steps: list[tuple[int, int]], ran_out_of: str, fit: int | None
) -> None:
    record, config = recorder(), config_of(tmp_path, model=WAN, network=LORA)
    record.known("run.ran_out_of", ran_out_of)
    saves = [save(step, expert, 10) for step, files in steps for expert in ("high", "low")[:files]]
    record_disk(evidence(config, readings(checkpoints=saves)), config, record)
    assert value(record, "needs.saves_fit") == fit


def test_nothing_is_said_without_a_config_or_a_file() -> None:
    record = recorder()
    record_disk(evidence(), None, record)
    assert not facts_of(record)["weights.pair_bytes", "run"].known
