"""A console is a stranger's text: whatever it holds, reading its end does not fail and is the same each time."""

from __future__ import annotations

from builders import KNOWLEDGE
from hypothesis import given
from hypothesis import strategies as st

from diagnose.crashes.reading import HowItEnded, read_text

PIECES = st.sampled_from(
    [
        "Traceback (most recent call last):",
        "Original Traceback (most recent call last):",
        "╭──── Traceback (most recent call last) ────╮",
        '  File "/app/toolkit/a.py", line 1, in save',
        "    x()x()",
        "",
        "ValueErrorValueError: : nono",
        "OSError: [Errno 28] No space left on device",
        "During handling of the above exception, another exception occurred:",
        "Error running job: no",
        "Error running job: ",
        "RuntimeError: Caught OSError in DataLoader worker process 0.",
        "subprocess.CalledProcessError: Command '[]' returned non-zero exit status 1.",
        "run:  8%|8   | 250/3000 [33:20<6:06:40,  8.00s/it, lr: 1.0e-04 loss: 1.1e-01]Killed",
        "[rank0]: Killed",
        "KeyboardInterruptKeyboardInterrupt",
    ]
)


def told(text: str) -> HowItEnded:
    return read_text(text, KNOWLEDGE.crashes, KNOWLEDGE.phases)


@given(st.lists(PIECES | st.text(max_size=40), max_size=30).map("\n".join))
def test_any_text_has_an_end_or_none(text: str) -> None:
    found = told(text)
    assert found == told(text)
    assert (found.match is None) or found.match.line.number <= text.count("\n") + text.count("\r") + 1
    assert found.error is None or found.error.number >= 1
