"""Faults of the learning rates: their ratio, their size, and whether they can move at all."""

from __future__ import annotations

from trainer_names import AI_TOOLKIT

from simulation.configs import adamw, changed, document_run, rates, recipe, upstream
from simulation.deaths import interrupted
from simulation.events import Events
from simulation.kind import Kind, pick

HIGH, LOW = (2e-5, 2e-5, 5e-4), (5e-6, 5e-6, 1e-4)
"""Bump, floor and ceiling as recommended."""
PARAMS = "train.optimizer_params"
RATIO = ("lr-ratio-too-small", "low-noise-overpowering")
EXTREME = ("learning-rate-extreme",)
STUCK = ("lr-pinned-at-bound", "lr-not-adapting", "rate-floor-above-ceiling")

RECIPE = recipe("recommended")
PER_EXPERT_ONLY = {key: value for key, value in rates(HIGH, LOW).items() if key not in {"lr_bump", "min_lr", "max_lr"}}

LEARNING_RATES = (
    Kind(
        "document",
        "the reference run: bumps 1e-5 and 5e-6 under one ceiling, stopped at 3070 of 10000 steps",
        RATIO,
        lambda _: document_run(),
        lambda _: Events(death=interrupted(3070)),
        varies=False,
    ),
    Kind(
        "document-elsewhere",
        "the config of the reference run in worlds around its own",
        RATIO,
        lambda _: document_run(),
        lambda _: Events(death=interrupted(3070)),
    ),
    Kind(
        "ratio-too-small",
        "high-noise bounds too near the low-noise ones",
        RATIO,
        lambda seed: changed(
            RECIPE,
            {
                PARAMS: pick(
                    seed,
                    rates((1e-5, 8e-6, 3e-4), (5e-6, 8e-6, 3e-4)),
                    rates((8e-6, 8e-6, 2e-4), (5e-6, 5e-6, 1e-4)),
                    rates((1e-5, 1e-5, 1.5e-4), (5e-6, 5e-6, 1e-4)),
                )
            },
        ),
    ),
    Kind(
        "keys-dropped",
        "per-expert keys without the shared ones, which the fork drops",
        ("per-expert-lr-not-in-effect",),
        lambda _: changed(RECIPE, {PARAMS: PER_EXPERT_ONLY}),
    ),
    Kind(
        "equal-rates",
        "shared keys only: both experts alike",
        RATIO,
        lambda seed: changed(
            RECIPE,
            {
                PARAMS: {
                    "lr_bump": pick(seed, 5e-6, 1e-5),
                    "min_lr": 5e-6,
                    "max_lr": pick(seed, 1e-4, 3e-4, 2e-4),
                    "beta2": 0.999,
                    "weight_decay": 1e-4,
                }
            },
        ),
    ),
    Kind(
        "inverted-rates",
        "the low-noise expert gets the higher rates",
        (*RATIO, "character-recipe-for-motion"),
        lambda _: changed(RECIPE, {PARAMS: rates(LOW, HIGH)}),
    ),
    Kind(
        "ratio-too-large",
        "high-noise bounds ten and more times the low-noise ones",
        ("lr-ratio-too-large",),
        lambda seed: changed(
            RECIPE,
            {
                PARAMS: pick(
                    seed, rates((2e-5, 2e-5, 8e-4), (2e-6, 2e-6, 4e-5)), rates((2e-5, 2e-5, 5e-4), (1e-6, 1e-6, 2e-5))
                )
            },
        ),
    ),
    Kind(
        "bounds-too-low",
        "all of automagic's bounds a hundred times too low",
        (*EXTREME, "lora-did-not-learn"),
        lambda _: changed(RECIPE, {PARAMS: rates((2e-7, 2e-7, 5e-6), (5e-8, 5e-8, 1e-6)), "train.lr": 1e-7}),
    ),
    Kind(
        "floor-is-ceiling",
        "min_lr equal to max_lr: no rate can move",
        STUCK,
        lambda _: changed(RECIPE, {PARAMS: rates((2e-5, 2e-4, 2e-4), (5e-6, 5e-5, 5e-5))}),
    ),
    Kind(
        "floor-above-ceiling",
        "high_noise_min_lr above its max_lr: pinned from step 0",
        STUCK,
        lambda _: changed(RECIPE, {PARAMS: rates((2e-5, 5e-4, 1e-4), LOW)}),
    ),
    Kind(
        "swap-every-step",
        "switch_boundary_every 1: every step is a first one after a pause, so no rate moves",
        ("lr-not-adapting", "expert-swap-every-step"),
        lambda _: changed(RECIPE, {"train.switch_boundary_every": 1}),
    ),
    Kind(
        "adamw-far-too-high",
        "AdamW at 2e-2",
        (*EXTREME, "training-diverged", "loss-exploded"),
        lambda seed: changed(RECIPE, adamw(pick(seed, 2e-2, 1e-2, 5e-2))),
    ),
    Kind(
        "adamw-far-too-low",
        "AdamW at 1e-6",
        (*EXTREME, "lora-did-not-learn"),
        lambda seed: changed(RECIPE, adamw(pick(seed, 1e-6, 5e-7))),
    ),
    Kind(
        "rate-1e20",
        "AdamW at 1e20: no number after the first step",
        (*EXTREME, "training-diverged"),
        lambda _: changed(RECIPE, adamw(1e20)),
    ),
    Kind(
        "adamw-one-rate",
        "AdamW on the fork: one rate for both experts",
        RATIO,
        lambda seed: changed(RECIPE, adamw(pick(seed, 5e-5, 1e-4))),
    ),
    Kind(
        "upstream-one-rate",
        "upstream, AdamW: one rate for both experts",
        RATIO,
        lambda seed: upstream(RECIPE, rate=pick(seed, 5e-5, 1e-4)),
        trainer=AI_TOOLKIT,
        cured=False,
    ),
    Kind(
        "upstream-automagic",
        "upstream, automagic: one set of bounds for both experts",
        RATIO,
        lambda _: changed(
            upstream(RECIPE),
            {
                "train.optimizer": "automagic",
                "train.lr": 1e-5,
                PARAMS: {"lr_bump": 5e-6, "min_lr": 8e-6, "max_lr": 2e-4, "beta2": 0.999, "weight_decay": 1e-4},
            },
        ),
        trainer=AI_TOOLKIT,
        cured=False,
    ),
    Kind(
        "upstream-per-expert-keys",
        "the fork's keys given to upstream, which refuses them",
        ("per-expert-lr-not-in-effect",),
        lambda _: changed(upstream(RECIPE), {"train.optimizer": "automagic", PARAMS: rates(HIGH, LOW)}),
        trainer=AI_TOOLKIT,
        heals=False,
    ),
    Kind(
        "adamw-per-expert-keys",
        "automagic's keys given to AdamW, which refuses them",
        ("per-expert-lr-not-in-effect", "optimizer-parameter-refused"),
        lambda _: changed(RECIPE, {"train.optimizer": "adamw", "train.lr": 1e-4}),
    ),
)
