"""The captured console of a run: start, progress bar, saves, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import prod
from typing import Any

from diagnose.demo.case import Case, lora_shapes
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
