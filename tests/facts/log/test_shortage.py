"""What a crashed run ran out of, by its last words."""

from __future__ import annotations

import pytest

from diagnose.facts.log.shortage import DISK, GRAPHICS_MEMORY, MAIN_MEMORY, NOTHING, ran_out_of


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
