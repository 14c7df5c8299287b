"""A kind of crash explained: its words, what helps and for whom, and whether a run ended so."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from builders import KNOWLEDGE

from diagnose.cli.explain_crash import crash_lines
from diagnose.crashes.reading import read_text
from diagnose.rulebase.base import RuleBase

BASE = RuleBase((), KNOWLEDGE, "")
ERROR = f'Traceback (most recent call last):\n  File "{Path("/app/run.py")}", line 1, in main\n    run()\n'
MEMORY = f"{ERROR}torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB\n"


def told(name: str, text: str | None = None) -> str:
    held: Any = None
    if text is not None:
        ended = read_text(text, KNOWLEDGE.crashes, KNOWLEDGE.phases) if text else None
        held = SimpleNamespace(known=SimpleNamespace(evidence=SimpleNamespace(ended=ended)))
    return "\n".join(crash_lines(name, BASE, held))


def test_a_kind_is_told_with_its_words_and_what_helps() -> None:
    kind = KNOWLEDGE.crashes["oom-vram"]
    text = told("oom-vram")
    assert text.startswith(f"oom-vram (a kind of crash): {kind.title}\n{kind.means}\n")
    assert "How it ends: the run died; it ran out of graphics memory. How sure the words are: high." in text
    assert all(f"- {pattern}" in text for pattern in kind.signatures)
    assert all(each.say in text for each in kind.advice)
    assert "- add --gradient_checkpointing, then --blocks_to_swap 20 or more (up to 36) (musubi-tuner)" in text
    assert "Where both match, these go before it:" in text
    assert "In this run" not in text


def test_advice_for_one_phase_names_it() -> None:
    advice = next(each for each in KNOWLEDGE.crashes["ch-36-16"].advice if each.phases)
    where = ", ".join((*advice.trainers, "while a preview was made"))
    assert f"- {advice.say} ({where})" in told("ch-36-16")


def test_every_kind_of_ours_can_be_told() -> None:
    for name, kind in KNOWLEDGE.crashes.items():
        assert kind.title in told(name)
    assert "Its cause, where they fire: snr-weighting-incompatible." in told("snr-flow")


def test_a_run_ended_so_or_not() -> None:
    assert told("oom-vram", MEMORY).endswith(
        "In this run: it ended so (2.00 GiB asked for), at line 4: torch.OutOfMemoryError: CUDA out of memory. "
        "Tried to allocate 2.00 GiB"
    )
    assert told("killed", MEMORY).endswith("In this run: it did not end so; it was oom-vram.")
    assert told("killed", "hello").endswith("In this run: it did not end so.")
    assert told("killed", "").endswith("This run has no console that shows how it ended.")
