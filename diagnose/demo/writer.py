"""Writes a whole example run directory: config, log, console, checkpoint pairs, scheduler states.

Previews and the optimizer's state are left out: nothing in the figures says what they looked like.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from diagnose.core.activity import doing
from diagnose.core.errors import DiagnoseError
from diagnose.core.extras import is_here, missing
from diagnose.core.temporary import temporary_folder
from diagnose.demo.case import load_case
from diagnose.demo.console import console_text
from diagnose.demo.metrics import train
from diagnose.domains.wan22.experts import Expert


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
    if not (is_here("torch") and is_here("safetensors")):
        raise DiagnoseError(f"the example run: {missing('torch')}")
    from diagnose.demo.checkpoints import checkpoint_files  # noqa: PLC0415 - loads torch

    figures = load_case(case)
    with new_folder(target) as folder:
        training = train(figures, seed)
        _write(folder / "config.yaml", figures.config)
        _write(folder / f"metrics_{figures.name}.jsonl", "".join(json.dumps(row) + "\n" for row in training.rows))
        _write(folder / "stdout.log", console_text(figures, training.rows, seed))
        for step, stem in figures.saves.items():
            state = training.alpha_states[min(step, figures.trained_steps - 1)]
            _write(folder / f"{stem}_alpha_scheduler.json", json.dumps(state, indent=2))
        for index, (name, data) in enumerate(checkpoint_files(figures, seed)):
            doing("writing checkpoints", index + 1, len(Expert) * len(figures.saves))
            (folder / name).write_bytes(data)
    return target


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give a folder to write into; it takes the name `target` when the block ends without an exception.

    Until then it lies in a temporary folder beside the target, which is gone afterwards either way.

    Raises:
        DiagnoseError: the target is a file or holds something, or nothing can be written there.
    """
    try:
        place = target.resolve()
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise DiagnoseError(f"{target}: exists and is not an empty folder; name a new one")
        place.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(place.parent, f".{place.name}-") as shelter:
            folder = shelter / place.name
            folder.mkdir()
            yield folder
            if place.exists():
                place.rmdir()
            folder.replace(place)
    except OSError as error:
        raise DiagnoseError(f"{target}: cannot be written ({error.strerror}); name another folder") from error
