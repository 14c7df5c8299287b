"""The captured console of a run: start, progress bar, saves, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from math import prod
from random import Random
from typing import Any

from diagnose.demo.case import Case, lora_shapes
from diagnose.domains.wan22.experts import Expert

_RULE = "=" * 40
_CELLS = 10
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_STACK = (
    ("run.py", 120, "<module>"),
    ("run.py", 96, "main"),
    ("jobs/ExtensionJob.py", 22, "run"),
    ("jobs/process/BaseSDTrainProcess.py", 2376, "run"),
    ("extensions_built_in/sd_trainer/SDTrainer.py", 2097, "hook_train_loop"),
)


def console_text(case: Case, rows: Sequence[dict[str, Any]], seed: int) -> str:
    """Return the console of the run with these metrics rows. Carriage returns redraw the progress bar.

    It is drawn once for every step, when the step's numbers are known, and not again when it moves on.
    """
    chance = case.stream(seed, "gradient norm")
    end = "\n\n" + _saved(case, case.name) if case.finished else _interruption()
    return "".join([_start(case), *_steps(case, rows, chance), end])


def _start(case: Case) -> str:
    """What is printed before the first step."""
    shapes = list(lora_shapes(case.settings.rank))
    weights = sum(prod(shape) for _, shape in shapes)
    rank = case.settings.rank
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


def _steps(case: Case, rows: Sequence[dict[str, Any]], chance: Random) -> Iterator[str]:
    saves = case.saves
    for row in rows:
        step = row["step"]
        norm = row["loss"] * chance.uniform(0.3, 0.5)
        if step and step % case.settings.block == 0:
            yield _switch(case, step)
        yield "\r" + _bar(case, row, norm)
        if step in saves:
            yield f"\nSaving at step {step}\n" + _saved(case, saves[step])


def _bar(case: Case, row: dict[str, Any], norm: float) -> str:
    """The numbers of a step stand behind the position of the step before it."""
    postfix = f"lr0: {row['lr_0']:.1e} lr1: {row['lr_1']:.1e} loss: {row['loss']:.3e} grad_norm: {norm:.3e}"
    return progress_bar(case.name, max(row["step"] - 1, 0), case.settings.steps, case.seconds_per_step, postfix)


def _switch(case: Case, step: int) -> str:
    before, after = (f"{case.settings.expert_at(at).value}_noise" for at in (step - 1, step))
    return f"  → Switched expert: {before} → {after} (step {step})\n"


def _saved(case: Case, stem: str) -> str:
    folder = f"output/{case.name}"
    return (
        f"Saved alpha scheduler state to {folder}/{stem}_alpha_scheduler.json\n"
        f"Saved checkpoint to {folder}/{stem}.safetensors\n"
        f"Saved optimizer to {folder}/optimizer.pt\n"
    )


def _interruption() -> str:
    """Ctrl-C. Frames without their source lines, as Python prints them where the sources are not at hand."""
    frames = "".join(f'  File "{file}", line {line}, in {name}\n' for file, line, name in _STACK)
    return (
        f"\n{_RULE}\nResult:\n - 0 completed jobs\n{_RULE}\n"
        f"Traceback (most recent call last):\n{frames}KeyboardInterrupt\n"
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
