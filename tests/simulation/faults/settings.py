"""Faults of other settings: model, data set, noise, loss, alpha."""

from __future__ import annotations

from trainer_names import AI_TOOLKIT

from diagnose.core.values import Intent
from simulation.configs import changed, recipe, upstream
from simulation.kind import Kind, pick

RECIPE = recipe("recommended")
CRASHED = "training-crashed"

SETTINGS = (
    Kind(
        "min-snr",
        "SNR weighting under flow matching: dies in the first step",
        ("snr-weighting-incompatible",),
        lambda seed: changed(RECIPE, {pick(seed, "train.min_snr_gamma", "train.snr_gamma"): 5}),
    ),
    Kind(
        "wrong-scheduler",
        "another noise scheduler than flow matching",
        ("scheduler-not-flow-matching",),
        lambda seed: changed(RECIPE, {"train.noise_scheduler": pick(seed, "ddpm", "ddim")}),
    ),
    Kind(
        "other-architecture",
        "the text-to-video architecture with the image-to-video model",
        ("model-arch-mismatch",),
        lambda _: changed(RECIPE, {"model.arch": "wan22_14b"}),
    ),
    Kind(
        "other-boundary",
        "a folder name that makes the fork take the text-to-video boundary",
        ("wrong-boundary",),
        lambda _: changed(RECIPE, {"model.name_or_path": "models/Wan2.2-A14B-img2vid-bf16"}),
        cured=False,  # the folder has to be renamed
    ),
    Kind(
        "one-expert-off",
        "train_low_noise off by mistake, with keys for both experts",
        ("one-expert-untrained",),
        lambda seed: changed(RECIPE, {f"model.model_kwargs.train_{pick(seed, 'high', 'low')}_noise": False}),
        heals=False,
    ),
    Kind(
        "batch-of-four",
        "four clips a batch, or four batches a step",
        ("batch-settings-differ",),
        lambda seed: changed(RECIPE, {pick(seed, "train.batch_size", "train.gradient_accumulation"): 4}),
    ),
    Kind(
        "scale-mismatch",
        "an alpha schedule whose scale loaders do not know",
        ("lora-scale-mismatch",),
        lambda _: changed(
            RECIPE,
            {
                "network.linear": 2,
                "network.linear_alpha": 2,
                "network.alpha_schedule": {
                    "enabled": True,
                    "linear_alpha": 8,
                    "conv_alpha_phases": {"foundation": {"alpha": 8, "min_steps": 4000}},
                },
            },
        ),
    ),
    Kind(
        "weighted-timesteps",
        "timestep_type weighted, whose weights starve the fork's high-noise expert",
        ("high-noise-loss-weighed-down",),
        lambda _: changed(RECIPE, {"train.timestep_type": "weighted"}),
    ),
    Kind(
        "default-timesteps",
        "no timestep_type: sigmoid, which rarely draws the ends",
        ("high-noise-starved-by-sampling", "timesteps-ignore-boundary"),
        lambda seed: changed(RECIPE, {"train.timestep_type": pick(seed, None, "sigmoid")}),
    ),
    Kind(
        "style-timesteps",
        "content_or_style skews the timesteps within each expert's range",
        ("content-or-style-skews-timesteps",),
        lambda seed: changed(RECIPE, {"train.content_or_style": pick(seed, "style", "content")}),
    ),
    Kind(
        "cached-latents",
        "cached latents, without which the image-to-video model dies",
        ("cached-latents-crash-i2v",),
        lambda seed: changed(RECIPE, {pick(seed, "datasets.cache_latents", "datasets.cache_latents_to_disk"): True}),
    ),
    Kind(
        "stills",
        "one frame a clip",
        ("stills-teach-no-motion", "stills-in-a-motion-run"),
        lambda _: changed(RECIPE, {"datasets.num_frames": 1}),
        cured=False,  # clips have to be found
    ),
    Kind(
        "frame-rate",
        "clips read at 24 frames a second",
        ("frame-rate-mismatch",),
        lambda _: changed(RECIPE, {"datasets.shrink_video_to_frames": False, "datasets.fps": 24}),
    ),
    Kind(
        "frames-cut",
        "a frame count that is not 4n + 1",
        ("frames-not-4n-plus-1",),
        lambda seed: changed(RECIPE, {"datasets.num_frames": pick(seed, 40, 32, 80)}),
    ),
    Kind(
        "no-negative-prompt",
        "no sample.neg: dies at the first preview",
        ("negative-prompt-missing", CRASHED),
        lambda _: changed(RECIPE, {"sample.neg": None}),
    ),
    Kind(
        "upstream-averages",
        "upstream with slow averages, which saves weights far behind",
        ("averaged-over-too-many-steps", "previews-show-averaged-weights"),
        lambda seed: changed(
            upstream(RECIPE), {"train.ema_config": {"use_ema": True, "ema_decay": pick(seed, 0.9999, 0.999)}}
        ),
        trainer=AI_TOOLKIT,
        heals=False,
    ),
    Kind(
        "motion-recipe-for-character",
        "the motion recipe, for a character",
        ("motion-recipe-for-character", "high-noise-leads-for-character"),
        lambda _: RECIPE,
        intent=Intent.CHARACTER,
    ),
    Kind(
        "character-recipe-for-motion",
        "low-noise first and few steps, for a motion",
        ("character-recipe-for-motion",),
        lambda seed: changed(
            RECIPE,
            {
                "train.steps": pick(seed, 600, 800),
                "train.optimizer_params.high_noise_lr_bump": 5e-6,
                "train.optimizer_params.high_noise_min_lr": 5e-6,
                "train.optimizer_params.high_noise_max_lr": 1e-4,
                "train.optimizer_params.low_noise_lr_bump": 1e-5,
                "train.optimizer_params.low_noise_min_lr": 1e-5,
                "train.optimizer_params.low_noise_max_lr": 2e-4,
            },
        ),
    ),
)
