"""The training bar as the trainers draw it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable

import pytest

Drawings = Callable[..., str]


@pytest.fixture
def drawings() -> Drawings:
    """Return a function that draws the training bar as the trainers do, a post and a tick per step.

    `lead` is 1 for upstream and 0 for the fork; `numbers` makes what stands behind the bar in a step, `before` the
    text printed ahead of its post; after the steps in `untold` the tick is missing, as it is after a save.
    """

    def draw(
        steps: Iterable[int],
        total: int,
        *,
        lead: int,
        numbers: Callable[[int], str] = lambda step: f"lr: 1.0e-04 loss: {step / 100:.3e}",
        before: Callable[[int], str] = lambda _: "",
        untold: Container[int] = (),
    ) -> str:
        steps = list(steps)
        position = max(steps[0] - 1 + lead, 0)
        text = [f"\rjob:   0%|          | {position}/{total} [00:00<?, ?it/s]"]
        for step in steps:
            behind = f"/{total} [00:01<00:09,  4.20it/s, {numbers(step)}]"
            text.append(f"{before(step)}\rjob:  12%|█▏        | {position}{behind}")
            position = step + lead
            if step not in untold:
                text.append(f"\rjob:  12%|█▏        | {position}{behind}")
        return "".join(text)

    return draw
