"""What a run will leave behind: saves, how large they are and which of them stay, averages, logs."""

from __future__ import annotations

import math

from diagnose.facts.recorder import Recorder
from diagnose.facts.targets import Targets
from diagnose.trainers.declared import Config
from diagnose.trainers.trainer_model import TrainerModel


def record_saving(config: Config, trainer: TrainerModel | None, record: Recorder) -> None:
    """Record the facts about saves, averages and logs."""
    _record_saves(config, record)
    _record_average(config, trainer, record)
    if trainer is not None:
        for name, (value, places) in (trainer.logs(config) or {}).items():
            record.known(f"effective.{name}", value, places=places)


def _record_saves(config: Config, record: Recorder) -> None:
    save, sample = config.finite("save_every"), config.finite("sample_every")
    if save is None or save.value < 1:
        return
    previews = config.model.previews(config)
    if sample is not None and previews is not None:
        apart = previews.made and sample.value % save.value != 0
        record.known("config.previews_have_weights", not apart, places=[sample.place])
        with_previews = previews.made and sample.value >= 1 and save.value % sample.value == 0
        record.known("config.saves_have_previews", with_previews, places=[sample.place])
    steps, keep = config.finite("steps"), config.finite("saves_kept")
    record.setting("config.saves_kept", keep)
    if steps is not None and keep is not None:
        between = max(0, math.ceil(steps.value / save.value) - 1)
        record.known("config.saves_before_end", between, places=[save.place, steps.place])
        first = first_kept(steps.value, save.value, keep.value)
        left = max(1, int(keep.value)) if first else between + 1
        places = [keep.place, save.place, steps.place]
        record.known("config.first_save_kept", first, places=places)
        record.known("config.saves_left", left, places=places)
    switch, accumulation = config.finite("switch_every"), config.finite("accumulation")
    if switch is not None and accumulation is not None:
        # blocks are counted in batches, saves in optimizer steps of so many batches
        block = switch.value / max(1, accumulation.value)
        early = config.is_wan22_14b and config.trains_both and save.value <= block
        places = [switch.place, accumulation.place] if accumulation.value > 1 else [switch.place]
        record.known("config.first_block", block, places=places)
        record.known("config.first_save_one_sided", early, places=[save.place, *places])


def record_saves_ahead(config: Config, targets: Targets, record: Recorder) -> None:
    """Record how many saves the next run makes at the recommended cadence, and whether its previews fall on them."""
    save, sample = config.finite("save_every"), config.finite("sample_every")
    if save is None or save.value < 1:
        return
    previews = config.model.previews(config)
    if sample is not None and previews is not None:
        off = previews.made and sample.value % targets.save_every != 0
        record.known("config.previews_fit_recipe", not off, places=[sample.place])
    if config.finite("saves_kept") is not None:
        length = targets.longest if config.trains_both else targets.longest / 2
        needed = math.ceil(length / min(save.value, targets.save_every))
        record.known("config.saves_needed", needed, places=[save.place])
        record.known("config.saves_at_recipe", math.ceil(length / targets.save_every), places=[save.place])


def first_kept(steps: float, every: float, keep: float) -> float:
    """Return the step of the first save that is there at the end; 0 where none is deleted.

    Saves with a number lie before the last step, and the final one counts among the kept. To keep none is to keep
    all: the trainer removes `files[:-0]`, which is nothing (BaseSDTrainProcess.py:466-473).
    """
    if int(keep) == 0:
        return 0
    numbered = math.ceil(steps / every) - 1
    lost = numbered - max(0, int(keep) - 1)
    if lost <= 0:
        return 0
    return steps if lost == numbered else (lost + 1) * every


def _record_average(config: Config, trainer: TrainerModel | None, record: Recorder) -> None:
    """Record whether saves and previews are averages (EMA), and over how many steps: the reciprocal of what one adds.

    An average that is asked for is none where the trainer never sets it up.
    """
    asked, decay = config.flag("ema", default=False), config.finite("ema.decay")
    acts, note = False, ""
    if config.model.ema is None or (asked.value and (trainer is None or trainer.ema is None)):
        return
    if asked.value and trainer is not None and trainer.ema is not None:
        acts, note = trainer.ema.acts, f"{trainer.label}: {trainer.ema.source}"
    record.known("effective.ema", acts, places=[asked.place], note=note)
    if acts and decay is not None and 0 <= decay.value < 1:
        span = 1 / (1 - decay.value)
        record.known("effective.ema_span", span, places=[decay.place if decay.written else asked.place])
