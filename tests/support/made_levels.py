"""Motion of previews by hand, as logarithms: prompts that scatter and fall together."""

from __future__ import annotations

import numpy as np

from diagnose.motion.levels import Levels


def levels(
    prompts: int, saves: int, *, sd: float = 0.1, turn: int = 0, to: float = 1.0, seed: int = 1, near: float = 0.0
) -> Levels:
    """Return levels with normal scatter; from save `turn` on the motion is `to` times what it was."""
    chance = np.random.default_rng(seed)
    logs = chance.standard_normal((prompts, saves))
    for save in range(1, saves):
        logs[:, save] = near * logs[:, save - 1] + np.sqrt(1 - near**2) * logs[:, save]
    logs = sd * logs + np.log(to) * (np.arange(saves) >= turn) - 1.5
    rows = tuple(tuple(map(float, row)) for row in logs)
    return Levels(tuple(range(prompts)), tuple(range(100, 100 * saves + 1, 100)), rows)
