"""Results and the files they belong to: other numbers are another key, damage is measured again."""

import os
from pathlib import Path

import pytest
from lora_files import Save, factors, measure_file
from msgspec.structs import replace

from diagnose.core.cache import Cache
from diagnose.sources.readings import CheckpointFile
from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint
from diagnose.weights.instrument import _samples, instrument, key_of
from diagnose.weights.processes import Processes


def entry(folder: Path) -> Path:
    (found,) = folder.rglob("*.json")
    return found


def reread(checkpoint: CheckpointFile) -> CheckpointFile:
    return read_checkpoint(checkpoint.path, run_dir=checkpoint.path.parent)


def test_a_damaged_entry_is_measured_again_and_mended(save: Save, tmp_path: Path) -> None:
    checkpoint, cache = save(factors()), Cache(tmp_path / "cache")
    first = measure_file(checkpoint, cache=cache)
    for damage in (b"", b"{", b"[1]", b'{"sha256":1,"value":2}', b"\xff", b"[" * 100_000):
        entry(tmp_path / "cache").write_bytes(damage)
        again = measure_file(checkpoint, cache=cache)
        assert (again.cached, again.experts) == (False, first.experts)
        assert measure_file(checkpoint, cache=cache).cached


def test_the_key_follows_what_was_measured(save: Save) -> None:
    checkpoint = save(factors())
    key = key_of([checkpoint], purpose="a")
    assert key_of([reread(checkpoint)], purpose="a") == key
    assert key_of([checkpoint], purpose="b") != key
    assert key_of([checkpoint, checkpoint], purpose="a") != key
    renamed = checkpoint.path.with_name("job_000000200_high_noise.safetensors")
    checkpoint.path.rename(renamed)
    moved = read_checkpoint(renamed, run_dir=renamed.parent)
    assert key_of([moved], purpose="a") == key
    other_expert = checkpoint.path.with_name("job_low_noise.safetensors")
    renamed.rename(other_expert)
    assert key_of([read_checkpoint(other_expert, run_dir=other_expert.parent)], purpose="a") != key


def test_other_numbers_under_the_old_time_are_another_key(save: Save) -> None:
    keys = []
    for seed in (1, 2, 1):
        checkpoint = save(factors(seed=seed))
        os.utime(checkpoint.path, ns=(10**18, 10**18))
        keys.append(key_of([reread(checkpoint)], purpose="a"))
    assert keys[0] == keys[2] != keys[1]


@pytest.mark.parametrize("size", [1, 4096, 4097, 70_000])
def test_sixteen_stretches_of_4096_bytes_stand_for_a_file(save: Save, size: int) -> None:
    checkpoint = save(factors())
    content = bytes(index * index % 251 for index in range(size))
    checkpoint.path.write_bytes(content)
    stretches = list(_samples(replace(checkpoint, size=size)))
    assert len(stretches) == 16
    assert {len(each) for each in stretches} == {min(size, 4096)}
    assert (stretches[0], stretches[-1]) == (content[:4096], content[-4096:])
    assert stretches[5] == content[max(0, size - 4096) // 3 :][:4096]


def test_workers_that_were_given_outlive_the_instrument_and_its_own_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Processes] = []

    def close(workers: Processes) -> None:
        closed.append(workers)

    monkeypatch.setattr(Processes, "close", close)
    given = Processes(1)
    with instrument(Cache(None), given, None) as asked:
        assert asked.processes is given
    assert not closed
    with instrument(Cache(None), None, None) as asked:
        own = asked.processes
    assert closed == [own]
