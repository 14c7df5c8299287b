"""The captured console of a run: the config, the start, the progress bar, saves, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Iterator

from diagnose.demo.writer import progress_bar
from diagnose.domains.wan22.experts import Expert
from simulation.deaths import BEFORE_TRAINING, interrupted
from simulation.events import Events
from simulation.logs import PACE, shared_rate
from simulation.setup import Setup
from simulation.training import MODULES, Course, Row, Save


def console(setup: Setup, course: Course, events: Events, clips: int) -> str:
    """Return the console; carriage returns redraw the progress bar."""
    begun = course.death is None or course.death.step > BEFORE_TRAINING
    parts = [_start(setup, clips, begun=begun), *_steps(setup, course, events, clips)]
    if course.death is None:
        parts.append("\n\n" + _saved(setup, setup.name))
    elif events.killed:
        parts.append("Killed\n")
    else:
        parts.append(course.death.console())
    return "".join(parts)


def _start(setup: Setup, clips: int, *, begun: bool) -> str:
    sides = len(setup.experts)
    weights = sides * sum(setup.rank * (ins + outs) for ins, outs in MODULES.values())
    lines = [
        "Running 1 job",
        json.dumps(setup.process, indent=4),
        "",
        "#############################################",
        f"# Running job: {setup.name}",
        "#############################################",
        "",
        "",
        "Running  1 process",
        "Loading Wan model",
        "Loading transformer 1",
        "Loading transformer 2",
        f"create LoRA network. base dim (rank): {setup.rank}, alpha: {setup.rank}",
        "create LoRA for Text Encoder: 0 modules.",
        f"create LoRA for U-Net: {sides * len(MODULES)} modules.",
        *([f"Alpha scheduler enabled with {len(setup.phases)} phases"] if setup.phases else []),
        "enable LoRA for U-Net",
    ]
    if begun:
        lines += [
            f"Total training paramiters: {weights:,}",
            f"Dataset: {setup.process['datasets'][0]['folder_path']}",
            f"  -  Found {clips} videos",
            "Generating baseline samples before training",
        ]
    return "\n".join(lines) + "\n"


def _steps(setup: Setup, course: Course, events: Events, clips: int) -> Iterator[str]:
    saves = {save.step: save for save in course.saves if not save.final}
    before: Expert | None = None
    yield f"\r{setup.name}:   0%|          | 0/{setup.steps} [00:00<?, ?it/s]"
    for row in course.rows:
        if row.step == events.resumed_at:
            yield _resumed(setup, row.step, events, clips)
        if setup.forked and before not in (None, row.expert) and setup.switch > 1:
            yield f"\n  → Switched expert: {before.value}_noise → {row.expert.value}_noise (step {row.step})\n"
        before = row.expert
        if row.loss is None:  # the trainer says so before it draws the bar with the step's numbers
            yield "loss is nan\n"
        yield "\r" + _bar(setup, row)
        if row.step in saves:
            cut = events.half_pair and row is course.rows[-1]
            yield f"\nSaving at step {row.step}\n" + ("" if cut else _saved(setup, stem(setup, saves[row.step])))


def _bar(setup: Setup, row: Row) -> str:
    """The numbers of a step stand behind the position of the step before it."""
    if setup.forked and setup.adapts and len(setup.experts) > 1:
        rates = " ".join(f"lr{index}: {row.rates[expert]:.1e}" for index, expert in enumerate(Expert))
    else:
        rates = f"lr: {shared_rate(setup, row):.1e}"
    norm = f" grad_norm: {row.norm:.3e}" if setup.forked and row.loss is not None else ""
    postfix = f"{rates} loss: {row.loss or 0.0:.3e}{norm}"
    return progress_bar(setup.name, max(row.step - 1, 0), setup.steps, PACE, postfix)


def _resumed(setup: Setup, step: int, events: Events, clips: int) -> str:
    """The process is stopped, and a new one goes on from the newest save."""
    folder = f"output/{setup.name}"
    newest = step - 1 if setup.forked else step
    file = f"{folder}/optimizer.pt"
    loading = f"Loading optimizer state from {file}\n"
    if events.rates_lost:
        loading += f"Failed to load optimizer state from {file}\nPytorchStreamReader failed reading zip archive\n"
    return (
        interrupted(step).console()
        + _start(setup, clips, begun=True)
        + f"#### IMPORTANT RESUMING FROM {folder}/{setup.name}_{newest:09d}_low_noise.safetensors ####\n"
        + f"Found step {newest} in metadata, starting from there\n{loading}"
    )


def stem(setup: Setup, save: Save) -> str:
    """Return the name of a save's files without expert and ending."""
    return setup.name if save.final else f"{setup.name}_{save.step:09d}"


def _saved(setup: Setup, name: str) -> str:
    folder = f"output/{setup.name}"
    state = f"Saved alpha scheduler state to {folder}/{name}_alpha_scheduler.json\n" if setup.phases else ""
    return f"{state}Saved checkpoint to {folder}/{name}.safetensors\nSaved optimizer to {folder}/optimizer.pt\n"
