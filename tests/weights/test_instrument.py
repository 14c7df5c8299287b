"""Results and the files they belong to: other numbers are another key, damage is measured again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from threading import Timer
from typing import TypeAlias

import pytest
import torch
from lora_files import Save, factors, measure_file
from msgspec.structs import replace

from diagnose.core import child
from diagnose.core.cache import Cache
from diagnose.core.errors import DiagnoseError
from diagnose.sources.readings import CheckpointFile
from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint
from diagnose.weights import instrument as room
from diagnose.weights.instrument import Advance, Processes, instrument, key_of
from diagnose.weights.lora_pairs import lora_pairs
from diagnose.weights.measure import measure_run
from diagnose.weights.requests import Request, Task

NONE = Cache(None)
Living: TypeAlias = Callable[[], set[int]]
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and their names")


@pytest.fixture(autouse=True)
def one_module_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LEAST", 1)
    monkeypatch.setattr(room, "MOST", 1)


@pytest.fixture
def living(monkeypatch: pytest.MonkeyPatch) -> Living:
    """Return a function that says which of the workers started since are running."""
    started: list[subprocess.Popen[str]] = []
    start = child.start

    def noted(module: str) -> subprocess.Popen[str]:
        started.append(start(module))
        return started[-1]

    monkeypatch.setattr(room, "start", noted)
    return lambda: {process.pid for process in started if process.poll() is None}


@pytest.fixture
def processes() -> Iterator[Processes]:
    with closing(Processes(2, here=0)) as workers:
        yield workers


def many(count: int, seed: int = 0) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = {}
    for index in range(count):
        found |= factors(module=f"diffusion_model.blocks.{index}.ffn.0", seed=seed + index)
    return found


def statistics(checkpoint: CheckpointFile) -> Request:
    return Request(Task.STATISTICS, (checkpoint.path,), tuple((pair,) for pair in lora_pairs(checkpoint)))


def gone(pid: int) -> bool:
    for _ in range(100):
        with suppress(FileNotFoundError):
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                time.sleep(0.05)
                continue
        return True
    return False


def test_figures_are_those_of_one_process(save: Save, processes: Processes) -> None:
    tensors = many(9)
    tensors["diffusion_model.blocks.3.ffn.0.lora_A.weight"][0, 0] = torch.nan
    tensors["diffusion_model.blocks.4.ffn.0.alpha"] = torch.tensor(7.5)
    tensors["diffusion_model.blocks.5.ffn.0.alpha"] = torch.tensor(torch.inf)
    checkpoint = save(tensors)
    here = measure_file(checkpoint, cache=NONE, processes=Processes(1))
    spread = measure_file(checkpoint, cache=NONE, processes=processes)
    assert spread.experts == here.experts
    assert [module.block for module in spread.experts[0].modules] == list(range(9))


def test_overlaps_are_those_of_one_process(save: Save, processes: Processes) -> None:
    earlier = save(many(5), "job_000000100_high_noise.safetensors")
    later = save(many(5, seed=3), "job_000000200_high_noise.safetensors")
    pairs = tuple(zip(lora_pairs(earlier), lora_pairs(later), strict=True))
    request = Request(Task.OVERLAP, (earlier.path, later.path), pairs)
    assert list(processes.results(request)) == list(Processes(1).results(request))


def test_little_is_worked_on_here_and_more_than_that_elsewhere(save: Save, living: Living) -> None:
    checkpoint = save(many(2))
    request = statistics(checkpoint)
    with closing(Processes(2, here=2 * request.bytes)) as workers:
        for started in (0, 0, 2):
            list(workers.results(request))
            assert len(living()) <= started
            assert bool(living()) is bool(started)
    assert not living()


def test_workers_stay_for_the_next_file(save: Save, processes: Processes, living: Living) -> None:
    checkpoints = [save(many(4), f"job_00000{step}00_high_noise.safetensors") for step in (1010, 1020)]
    seen: list[set[int]] = []
    measure_run(checkpoints, cache=NONE, processes=processes, progress=lambda _: seen.append(living()))
    assert len(set().union(*seen)) <= 2
    assert seen[-1]


def test_closing_early_leaves_no_process(save: Save, living: Living) -> None:
    with closing(Processes(2, here=0)) as workers, closing(workers.results(statistics(save(many(300))))) as results:
        next(results)
        assert living()
    assert not living()


def test_a_file_cut_off_is_named_and_the_next_one_measured(save: Save, processes: Processes) -> None:
    good, cut = save(many(40)), save(many(40), "job_000000200_high_noise.safetensors")
    cut.path.write_bytes(cut.path.read_bytes()[: cut.size // 2])
    first, second = measure_run([cut, good], cache=NONE, processes=processes)
    assert "ends within" in first.remarks[0].text
    assert not second.remarks


def test_a_file_that_cannot_be_opened_is_an_error(save: Save, processes: Processes) -> None:
    checkpoint = save(many(2))
    checkpoint.path.unlink()
    with pytest.raises(DiagnoseError, match="cannot be read"):
        list(processes.results(statistics(checkpoint)))


@POSIX
def test_a_worker_that_died_between_two_files_costs_nothing(save: Save, processes: Processes, living: Living) -> None:
    checkpoint = save(many(4))
    measure_file(checkpoint, cache=NONE, processes=processes)
    for pid in living():
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert measure_file(checkpoint, cache=NONE, processes=processes).experts
    assert len(living()) in {1, 2}


@POSIX
def test_a_killed_worker_is_one_line_and_is_replaced(save: Save, processes: Processes, living: Living) -> None:
    checkpoint = save(many(4))
    measure_file(checkpoint, cache=NONE, processes=processes)
    workers = living()
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    timers = [Timer(0.3, os.kill, (pid, signal.SIGKILL)) for pid in workers]
    for timer in timers:
        timer.start()
    with pytest.raises(DiagnoseError, match="was killed by SIGKILL") as caught:
        measure_file(checkpoint, cache=NONE, processes=processes)
    for timer in timers:
        timer.join()
    assert str(caught.value).startswith(f"{checkpoint.path}: ")
    assert "\n" not in str(caught.value)
    assert measure_file(checkpoint, cache=NONE, processes=processes).experts


def test_a_worker_that_does_not_start_is_one_line(
    save: Save, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "WORKER", "diagnose.weights.no_such_module")
    with pytest.raises(DiagnoseError, match="ended with status 1"):
        list(processes.results(statistics(save(many(4)))))
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(DiagnoseError, match="no process starts"):
        list(processes.results(statistics(save(many(4)))))


def test_a_bug_in_a_worker_is_told_as_one(save: Save, processes: Processes) -> None:
    (first, *_), request = lora_pairs(save(many(2))), statistics(save(many(2)))
    wrong = replace(first, down=replace(first.down, shape=(3, 3)))
    with pytest.raises(RuntimeError, match="ValueError"):
        list(processes.results(replace(request, modules=((wrong,),))))


def test_a_bug_in_a_caller_stops_the_work(save: Save, living: Living) -> None:

    def fail(_: Advance) -> None:
        raise ZeroDivisionError

    with closing(Processes(2, here=0)) as workers, pytest.raises(ZeroDivisionError):
        measure_file(save(many(300)), cache=NONE, processes=workers, progress=fail)
    assert not living()


SCRIPT = """
import signal, sys, time
from pathlib import Path
from diagnose.core import child
from diagnose.core.cache import Cache
from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint
from diagnose.weights import instrument as processes
from diagnose.weights.measure import measure_run
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that put the tests behind has it ignored
print("begun", flush=True)
processes.LEAST = processes.MOST = 1
path = Path(sys.argv[1])
def show(step):
    while step.modules == 1 and not workers._idle:
        time.sleep(0.001)
    if step.modules == 1:
        print("pids", *(process.pid for process in workers._idle), flush=True)
    time.sleep(float(sys.argv[2]))
