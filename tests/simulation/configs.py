"""Configs of simulated runs, as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any

import yaml

from diagnose import Settings
from diagnose.core.paths import knowledge_dir
from diagnose.rulebase.knowledge import Recipe
from diagnose.settings import rule_base

Document = dict[str, Any]
RANK = 1
"""Of the simulated LoRAs: the fewest elements at true layer widths."""
Rates = tuple[float, float, float]
"""Bump, floor, ceiling."""
RATES = {"lr_bump": "bump", "min_lr": "min", "max_lr": "max"}
"""The rates of automagic: key and setting."""
RATE_KEYS = tuple(RATES)


@cache
def _recipes() -> Mapping[str, Recipe]:
    return rule_base(Settings()).knowledge.recipes


def recipe(strategy: str) -> Document:
    """Return a whole config for the fork that follows one of the two recipes to the letter."""
    values = _recipes()[strategy].values
    params = {key: values[f"rate.{RATES[key]}"] for key in RATE_KEYS}
    for side in ("high", "low"):
        params |= {f"{side}_noise_{key}": values[f"rate.{RATES[key]}.{side}"] for key in RATE_KEYS}
    params |= {key: values[f"optimizer.{key}"] for key in ("beta2", "weight_decay", "clip_threshold")}
    document = _frame("motion-lora")
    train = document["config"]["process"][0]["train"]
    train |= {
        "steps": values["steps"],
        "optimizer": values["optimizer"],
        "optimizer_params": params,
        "lr": 1e-5,
        "timestep_type": values["timestep_type"],
        "switch_boundary_every": values["switch_every"],
    }
    return document


def document_run() -> Document:
    """Return the config of the reference run (knowledge/cases/run-v15.yaml), at the rank simulated here."""
    case = yaml.safe_load((knowledge_dir() / "cases" / "run-v15.yaml").read_text(encoding="utf-8"))
    document: Document = yaml.safe_load(case["config"])
    process = document["config"]["process"][0]
    process["network"] |= {"linear": RANK, "linear_alpha": RANK}
    process["network"]["alpha_schedule"]["linear_alpha"] = RANK
    process["sample"]["neg"] = ""
    return document


def upstream(document: Document, *, rate: float = 5e-5) -> Document:
    """Return the config as somebody with the upstream trainer writes it: AdamW, one rate for both experts."""
    return changed(document, {**adamw(rate), "logging": {"log_every": 1, "use_ui_logger": True}})


def adamw(rate: float) -> dict[str, Any]:
    """Return the changes to train with AdamW."""
    return {"train.optimizer": "adamw", "train.lr": rate, "train.optimizer_params": {"weight_decay": 1e-4}}


def changed(document: Document, changes: Mapping[str, Any]) -> Document:
    """Return the config with other values at dotted paths in its process, `datasets` meaning the first of them.

    None takes the key away; a mapping is put in as it is.
    """
    copy = deepcopy(document)
    for path, value in changes.items():
        *parents, key = path.split(".")
        section = copy["config"]["process"][0]
        for parent in parents:
            section = section[parent][0] if parent == "datasets" else section.setdefault(parent, {})
        if value is None:
            section.pop(key, None)
        else:
            section[key] = value
    return copy


def rates(high: Rates, low: Rates) -> dict[str, Any]:
    """Return automagic's parameters with bump, floor and ceiling of each expert; shared keys as the low-noise ones."""
    sides = {"high_noise_": high, "low_noise_": low, "": low}
    own = {f"{side}{key}": value for side, three in sides.items() for key, value in zip(RATE_KEYS, three, strict=True)}
    return {**own, "beta2": 0.999, "weight_decay": 1e-4, "clip_threshold": 1}


def text_of(document: Document) -> str:
    return yaml.safe_dump(document, sort_keys=False)


def _frame(name: str) -> Document:
    return {
        "job": "extension",
        "config": {
            "name": name,
            "process": [
                {
                    "type": "diffusion_trainer",
                    "training_folder": "output",
                    "device": "cuda",
                    "network": {"type": "lora", "linear": RANK, "linear_alpha": RANK},
                    "save": {
                        "dtype": "bf16",
                        "save_every": 100,
                        "max_step_saves_to_keep": 40,
                        "save_format": "diffusers",
                        "push_to_hub": False,
                    },
                    "datasets": [
                        {
                            "folder_path": "datasets/clips",
                            "caption_ext": "txt",
                            "caption_dropout_rate": 0.1,
                            "resolution": [512],
                            "shrink_video_to_frames": True,
                            "num_frames": 33,
                        }
                    ],
                    "train": {
                        "batch_size": 1,
                        "gradient_accumulation": 1,
                        "train_unet": True,
                        "train_text_encoder": False,
                        "gradient_checkpointing": True,
                        "noise_scheduler": "flowmatch",
                        "max_grad_norm": 1,
                        "dtype": "bf16",
                    },
                    "model": {
                        "name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16",
                        "arch": "wan22_14b_i2v",
                        "quantize": True,
                        "qtype": "uint4",
                        "quantize_te": True,
                        "qtype_te": "qfloat8",
                        "low_vram": True,
                        "model_kwargs": {"train_high_noise": True, "train_low_noise": True},
                    },
                    "sample": {
                        "sampler": "flowmatch",
                        "sample_every": 100,
                        "width": 480,
                        "height": 480,
                        "num_frames": 33,
                        "fps": 16,
                        "seed": 42,
                        "walk_seed": True,
                        "guidance_scale": 4,
                        "sample_steps": 25,
                        "neg": "",
                        "samples": [
                            {
                                "prompt": "a paper boat swings round and drifts down a fast stream",
                                "ctrl_img": "control/boat.png",
                            }
                        ],
                    },
                }
            ],
        },
    }
