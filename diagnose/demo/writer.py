"""Writes a whole example run directory: config, log, console, checkpoint pairs, scheduler states.

Previews and the optimizer's state are left out: nothing in the figures says what they looked like.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

from diagnose.core.activity import doing
from diagnose.core.errors import DiagnoseError
from diagnose.core.extras import is_here, missing
from diagnose.core.temporary import temporary_folder
from diagnose.demo.case import Case, load_case, lora_shapes
from diagnose.demo.metrics import train
from diagnose.domains.wan22.experts import Expert

_CELLS = 10
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_INTERRUPTED = """
========================================
Result:
 - 0 completed jobs
========================================
Traceback (most recent call last):
  File "run.py", line 120, in <module>
  File "run.py", line 96, in main
  File "jobs/ExtensionJob.py", line 22, in run
  File "jobs/process/BaseSDTrainProcess.py", line 2376, in run
  File "extensions_built_in/sd_trainer/SDTrainer.py", line 2097, in hook_train_loop
KeyboardInterrupt
"""
"""Ctrl-C. Frames without their source lines, as Python prints them where it does not have the sources."""


def console_text(case: Case, rows: Sequence[dict[str, Any]], seed: int) -> str:
    """Return the console of the run with these metrics rows. Carriage returns redraw the progress bar.

    It is drawn once for every step, when the step's numbers are known, and not again when it moves on.
    """
    chance, settings, saves = case.stream(seed, "gradient norm"), case.settings, case.saves
    text = [_start(case)]
    for row in rows:
        step = row["step"]
        norm = row["loss"] * chance.uniform(0.3, 0.5)
        if step and step % settings.block == 0:
            before, after = (f"{settings.expert_at(at).value}_noise" for at in (step - 1, step))
            text.append(f"  → Switched expert: {before} → {after} (step {step})\n")
        # the numbers of a step are printed behind the position of the step before it
        postfix = f"lr0: {row['lr_0']:.1e} lr1: {row['lr_1']:.1e} loss: {row['loss']:.3e} grad_norm: {norm:.3e}"
        bar = progress_bar(case.name, max(step - 1, 0), settings.steps, case.seconds_per_step, postfix)
        text.append(f"\r{bar}")
        if step in saves:
            text.append(f"\nSaving at step {step}\n{_saved(case, saves[step])}")
    text.append("\n\n" + _saved(case, case.name) if case.finished else _INTERRUPTED)
    return "".join(text)


def _start(case: Case) -> str:
    """What is printed before the first step."""
    shapes, rank = list(lora_shapes(case.settings.rank)), case.settings.rank
    weights = sum(prod(shape) for _, shape in shapes)
    lines = [
        "Running 1 job",
        json.dumps(case.settings.process, indent=4),
        "[DEBUG NetworkConfig] alpha_schedule enabled: True",
        "#############################################",
        f"# Running job: {case.name}",
        "#############################################",
        "",
        "Running  1 process",
        "Loading Wan model",
        "Loading transformer 1",
        "Loading transformer 2",
        f"create LoRA network. base dim (rank): {rank}, alpha: {rank}",
        "create LoRA for Text Encoder: 0 modules.",
        f"create LoRA for U-Net: {len(Expert) * len(shapes) // 2} modules.",
        f"Alpha scheduler enabled with {len(case.settings.phases)} phases",
        "enable LoRA for U-Net",
        # the trainer's spelling
        f"Total training paramiters: {len(Expert) * weights:,}",
        "Dataset: datasets/clips",
        f"  -  Found {case.clips} videos",
        "Generating baseline samples before training",
        "✓ Realigned multistage boundaries for resume:",
        "  Resume step: 0, Last completed: 0",
        "  Boundary index: 0 (high_noise)",
        f"  Steps in boundary: 0/{case.settings.block}",
    ]
    return "\n".join(lines) + "\n"


def _saved(case: Case, stem: str) -> str:
    folder = f"output/{case.name}"
    return (
        f"Saved alpha scheduler state to {folder}/{stem}_alpha_scheduler.json\n"
        f"Saved checkpoint to {folder}/{stem}.safetensors\n"
        f"Saved optimizer to {folder}/optimizer.pt\n"
    )


def progress_bar(name: str, done: int, total: int, seconds_per_step: float, postfix: str) -> str:
    """Return one state of a bar as tqdm prints it: share, cells, count, elapsed and remaining time, pace, postfix."""
    full, part = divmod(done * _CELLS * 8 // total, 8)
    cells = (_EIGHTHS[8] * full + (_EIGHTHS[part] if full < _CELLS else "")).ljust(_CELLS)
    elapsed, left = (_clock(steps * seconds_per_step) for steps in (done, total - done))
    pace = f"{elapsed}<{left}, {seconds_per_step:5.2f}s/it" if done else "00:00<?, ?it/s"
    return f"{name}: {100 * done / total:3.0f}%|{cells}| {done}/{total} [{pace}, {postfix}]"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


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