workers = processes.Processes(2, here=0)
try:
    checkpoints = [read_checkpoint(path, run_dir=path.parent)]
    (measured,) = measure_run(checkpoints, cache=Cache(None), processes=workers, progress=show)
finally:
    workers.close()
print("done", len(measured.experts[0].modules), "numpy" in sys.modules)
"""


def begin(path: Path, folder: Path, delay: float) -> subprocess.Popen[str]:
    """Start a script as a user would write it: without a guard against being imported again."""
    script = folder / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(script), str(path), str(delay)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_a_script_without_a_guard_runs_once_and_loads_no_numpy(save: Save, tmp_path: Path) -> None:
    with begin(save(many(3)).path, tmp_path, 0) as script:
        out, errors = script.communicate(timeout=60)
    assert [line for line in out.splitlines() if not line.startswith("pids")] == ["begun", "done 3 False"]
    assert not errors


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("group", [True, False])
def test_workers_end_with_their_parent(save: Save, tmp_path: Path, number: signal.Signals, group: bool) -> None:
    with begin(save(many(300)).path, tmp_path, 0.1) as script:
        assert script.stdout is not None
        assert script.stdout.readline() == "begun\n"
        _, *pids = script.stdout.readline().split()
        assert pids
        if group and number is signal.SIGINT:
            os.killpg(script.pid, number)
        else:
            os.kill(script.pid, number)
        _, errors = script.communicate(timeout=60)
    assert errors.splitlines()[-1:] == (["KeyboardInterrupt"] if number is signal.SIGINT else [])
    assert all(gone(int(pid)) for pid in pids)


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
