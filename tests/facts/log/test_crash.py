"""What is recorded of a crash: its error, its kind with what is known of it, the setting behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import CONSOLE, KNOWLEDGE, config_of, facts_of, recorder, value
from trainer_names import RELAXIS

from diagnose.core.values import Place
from diagnose.crashes.session_end import with_ends
from diagnose.crashes.versions import NOTHING_READ, ReadVersions
from diagnose.facts.log.crash import record_crash
from diagnose.facts.recorder import Recorder
from diagnose.sources.console_text.end_region import EndRegion
from diagnose.sources.environment.component import ASKED_FOR, Component
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, LogReading, Mention, SessionEnd
from diagnose.sources.log_rows import NO_ROWS
from diagnose.trainers.declared import Config

SKIPPED = "# OOM during training step, skipping batch 1/3 #"
LOSS_DICT = "UnboundLocalError: local variable 'loss_dict' referenced before assignment"
TWO_DEVICES = "RuntimeError: Expected all tensors to be on the same device"


FRAME = '  File "/app/run.py", line 1, in main'


def raised(error: str, frame: str = FRAME) -> str:
    return f"Traceback (most recent call last):\n{frame}\n    run()\n{error}"


def died(
    text: str,
    config: Config | None = None,
    *,
    end: SessionEnd = SessionEnd.CRASHED,
    finished: bool = False,
    step: int | None = 12,
    versions: ReadVersions = NOTHING_READ,
) -> Recorder:
    region = EndRegion()
    for number, line in enumerate(text.splitlines(), start=80):
        region.add(number, line.encode())
    session = ConsoleSession("log.txt", 1, 90, end, last_step=step, end_text=region.text())
    console = ConsoleReading(LogReading("log.txt", CONSOLE, NO_ROWS), (session,))
    console, ended = with_ends(console, KNOWLEDGE.crashes, KNOWLEDGE.phases, [RELAXIS], versions)
    record = recorder()
    record_crash(console, ended, config, record, finished=finished)
    return record


@pytest.mark.parametrize(
    ("error", "kind", "what"),
    [
        ("AssertionError: no videos found in clips", "no-videos", "nothing"),
        ("AssertionError: no images found in clips", "no-images", "nothing"),
        (TWO_DEVICES, "device-mix", "nothing"),
        ("OSError: [Errno 28] No space left on device", "disk-full", "disk"),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB", "oom-vram", "graphics memory"),
        ("ValueError: something else", "other", "nothing"),
        (LOSS_DICT, "other", "nothing"),
    ],
)
def test_the_kind_of_an_error_tells_what_ran_out(error: str, kind: str, what: str) -> None:
    record = died(raised(error))
    assert (value(record, "crash.kind"), value(record, "run.ran_out_of")) == (kind, what)
    assert value(record, "run.crash_error") == error
    assert facts_of(record)["run.crash_error", "run"].places[0].line == 83


def test_what_is_known_of_the_kind_is_told() -> None:
    record = died(raised("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB"))
    kind = KNOWLEDGE.crashes["oom-vram"]
    assert value(record, "crash.title") == kind.title
    assert value(record, "crash.means") == kind.means
    assert value(record, "crash.sure") == "high"
    assert value(record, "crash.phase") == "in a training step"
    assert value(record, "crash.values") == "2.00 GiB asked for"
    assert str(value(record, "crash.advice")).startswith(f"1) {kind.advice[0].say}; 2) ")


def test_an_error_of_no_known_kind_says_nothing_of_one() -> None:
    record = died(raised("ValueError: something else"))
    for name in ("crash.title", "crash.means", "crash.sure", "crash.values", "crash.advice"):
        assert value(record, name) is None
    assert value(record, "crash.phase") == "in a training step"


def test_what_the_error_followed_from_is_told_with_its_line() -> None:
    facts = facts_of(died(f"{SKIPPED}\n{raised(LOSS_DICT)}", step=None))
    assert facts["run.ran_out_of", "run"].value == "graphics memory"
    assert facts["run.ran_out_of", "run"].places[0].line == 80
    assert facts["run.crash_cause", "run"].value == "OOM during training step, skipping batch 1/3"


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("KeyboardInterrupt", SessionEnd.CRASHED),
        ("bye", SessionEnd.CUT_OFF),
        (raised("ValueError: of the hub"), SessionEnd.FINISHED),
    ],
)
def test_what_did_not_crash_has_no_kind(text: str, end: SessionEnd) -> None:
    record = died(text, end=end)
    assert value(record, "run.crashed") is False
    assert value(record, "run.killed") is False
    assert value(record, "crash.kind") == "none"
    assert value(record, "run.ran_out_of") == "nothing"


def test_a_kill_is_no_crash_and_has_a_kind() -> None:
    record = died("Killed", end=SessionEnd.CUT_OFF)
    assert (value(record, "run.crashed"), value(record, "run.killed")) == (False, True)
    assert (value(record, "crash.kind"), value(record, "run.ran_out_of")) == ("killed", "main memory")
    assert value(record, "run.crash_error") is None


def test_what_went_wrong_after_the_end_is_no_crash() -> None:
    record = died(raised("OSError: the hub"), finished=True)
    assert (value(record, "run.crashed"), value(record, "crash.kind")) == (False, "none")


def test_the_setting_behind_an_error_is_named(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"min_snr_gamma": 5})
    error = "AttributeError: 'CustomFlowMatchEulerDiscreteScheduler' object has no attribute 'alphas_cumprod'"
    record = died(raised(error), config)
    assert value(record, "run.crash_setting") == "min_snr_gamma"


@pytest.mark.parametrize(
    ("error", "offloaded", "key"),
    [
        (TWO_DEVICES, True, "layer_offloading"),
        (TWO_DEVICES, False, None),
        ("ValueError: something else", True, None),
    ],
)
def test_offloaded_layers_are_behind_two_devices_alone(
    tmp_path: Path, error: str, offloaded: bool, key: str | None
) -> None:
    config = config_of(tmp_path, model={"arch": "wan22_14b_i2v", "layer_offloading": offloaded})
    assert value(died(raised(error), config), "run.crash_setting") == key


def test_the_argument_that_the_optimizer_refuses_is_behind_it(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"optimizer": "adamw8bit", "optimizer_params": {"min_lr": 0}})
    error = "TypeError: AdamW8bit.__init__() got an unexpected keyword argument '{}'"
    frame = '  File "/app/toolkit/optimizer.py", line 98, in get_optimizer'
    for argument, key in (("min_lr", "min_lr"), ("max_lr", None)):
        assert value(died(raised(error.format(argument), frame), config), "run.crash_setting") == key


def test_another_program_is_named_as_the_cause() -> None:
    error = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 26.00 MiB."
    assert value(died(raised(error)), "crash.by_others") is False
    error += " Process 81231 has 17.50 GiB memory in use."
    assert value(died(raised(error)), "crash.by_others") is True


def test_layers_that_could_not_be_quantised_are_counted_at_the_first() -> None:
    said = (Mention(Place("log.txt", line=3), "x"), Mention(Place("log.txt", line=4), "y"))
    session = ConsoleSession("log.txt", 1, 90, SessionEnd.FINISHED)
    for mentions, line in ((said, 3), ((), 90)):
        record = recorder()
        console = ConsoleReading(LogReading("log.txt", CONSOLE, NO_ROWS), (session,), unquantised=mentions)
        record_crash(console, None, None, record, finished=True)
        fact = facts_of(record)["run.unquantised", "run"]
        assert (fact.value, fact.places[0].line) == (len(mentions), line)


@pytest.mark.parametrize(
    ("error", "sizes"),
    [
        (
            (
                "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.99 GiB of which 512.00 MiB "
                "is free. Of the allocated memory 20.1 GiB is allocated by PyTorch"
            ),
            {"asked": 2.0, "card": 23.99, "free": 0.5},
        ),
        (
            (
                "CUDA out of memory. Tried to allocate 256.00 MiB (GPU 0; 23.65 GiB total capacity; 22.58 GiB already "
                "allocated; 128.00 MiB free; 22.96 GiB reserved in total by PyTorch)"
            ),
            {"asked": 0.25, "card": 23.65, "free": 0.125},
        ),
        (
            (
                "CUDA out of memory. Tried to allocate 1.00 GiB. GPU 0 has a total capacty of 15.99 GiB of which 0 bytes is "
                "free."
            ),
            {"asked": 1.0, "card": 15.99, "free": 0.0},
        ),
        ("CUDA out of memory. Tried to allocate a lot", {}),
    ],
)
@pytest.mark.parametrize(
    "frame", [FRAME, FRAME.replace("main", "generate_images"), FRAME.replace("main", "cache_latents")]
)
def test_the_sizes_of_a_memory_error(frame: str, error: str, sizes: dict[str, float]) -> None:
    record = died(raised(f"torch.OutOfMemoryError: {error}", frame))
    found = {name: value(record, f"crash.{name}") for name in ("asked", "free", "card")}
    assert {name: size for name, size in found.items() if size is not None} == sizes


def test_a_size_of_main_memory_is_none_of_the_card() -> None:
    record = died(raised("MemoryError: Unable to allocate 4.75 GiB for an array with shape (81, 3, 720, 1280)"))
    assert (value(record, "crash.kind"), value(record, "crash.asked")) == ("ram-alloc", None)


QUANTO = "AttributeError: 'QLinear' object has no attribute 'qweight'"


def quanto(version: str, *, installed: bool = True) -> ReadVersions:
    part = Component("optimum-quanto", version, Place("requirements.txt", line=4), installed=installed)
    return ReadVersions({part.name: part})


def test_the_versions_known_to_crash_so_are_told_with_the_one_to_take() -> None:
    record = died(raised(QUANTO))
    assert str(value(record, "crash.versions")).startswith("optimum-quanto from 0.2.5: ")
    assert value(record, "crash.back_to") == "go back to optimum-quanto 0.2.4"
    assert value(record, "crash.version_read") is None


def test_a_version_that_was_read_is_evidence_with_its_place() -> None:
    read = facts_of(died(raised(QUANTO), versions=quanto("0.2.7", installed=False)))["crash.version_read", "run"]
    assert read.value == "optimum-quanto 0.2.7 (requirements.txt:4), one of them"
    assert read.places == (Place("requirements.txt", line=4),)
    assert read.note == ASKED_FOR


def test_a_version_that_speaks_against_the_kind_is_told_without_a_way_back() -> None:
    record = died(raised(QUANTO), versions=quanto("0.2.4"))
    assert "none of them" in str(value(record, "crash.version_read"))
    assert value(record, "crash.sure") == "medium"
    assert value(record, "crash.back_to") is None
