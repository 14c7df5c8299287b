from __future__ import annotations

import pytest

from diagnose.sources.console_text.forms import plain
from diagnose.trainers.aitoolkit.console.marks import Mark, marks

STAMP = b"2026-01-02T03:04:05.123456789Z "


@pytest.mark.parametrize(
    ("raw", "texts"),
    [
        (b"loss is nan", [b"loss is nan"]),
        (b"\x1b[32mgreen\x1b[0m", [b"green"]),
        (b"one\x1b[Atwo\x1b[3Bthree", [b"one", b"two", b"three"]),
        (STAMP + b"  File", [b"  File"]),
        (STAMP.rstrip(), [b""]),
        (b"2026-01-02T03:04:05,1+01:00 \x1b[1mx", [b"x"]),
        (b"2026-01-02T03:04:05+0100 x", [b"x"]),
        (b"2026-01-02T03:04:05 x", [b"2026-01-02T03:04:05 x"]),
        (b"at " + STAMP, [b"at " + STAMP]),
    ],
)
def test_a_line_is_freed_of_what_others_put_into_it(raw: bytes, texts: list[bytes]) -> None:
    assert plain(raw) == texts


def told(text: str) -> set[Mark]:
    return {mark for mark, _ in marks(text.encode())}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Running 1 job", {Mark.START}),
        ("job:  61%|██▏ | 98/160 [00:22<00:30, lr: 1.Running 2 jobs", {Mark.START}),
        ("# Running job: my job", {Mark.JOB}),
        ("#### IMPORTANT RESUMING FROM output/job/job_000000040_low_noise.safetensors ####", {Mark.RESUMING}),
        ("Found step 40 in metadata, starting from there", {Mark.FOUND_STEP}),
        ("  Resume step: 41, Last completed: 40", {Mark.RESUME_STEP}),
        ("Saved checkpoint to output/job/job.safetensors", {Mark.SAVED}),
        ("loss is nan", {Mark.NAN_LOSS}),
        ("Warning: Failed to write metrics: Object of type Tensor", {Mark.WRITE_FAILURE, Mark.FORK}),
        ("# OOM during training step, skipping batch 1/3 #", {Mark.SKIPPED_STEP}),
        ("Error running job: CUDA out of memory.", {Mark.JOB_ERROR}),
        ("Traceback (most recent call last):", set()),
        ("Job stopped", {Mark.UPSTREAM}),
        ("✓ Realigned multistage boundaries for resume:", {Mark.FORK}),
        ("  → Switched expert: low_noise → high_noise (step 100)", {Mark.FORK}),
        ("Cleaned up 13 metrics entries beyond step 40", {Mark.FORK}),
        ("[DEBUG NetworkConfig] alpha_schedule enabled: True", {Mark.FORK}),
        ("Generating Samples: 100%|██████████| 2/2 [00:01<00:00,  1.20it/s]", {Mark.UPSTREAM, Mark.PREVIEWS_MADE}),
        ("64x64x9f: 5 files", {Mark.UPSTREAM}),
    ],
)
def test_lines_that_tell_something(text: str, expected: set[Mark]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Running  1 process",
        "Prior loss is nan",
        "64x64: 5 files",
        "Generating Images:  50%|#####     | 1/2 [00:01<00:01,  1.20it/s]",
        '    "prompt": "Running 1 job",',
        '    "prompt": "CUDA out of memory",',
        "    # Running job: a prompt",
        "    raise torch.cuda.OutOfMemoryError",
    ],
)
def test_lines_that_tell_nothing(text: str) -> None:
    assert told(text) == set()
