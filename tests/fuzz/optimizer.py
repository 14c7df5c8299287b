"""States of optimizers (torch.save): other trees and tensors than a trainer saves, other pickles, and bytes of the zip."""

from __future__ import annotations

import io
import pickle
import zipfile
from functools import cache
from random import Random
from typing import Any

import torch
from fuzz.formats import Files, Format, seeds
from fuzz.noise import BYTES, emptied, noisy
from fuzz.trees import ODD_NUMBERS, grown_wild, odd, spots

from diagnose.inputs import facts_of, run_inputs
from diagnose.weights.optimizer_state import read_optimizer

CONFIGS = seeds("config.yaml")
LOGS = seeds("metrics_*.jsonl")


@cache
def sound() -> list[Any]:
    """Return states of the fork's automagic and of AdamW, as small as they can be."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        mask = {"quantized": torch.randint(1, 128, (4, 24), dtype=torch.int8), "scale": 1e-6}
        automagic = {index: {"step": 9, "lr_mask": mask, "avg_lr": torch.tensor(1e-5)} for index in range(4)}
        adamw = {index: {"step": torch.tensor(9.0), "exp_avg": torch.randn(4, 24)} for index in range(2)}
    groups = [{"lr": 1e-5, "lr_bump": 1e-6, "params": [0, 1]}, {"lr": 1e-5, "params": [2, 3]}]
    return [{"state": automagic, "param_groups": groups}, {"state": adamw, "param_groups": groups[:1]}]


def tensor(chance: Random) -> torch.Tensor:
    """Return a tensor that no optimizer has."""
    one = torch.tensor(float(chance.choice([each for each in ODD_NUMBERS if isinstance(each, float)])))
    small = torch.zeros(chance.choice(((0,), (1,), (4, 24), (24, 4), (1, 1, 1, 1), (3, 0))))
    kinds = (torch.int8, torch.int64, torch.bool, torch.bfloat16, torch.float64, torch.complex64, torch.uint8)
    return chance.choice(
        (
            one, small, small.to(chance.choice(kinds)), one.expand(2**20, 2**20), small.t() if small.ndim == 2 else small,
            torch.arange(96, dtype=torch.int8).as_strided((4, 24), (1, 1)), torch.nn.Parameter(small), small.to_sparse(),
        )
    )  # fmt: skip


def saved(tree: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(tree, stream)
    return stream.getvalue()


def zipped(chance: Random) -> bytes:
    """Return a zip like torch's with another pickle, more or fewer members, or members that are packed."""
    stream = io.BytesIO()
    tree = odd(chance) if chance.random() < 0.5 else {"state": odd(chance), "param_groups": odd(chance)}
    with zipfile.ZipFile(stream, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for name in chance.sample(("a/data.pkl", "a/version", "a/byteorder", "a/data/0", "data.pkl", "../x"), 4):
            content = (
                pickle.dumps(tree, protocol=chance.choice((0, 2, 4))) if name.endswith("pkl") else chance.randbytes(8)
            )
            archive.writestr(name, noisy(content, chance, BYTES) if chance.random() < 0.2 else content)
    return stream.getvalue()


def damaged(chance: Random) -> bytes:
    kind, state = chance.random(), chance.choice(sound())
    if kind < 0.15:
        return zipped(chance)
    if kind < 0.65:
        state = grown_wild(state, chance)
        places = spots(state)
        if places and chance.random() < 0.4:
            node, key = chance.choice(places)
            node[key] = tensor(chance)
    try:
        content = saved(state)
    except (OverflowError, RuntimeError, RecursionError, UnicodeEncodeError):
        return zipped(chance)
    return noisy(content, chance, (*BYTES, emptied)) if kind > 0.6 else content


def make(chance: Random) -> Files:
    files = {"optimizer.pt": damaged(chance), "config.yaml": chance.choice(CONFIGS)}
    return {**files, "metrics_x.jsonl": chance.choice(LOGS)[:3000]} if chance.random() < 0.3 else files


FORMAT = Format(
    make=make,
    read=lambda folder: read_optimizer(folder / "optimizer.pt", live=True),
    facts=lambda folder: facts_of(run_inputs(folder, None)),
    command=lambda folder: ["postmortem", str(folder), "--format", "json"],
)
