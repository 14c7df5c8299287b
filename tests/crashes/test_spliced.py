"""Each kind's own texts within consoles of real runs: at the end it is that kind, in the middle it is no end at all."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from builders import KNOWLEDGE
from consoles import how_it_ended
from labelled_runs import DATA, SHARED

from diagnose.crashes.reading import HowItEnded
from diagnose.rulebase.crash_kinds import CrashKind, KindEnd
from diagnose.rulebase.domain import ANY

KINDS = tuple(KNOWLEDGE.crashes.values())
STEP = re.compile(rb"\| \d+/\d+ \[[^\]\r\n]*(?:s/it|it/s)[^\]\r\n]*loss[:=][^\]\r\n]*\]|steps: \d+ loss: [^\r\n]+")
"""What a trainer draws or prints of a step that is done."""
ERROR = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Failure|Gone)(?::|$)", re.MULTILINE)
HEADER = 'Traceback (most recent call last):\n  File "/opt/trainer/run.py", line 120, in <module>\n    main()\n'


@cache
def consoles(family: str) -> tuple[bytes, ...]:
    """Return the consoles that show at least ten steps, of one family of trainers."""
    found = {
        "ai-toolkit": [*DATA.glob("*/stdout.log"), *SHARED.glob("real*/*/stdout.log")],
        "musubi-tuner": [*SHARED.glob("other-trainers/musubi-*/**/*.log")],
        "diffusion-pipe": [*SHARED.glob("other-trainers/dpipe-*/**/*.log")],
    }
    texts = (path.read_bytes() for path in sorted(found[family]))
    return tuple(text for text in texts if len(STEP.findall(text)) >= 10)


def family(kind: CrashKind) -> tuple[str, str]:
    """Return a trainer that the kind is of, and its family."""
    trainer = "ai-toolkit" if ANY in kind.trainers else kind.trainers[0]
    return trainer, "ai-toolkit" if trainer.startswith("ai-toolkit") else trainer


def printed(kind: CrashKind, text: str) -> bytes:
    """Return a text as it is in a console: an error that is no end by itself has its traceback."""
    if not kind.alone and not any(mark in text for mark in ("Traceback", "Error running job")):
        error = ERROR.search(text)
        at = error.start() if error is not None else 0
        text = text[:at] + HEADER + text[at:]
    return b"\n" + text.encode() + b"\n"


def texts(kind: CrashKind) -> list[bytes]:
    """Return the kind's texts that show no step of their own."""
    return [printed(kind, case.text) for case in kind.match if STEP.search(case.text.encode()) is None]


def read(folder: Path, text: bytes, trainer: str) -> HowItEnded:
    console = folder / "stdout.log"
    console.write_bytes(text)
    return how_it_ended(console, trainer)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_after_the_last_step_it_is_the_end(tmp_path: Path, kind: CrashKind) -> None:
    trainer, of = family(kind)
    found = consoles(of)
    if not found:
        pytest.skip(f"no console of {of} is here")
    for number, text in enumerate(texts(kind)):
        console = found[(KINDS.index(kind) + number) % len(found)]
        last = list(STEP.finditer(console))[-1]
        ended = read(tmp_path, console[: last.end()] + text, trainer)
        assert ended.match is not None, text.decode()
        assert ended.match.kind.id == kind.id, text.decode()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_where_training_goes_on_it_is_no_end(tmp_path: Path, kind: CrashKind) -> None:
    trainer, of = family(kind)
    found = consoles(of)
    if not found:
        pytest.skip(f"no console of {of} is here")
    for number, text in enumerate(texts(kind)):
        console = found[(KINDS.index(kind) + number) % len(found)]
        steps = list(STEP.finditer(console))
        at, last = steps[len(steps) // 2].end(), steps[-1].end()
        ended = read(tmp_path, console[:at] + text + console[at:last] + b"\n", trainer)
        assert (ended.match, ended.ends) == (None, KindEnd.NONE), text.decode()


@pytest.mark.parametrize("of", ["ai-toolkit", "musubi-tuner", "diffusion-pipe"])
def test_no_console_of_a_run_that_trained_on_shows_a_crash(tmp_path: Path, of: str) -> None:
    for text in consoles(of):
        last = list(STEP.finditer(text))[-1]
        ended = read(tmp_path, text[: last.end()] + b"\n", of)
        assert (ended.match, ended.ends) == (None, KindEnd.NONE)


def test_the_repository_has_consoles_to_splice_into() -> None:
    assert len(consoles("ai-toolkit")) >= 3
