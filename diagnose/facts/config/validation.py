"""What upstream's validation losses are measured on: which expert predicts them, and whether there are any."""

from __future__ import annotations

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.config.declared import Config
from diagnose.facts.record import NONE, Recorder
from diagnose.trainers.model import TrainerModel

SECTION = "train.validation_config"
SIGMAS = (1.0, 0.75, 0.5, 0.25)
"""The trainer's default (config_modules.py, ValidationConfig)."""


def validates(config: Config, model: TrainerModel) -> bool:
    """Return whether the trainer knows validation and has a picture to do it with."""
    if SECTION.partition(".")[2] not in model.keys["train"]:
        return False
    items = range(len(config.items(f"{SECTION}.validation_items")))
    return any(config.setting(f"{SECTION}.validation_items[{i}].image_path").value for i in items)


def record_validation(config: Config, trainer: TrainerModel | None, record: Recorder) -> None:
    """Record which expert the validation losses are of: all sigmas are one batch, and their mean chooses the expert.

    (wan22_14b_model.py:122-128.)
    """
    model = trainer or config.model
    if not config.is_wan22_14b or config.is_image_to_video or not validates(config, model):
        record.known("effective.validated_expert", NONE, places=[config.setting(SECTION).place])
        return
    written = config.items(f"{SECTION}.validation_sigmas") or SIGMAS
    sigmas = [float(each) for each in written if isinstance(each, int | float) and not isinstance(each, bool)]
    if sigmas:
        mean = sum(sigmas) / len(sigmas)
        expert = Expert.HIGH if mean > model.boundary.other else Expert.LOW
        place = config.setting(f"{SECTION}.validation_sigmas").place
        record.known("effective.validated_expert", expert.value, places=[place], note=f"the mean sigma is {mean:.3g}")
