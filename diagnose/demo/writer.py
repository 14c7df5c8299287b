"""Writes a whole example run directory: config, log, console, checkpoint pairs, scheduler states.

Previews and the optimizer's state are left out: nothing in the figures says what they looked like.
"""

from __future__ import annotations

import json
from pathlib import Path

from diagnose.demo.case import Case, load_case
from diagnose.demo.checkpoints import checkpoint_files
from diagnose.demo.console import console_text
from diagnose.demo.metrics import Training, train
from diagnose.demo.staging import new_folder


def write_demo(case: str, target: Path, *, seed: int = 0) -> Path:
    """Write the run directory of a case ("run-v15", "run-v17") and return its path.

    Same case, same seed, same bytes.

    Args:
        case: name of a file in `knowledge/cases/`.
        target: the folder to make; it may exist if it is empty.
        seed: chooses among runs with the same figures.

    Raises:
        DiagnoseError: there is no such case, the target is not empty, or it cannot be written. Nothing is left
            behind then.
    """
    figures = load_case(case)
    with new_folder(target) as folder:
        training = train(figures, seed)
        _write(folder / "config.yaml", figures.config)
        _write(folder / f"metrics_{figures.name}.jsonl", "".join(json.dumps(row) + "\n" for row in training.rows))
        _write(folder / "stdout.log", console_text(figures, training.rows, seed))
        _write_alpha_states(folder, figures, training)
        for name, data in checkpoint_files(figures, seed):
            (folder / name).write_bytes(data)
    return target


def _write_alpha_states(folder: Path, case: Case, training: Training) -> None:
    for step, stem in case.saves.items():
        state = training.alpha_states[min(step, case.trained_steps - 1)]
        _write(folder / f"{stem}_alpha_scheduler.json", json.dumps(state, indent=2))


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
