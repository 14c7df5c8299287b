"""How runs die: what the console says, and at which step. The texts are those of real consoles, without their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainer_names import RELAXIS

BEFORE_TRAINING = -1
_RULE = "=" * 40
_OUTER = (
    ("run.py", 120, "<module>"),
    ("run.py", 108, "main"),
    ("run.py", 96, "main"),
    ("jobs/ExtensionJob.py", 22, "run"),
)
LOOP = (
    ("jobs/process/BaseSDTrainProcess.py", 2376, "run"),
    ("extensions_built_in/sd_trainer/SDTrainer.py", 2097, "hook_train_loop"),
    ("extensions_built_in/sd_trainer/SDTrainer.py", 2000, "train_single_accumulation"),
)


@dataclass(frozen=True, slots=True)
class Death:
    """The step in which the run dies (`BEFORE_TRAINING`: none was begun), the error's line, and the inner frames."""

    step: int
    error: str
    frames: tuple[tuple[str, int, str], ...] = LOOP

    def console(self) -> str:
        """Return what is printed: the result of the job, then the traceback."""
        frames = "".join(f'  File "{file}", line {line}, in {name}\n' for file, line, name in (*_OUTER, *self.frames))
        said = "" if self.error == "KeyboardInterrupt" else f"Error running job: {self.error.split(': ', 1)[-1]}\n"
        failure = "" if self.error == "KeyboardInterrupt" else " - 1 failure\n"
        return (
            f"\n{said}\n{_RULE}\nResult:\n - 0 completed jobs\n{failure}{_RULE}\n"
            f"Traceback (most recent call last):\n{frames}{self.error}\n"
        )


def interrupted(step: int) -> Death:
    """Return a Ctrl-C in a step."""
    return Death(step, "KeyboardInterrupt", LOOP[:2])


def death_of(process: Mapping[str, Any], trainer: str) -> Death | None:
    """Return what kills a run with this config, if something does."""
    train, model = process["train"], process["model"]
    return (
        _refused_parameters(train, trainer)
        or _no_negative_prompt(process)
        or _snr_without_snr(train)
        or _no_pictures(process, trainer)
        or _channels(model)
    )


def _refused_parameters(train: Mapping[str, Any], trainer: str) -> Death | None:
    """The optimizer's constructor refuses keys of one expert, where the fork does not take them out before."""
    own = [key for key in train.get("optimizer_params") or {} if key.startswith(("high_noise_", "low_noise_"))]
    adapts = train.get("optimizer", "adamw").startswith("automagic")
    if not own or (adapts and trainer == RELAXIS):
        return None
    name = "Automagic" if adapts else "AdamW"
    frames = (("jobs/process/BaseSDTrainProcess.py", 2050, "run"), ("toolkit/optimizer.py", 97, "get_optimizer"))
    return Death(BEFORE_TRAINING, f"TypeError: {name}.__init__() got an unexpected keyword argument '{own[0]}'", frames)


def _no_negative_prompt(process: Mapping[str, Any]) -> Death | None:
    """Without `sample.neg` the value is False, and the first preview asks for its length."""
    sample = process.get("sample") or {}
    silent = process["train"].get("disable_sampling", False) or not sample.get("samples")
    if silent or "neg" in sample:
        return None
    skipped = process["train"].get("skip_first_sample", False)
    frames = (
        ("jobs/process/BaseSDTrainProcess.py", 2210, "run"),
        ("extensions_built_in/sd_trainer/SDTrainer.py", 140, "sample"),
    )
    step = sample.get("sample_every", 100) if skipped else BEFORE_TRAINING
    return Death(step, "TypeError: object of type 'bool' has no len()", frames)


def _snr_without_snr(train: Mapping[str, Any]) -> Death | None:
    if not any((train.get(key) or 0) > 1e-6 for key in ("min_snr_gamma", "snr_gamma")):
        return None
    frames = (
        *LOOP,
        ("extensions_built_in/sd_trainer/SDTrainer.py", 888, "calculate_loss"),
        ("toolkit/train_tools.py", 728, "apply_snr_weight"),
        ("toolkit/train_tools.py", 647, "get_all_snr"),
    )
    return Death(
        0, "AttributeError: 'CustomFlowMatchEulerDiscreteScheduler' object has no attribute 'alphas_cumprod'", frames
    )


def _no_pictures(process: Mapping[str, Any], trainer: str) -> Death | None:
    """The fork's I2V model asks each batch for its pictures, which cached latents leave out."""
    cached = any(each.get("cache_latents") or each.get("cache_latents_to_disk") for each in process["datasets"])
    if not cached or trainer != RELAXIS or "i2v" not in str(process["model"].get("arch", "")):
        return None
    frames = (
        *LOOP,
        ("extensions_built_in/diffusion_models/wan22/wan22_14b_i2v_model.py", 121, "get_noise_prediction"),
    )
    return Death(0, "AttributeError: 'NoneType' object has no attribute 'shape'", frames)


def _channels(model: Mapping[str, Any]) -> Death | None:
    """An I2V model takes 36 channels, a T2V model 16."""
    wants = 16 if "t2v" in str(model["name_or_path"]).lower() else 36
    gives = 36 if "i2v" in str(model.get("arch", "")).lower() else 16
    if wants == gives:
        return None
    error = (
        f"RuntimeError: Given groups=1, weight of size [5120, {wants}, 1, 2, 2], expected input[1, {gives}, 9, 60, 60]"
        f" to have {wants} channels, but got {gives} channels instead"
    )
    return Death(0, error, (*LOOP, ("toolkit/models/wan21/wan21.py", 577, "get_noise_prediction")))
