"""When it happened: the innermost function that runs in one phase, else the last marker."""

from __future__ import annotations

import pytest
from builders import KNOWLEDGE
from trainer_names import BOTH

from diagnose.crashes.phases import phase_of_frames, phase_of_lines
from diagnose.sources.console_text.line import Line


def lines(*texts: str) -> list[Line]:
    return [Line(number, text) for number, text in enumerate(texts, start=1)]


@pytest.mark.parametrize(
    ("last", "phase"),
    [
        ("Running  1 process", "start"),
        ("Loading transformer 1", "load"),
        ("Loading checkpoint shards:  33%|###  | 1/3 [00:00<00:00, 18.42it/s]", "load"),
        (" - quantizing 40 transformer blocks", "quantise"),
        ("  -  Preprocessing video dimensions", "cache"),
        ("create LoRA for U-Net: 800 modules.", "network"),
        ("Generating Images:   0%|          | 0/3 [00:00<?, ?it/s]", "preview"),
        ("Saving at step 250", "save"),
        ("run:   0%|          | 0/3000 [00:00<?, ?it/s]", "first-step"),
        ("hello", None),
    ],
)
def test_the_last_marker_opens_the_phase(last: str, phase: str | None) -> None:
    for trainers in (BOTH, BOTH[:1], BOTH[:0]):
        assert phase_of_lines(lines("hello", last, "bye"), KNOWLEDGE.phases, trainers) == phase


def test_a_later_marker_counts_and_those_of_another_trainer_do_not() -> None:
    text = lines("Loading transformer 1", "Quantizing Transformer 1", "caching latents: 3")
    assert phase_of_lines(text, KNOWLEDGE.phases, BOTH[:1]) == "quantise"
    assert phase_of_lines(text, KNOWLEDGE.phases, ["diffusion-pipe"]) == "cache"


def test_the_innermost_function_of_one_phase_tells() -> None:
    frames = lines('  File "a", line 1, in hook_train_loop', '  File "a", line 2, in save_file', "    g()")
    assert phase_of_frames(frames, KNOWLEDGE.phases) == "save"
    assert phase_of_frames(lines('  File "a", line 1, in main'), KNOWLEDGE.phases) is None


def test_what_came_after_a_bar_is_no_longer_at_the_start() -> None:
    bar = "clips:   8%|8         | 250/3000 [1:04:01<11:44:00, 15.36s/it]"
    assert phase_of_lines(lines("Running 1 job", bar), KNOWLEDGE.phases, BOTH) is None
    assert phase_of_lines(lines(bar, "Running 1 job"), KNOWLEDGE.phases, BOTH) == "start"
    assert phase_of_lines(lines("Loading transformer 1", bar), KNOWLEDGE.phases, BOTH) == "load"
