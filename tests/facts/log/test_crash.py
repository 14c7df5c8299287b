from __future__ import annotations

from pathlib import Path

import pytest
from builders import CONSOLE, config_of, facts_of, recorder, value

from diagnose.core.values import Place
from diagnose.facts.log.crash import DISK, GRAPHICS_MEMORY, MAIN_MEMORY, NOTHING, crash_kind, ran_out_of, record_crash
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, LogReading, Mention, SessionEnd

SKIPPED = "# OOM during training step, skipping batch 1/3 #"


def died(error: str | None, cause: str | None = None, end: SessionEnd = SessionEnd.CRASHED) -> Recorder:
    session = ConsoleSession(
        "log.txt", 1, 90, end, last_step=12, error=error, error_line=88, cause=cause, cause_line=80 if cause else None
    )
    record = recorder()
    console = ConsoleReading(LogReading("log.txt", CONSOLE, ()), (session,))
    record_crash(console, None, record, finished=False)
    return record


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("AttributeError: 'X' object has no attribute 'alphas_cumprod'", "snr weighting"),
        ("TypeError: AdamW.__init__() got an unexpected keyword argument 'high_noise_lr_bump'", "refused key"),
        ("AssertionError: no videos found in clips", "no videos"),
        ("AssertionError: no images found in clips", "no images"),
        ("RuntimeError: Expected all tensors to be on the same device, but found at least two", "two devices"),
        ("ValueError: something else", "other"),
    ],
)
def test_the_kind_of_an_error_is_read_from_its_text(error: str, kind: str) -> None:
    assert crash_kind(error) == kind
    assert value(died(error), "run.crash_kind") == kind


def test_what_ran_out_is_told_by_what_the_error_followed_from() -> None:
    facts = facts_of(died("UnboundLocalError: local variable 'loss_dict' referenced before assignment", SKIPPED))
    assert facts["run.ran_out_of", "run"].value == "graphics memory"
    assert facts["run.ran_out_of", "run"].places[0].line == 80
    assert facts["run.crash_cause", "run"].value == "OOM during training step, skipping batch 1/3"
    assert value(died("ValueError: torn", "OSError: [Errno 28] No space left on device"), "run.ran_out_of") == "disk"
    assert (
        value(died("torch.OutOfMemoryError: CUDA out of memory", "KeyError: 1"), "run.ran_out_of") == "graphics memory"
    )


def test_what_did_not_crash_has_no_kind() -> None:
    for end in (SessionEnd.INTERRUPTED, SessionEnd.CUT_OFF, SessionEnd.FINISHED, SessionEnd.KILLED):
        record = died(None, end=end)
        assert value(record, "run.crash_kind") == "none"
        assert value(record, "run.ran_out_of") == "nothing"
        assert value(record, "run.killed") is (end is SessionEnd.KILLED)


def test_the_setting_behind_an_error_is_named(tmp_path: Path) -> None:
    record = recorder()
    session = ConsoleSession("log.txt", 1, 9, SessionEnd.CRASHED, error="no attribute 'alphas_cumprod'", error_line=9)
    console = ConsoleReading(LogReading("log.txt", CONSOLE, ()), (session,))
    record_crash(console, config_of(tmp_path, train={"min_snr_gamma": 5}), record, finished=False)
    assert value(record, "run.crash_setting") == "min_snr_gamma"


def test_layers_that_were_not_quantised_are_counted() -> None:
    assert value(died(None, end=SessionEnd.CUT_OFF), "run.unquantised") == 0


@pytest.mark.parametrize(
    ("error", "what"),
    [
        ("OSError: [Errno 28] No space left on device", DISK),
        (
            "RuntimeError: [enforce fail at inline_container.cc:664] PytorchStreamWriter failed writing file data/7",
            DISK,
        ),
        ("OSError: [WinError 112] There is not enough space on the disk", DISK),
        ('SafetensorError: IoError(Os { code: 28, kind: StorageFull, message: "x" })', DISK),
        ("OSError: [Errno 122] Disk quota exceeded", DISK),
        ("RuntimeError: [enforce fail at inline_container.cc:664] . unexpected pos 128 vs 64", DISK),
        ("RuntimeError: OOM during training step 3 times in a row, aborting training", GRAPHICS_MEMORY),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB", GRAPHICS_MEMORY),
        ("RuntimeError: CUDA error: out of memory", MAIN_MEMORY),
        ("OSError: The paging file is too small for this operation to complete. (os error 1455)", MAIN_MEMORY),
        ("UnboundLocalError: local variable 'loss_dict' referenced before assignment", NOTHING),
        ("KeyError: 'a key'", NOTHING),
    ],
)
def test_the_words_tell(error: str, what: str) -> None:
    assert ran_out_of(error, skipped=False) == what


def test_a_first_step_that_was_skipped_explains_a_variable_without_a_value() -> None:
    error = "UnboundLocalError: local variable 'loss_dict' referenced before assignment"
    assert ran_out_of(error, skipped=True) == GRAPHICS_MEMORY


def test_an_error_without_a_crash_is_none() -> None:
    record = died("KeyError: 1", end=SessionEnd.INTERRUPTED)
    assert value(record, "run.crash_error") is None
    assert value(record, "run.crash_kind") == "none"
    silent = died(None)
    assert value(silent, "run.crashed") is True
    assert value(silent, "run.crash_kind") is None


def test_layers_that_could_not_be_quantised_are_counted_at_the_first() -> None:
    said = (Mention(Place("log.txt", line=3), "x"), Mention(Place("log.txt", line=4), "y"))
    session = ConsoleSession("log.txt", 1, 90, SessionEnd.FINISHED)
    for mentions, line in ((said, 3), ((), 90)):
        record = recorder()
        console = ConsoleReading(LogReading("log.txt", CONSOLE, ()), (session,), unquantised=mentions)
        record_crash(console, None, record, finished=True)
        fact = facts_of(record)["run.unquantised", "run"]
        assert (fact.value, fact.places[0].line) == (len(mentions), line)


@pytest.mark.parametrize(
    ("error", "offloaded", "key"),
    [
        ("RuntimeError: Expected all tensors to be on the same device", True, "layer_offloading"),
        ("RuntimeError: Expected all tensors to be on the same device", False, None),
        ("ValueError: something else", True, None),
    ],
)
def test_offloaded_layers_are_behind_two_devices_alone(
    tmp_path: Path, error: str, offloaded: bool, key: str | None
) -> None:
    config = config_of(tmp_path, model={"arch": "wan22_14b_i2v", "layer_offloading": offloaded})
    session = ConsoleSession("log.txt", 1, 90, SessionEnd.CRASHED, error=error, error_line=88)
    record = recorder()
    record_crash(ConsoleReading(LogReading("log.txt", CONSOLE, ()), (session,)), config, record, finished=False)
    assert value(record, "run.crash_setting") == key
