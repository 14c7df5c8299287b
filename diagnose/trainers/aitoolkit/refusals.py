"""Settings that stop the trainers with an error, at the start or at the first step."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.domains.wan22.experts import Expert
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.aitoolkit.value_kinds import misfits
from diagnose.trainers.answers import Refusal
from diagnose.trainers.declared import Config

FOLDERS = ("folder_path", "dataset_path")
EMPTY, FOLDER = "SDTrainer.py:2245-2270", "data_loader.py:405-428"
VALIDATED = "BaseSDTrainProcess.py:1735, wan22_14b_i2v_model.py:119"


def refusals(model: AiToolkitModel, config: Config) -> dict[str, Refusal]:
    """Return every refused setting by its key; an unknown trainer is seen through upstream, which takes the most."""
    parts = (each for each in misfits(model, config, None) if each.fault == "part")
    misplaced = (Refusal(each.key, each.says, each.place, each.source) for each in parts)
    kinds = (_of_single_keys(config, model), _clashes(config, model), misplaced)
    return {each.key: each for kind in kinds for each in kind}


def _of_single_keys(config: Config, model: AiToolkitModel) -> Iterator[Refusal]:
    for entry in model.refused if config.is_wan22_14b else ():
        for path, index in config.raw.expanded(entry.path):
            setting = config.raw.setting(path)
            if setting.value and config.raw.holds(entry.when, index):
                yield Refusal(path, entry.why, setting.place, entry.source)
    for choice in model.choices:
        found = config.raw.text(choice.path)
        if found is not None and found.written and config.raw.holds(choice.when) and not choice.allows(found.value):
            why = f"{found.value} is none of the values it takes: {', '.join(choice.values)}"
            yield Refusal(choice.path, why, found.place, choice.source)


def _clashes(config: Config, model: AiToolkitModel) -> Iterator[Refusal]:
    """Yield what single keys do not show: settings that exclude each other, and what must be there."""
    new, old = config.number("accumulation"), config.number("accumulation.legacy")
    if new is not None and old is not None and new.value > 1 and old.value != 1:
        why = "it excludes gradient_accumulation; keep gradient_accumulation alone"
        yield Refusal(config.called("accumulation.legacy"), why, old.place, "config_modules.py:440-442")
    off = [config.trains(expert) for expert in Expert]
    if config.is_wan22_14b and not any(each.value for each in off):
        why = "both experts are switched off; at least one must be trained"
        yield Refusal(config.called("experts"), why, off[0].place, "wan22_14b_model.py:205-208")
    job = config.setting("job.name")
    if job.given and not isinstance(job.value, str):
        why = "it is no text; put it in quotes"
        yield Refusal(config.called("job.name"), why, job.place, "toolkit/config.py:49")
    yield from _without_data(config)
    if validates(model, config) and config.is_wan22_14b and config.is_image_to_video:
        why = "a validation has no clip, and this model takes its first frame from one, so the first step is the last"
        yield Refusal(config.called("validation"), why, config.place("validation"), VALIDATED)
    name = config.setting("base_model")
    if config.mapping("base") and not name.value:
        why = "the model to train must be named"
        yield Refusal(config.called("base_model"), why, name.place, "config_modules.py:665-666")


def _without_data(config: Config) -> Iterator[Refusal]:
    sets = config.setting("clips")
    if sets.written and sets.value in (None, []):
        why = "no data set is named, so there is nothing to train on"
        yield Refusal(config.called("clips"), why, sets.place, EMPTY)
    for entry in config.entries("clips"):
        if config.raw.mapping(entry) and not any(config.raw.setting(f"{entry}.{key}").value for key in FOLDERS):
            yield Refusal(f"{entry}.{FOLDERS[0]}", "no folder is named", config.raw.setting(entry).place, FOLDER)


def validates(model: AiToolkitModel, config: Config) -> bool:
    """Return whether the trainer knows validation and has a picture to do it with."""
    section, _, key = config.called("validation").rpartition(".")
    if key not in model.keys.get(section, ()):
        return False
    return any(config.setting("validation.image", each).value for each in config.entries("validation.items"))
