"""Settings that do something else than they seem to: what the config alone shows of each.

Where the trainer's behaviour is no matter of a table it is told here, with the place in its code. The severity of
each trap is the rules' affair.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from diagnose.facts.declared import Config, Setting
from diagnose.facts.effective import EffectiveRates
from diagnose.facts.record import Recorder
from diagnose.model import RUN, Expert, Place
from diagnose.rulebase.trainers import TrainerModel
from diagnose.sources.config import access as reader

RUN_LENGTH, RECIPE_CADENCE = 2200, 100
"""Steps of the next motion run and between its saves (NXT-02, CHK-14); all of them should be kept."""
BLIND_TIMESTEPS = frozenset({"next_sample", "one_step", "two_step", "four_step", "eight_step"})
"""Samplings that ignore the boundary between the experts (BaseSDTrainProcess.py:1254-1272)."""
REFUSED_MODEL_KEYS = ("lora_path", "assistant_lora_path", "inference_lora_path", "split_model_over_gpus")
"""Refused with a ValueError by the WAN 2.2 14B model (wan22_14b_model.py:252-269)."""


def record_traps(config: Config, trainer: TrainerModel | None, rates: EffectiveRates | None, record: Recorder) -> None:
    """Record the facts behind the pre-flight rules."""
    for part in (_optimizer, _sampling, _model, _monitoring, _previews):
        part(config, record)
    for index in range(len(config.items("datasets"))):
        _dataset(config, index, record)
    _mask(rates, record)
    if trainer is not None:
        _boundary(config, trainer, record)
        _weighted(config, trainer, record)


def _flag(record: Recorder, name: str, value: bool, setting: Setting, *, subject: str = RUN) -> None:  # noqa: FBT001
    record.known(name, value, subject=subject, places=[setting.place])


def _optimizer(config: Config, record: Recorder) -> None:
    optimizer = config.setting("train.optimizer")
    record.known("config.optimizer_is_mapping", isinstance(optimizer.value, dict), places=[optimizer.place])
    lr = config.number("train.lr")
    if lr is not None:
        note = "" if lr.written else "the trainer's default; the key is absent"
        record.known("config.lr", float(lr.value), places=[lr.place], note=note)
        _flag(record, "config.lr_written", lr.written, lr)
    steps = config.number("train.gradient_accumulation_steps")
    legacy = Setting(1, reader.place(config.reading, "train"), written=False) if steps is None else steps
    record.known("config.legacy_accumulation", legacy.value, places=[legacy.place])
    switch = config.number("train.switch_boundary_every")
    if switch is not None:
        record.known("config.switch_every", switch.value, places=[switch.place])
    record.known(
        "config.low_vram",
        config.flag("model.low_vram", default=False).value,
        places=[config.setting("model.low_vram").place],
    )


def _sampling(config: Config, record: Recorder) -> None:
    kind = config.text("train.timestep_type")
    if kind is not None:
        _flag(record, "config.timesteps_ignore_boundary", kind.value in BLIND_TIMESTEPS, kind)
    focus = config.setting("train.content_or_style")
    record.known("config.content_or_style", str(focus.value or "balanced"), places=[focus.place])
    unload = config.flag("train.unload_text_encoder", default=False)
    cached = config.flag("train.cache_text_embeddings", default=False)
    _flag(record, "config.captions_discarded", unload.value and not cached.value, unload)


def _model(config: Config, record: Recorder) -> None:
    arch, name = config.text("model.arch"), config.text("model.name_or_path")
    if arch is not None:
        family, _, variant = arch.value.partition(":")
        if family.startswith("wan"):
            # the trainer cuts at the colon, so wan22_14b:i2v trains the text-to-video model
            meant = variant != "i2v" or family.endswith("i2v")
            _flag(record, "config.arch_known", family in config.model.archs and meant, arch)
        if name is not None:
            _base(family, name, record)
    quantized = config.flag("model.quantize", default=False)
    for key in ("qtype", "qtype_te"):
        found = config.text(f"model.{key}")
        used = quantized if key == "qtype" else config.flag("model.quantize_te", default=False)
        value = found.value.split("|")[0] if found is not None and used.value else "not quantised"
        record.known(f"config.{key}", value, places=[(found or used).place])
    adapter = config.text("model.qtype")
    if adapter is not None and "|" in adapter.value:
        record.known("config.recovery_adapter", adapter.value.split("|", 1)[1], places=[adapter.place])
    refused = [key for key in REFUSED_MODEL_KEYS if config.setting(f"model.{key}").value]
    place = config.setting(f"model.{refused[0]}").place if refused else reader.place(config.reading, "model")
    record.known("config.refused_model_key", refused[0] if refused else "none", places=[place])


def _base(family: str, name: Setting, record: Recorder) -> None:
    """Compare what the base model's name says of itself with the architecture; a silent name tells nothing."""
    text = str(name.value).lower()
    says_i2v, says_t2v = "i2v" in text, "t2v" in text
    if says_i2v != says_t2v and family in {"wan22_14b", "wan22_14b_i2v"}:
        record.known("config.base_matches_arch", says_i2v == family.endswith("i2v"), places=[name.place])
    if "diffusers" in text or text.startswith("wan-ai/"):
        record.known("config.base_is_diffusers", "diffusers" in text, places=[name.place])


def _monitoring(config: Config, record: Recorder) -> None:
    save, sample = config.number("save.save_every"), config.number("sample.sample_every")
    if save is not None and sample is not None and save.value >= 1:
        _flag(record, "config.previews_have_weights", sample.value % save.value == 0, sample)
    steps, keep = config.number("train.steps"), config.number("save.max_step_saves_to_keep")
    if keep is not None and save is not None and save.value >= 1:
        record.known("config.saves_kept", keep.value, places=[keep.place])
        needed = math.ceil(RUN_LENGTH / min(save.value, RECIPE_CADENCE))
        record.known("config.saves_needed", needed, places=[save.place])
    if steps is not None and keep is not None and save is not None:
        first = max(0, steps.value - keep.value * save.value)
        record.known("config.first_save_kept", first, places=[keep.place, save.place, steps.place])


def _previews(config: Config, record: Recorder) -> None:
    arch = config.text("model.arch")
    shots = range(len(config.items("sample.samples")))
    bare = [i for i in shots if not config.setting(f"sample.samples[{i}].ctrl_img").value]
    prompts = config.items("sample.prompts")
    if arch is not None and arch.value.endswith("i2v") and (shots or prompts):
        missing = bool(bare) or bool(prompts and not shots)
        place = reader.place(config.reading, f"sample.samples[{bare[0]}]" if bare else "sample")
        record.known("config.preview_without_image", missing, places=[place])
    fps = config.number("sample.fps")
    if fps is not None:
        record.known("config.sample_fps", fps.value, places=[fps.place])


def _dataset(config: Config, index: int, record: Recorder) -> None:
    path = f"datasets[{index}]"
    frames = config.number(f"{path}.num_frames")
    count = frames.value if frames is not None else 1
    place = frames.place if frames is not None else reader.place(config.reading, path)

    def note(name: str, value: float | bool | str, where: Place) -> None:  # noqa: FBT001 - a fact's value
        record.known(name, value, subject=path, places=[where])

    note("dataset.num_frames", count, place)
    note("dataset.frames_fit", count % 4 == 1, place)
    cached = [s for key in ("cache_latents", "cache_latents_to_disk") if (s := config.setting(f"{path}.{key}")).value]
    note("dataset.latents_cached", bool(cached), cached[0].place if cached else place)
    _speed(config, path, note)
    sizes = config.items(f"{path}.resolution")
    note("dataset.resolutions", max(1, len(sizes)), reader.place(config.reading, f"{path}.resolution"))
    dropout = config.number(f"{path}.caption_dropout_rate")
    embeds = config.flag("train.cache_text_embeddings", default=False).value
    embeds = embeds or config.flag(f"{path}.cache_text_embeddings", default=False).value
    lost = dropout is not None and dropout.value > 0 and embeds and config.model.drops_captions_when_cached
    note("dataset.dropout_lost", lost, dropout.place if dropout is not None else place)


def _speed(config: Config, path: str, note: Callable[[str, float | bool | str, Place], None]) -> None:
    shrink = config.flag(f"{path}.shrink_video_to_frames", default=True)
    note("dataset.shrinks_video", shrink.value, shrink.place)
    fps = config.number(f"{path}.fps")
    rate = fps.value if fps is not None else config.model.defaults["datasets[].fps"]
    note("dataset.fps", float(rate), (fps or shrink).place)


def _mask(rates: EffectiveRates | None, record: Recorder) -> None:
    """Record how many bumps the ceiling holds: the fork keeps rates in 8 bits, a quantum of ceiling/127."""
    for expert in Expert:
        if rates is not None and rates.bounds:
            bump = rates.bounds[expert, "lr_bump"]
            share = rates.bounds[expert, "max_lr"] / bump if bump > 0 else math.inf
            record.known("effective.bumps_to_ceiling", share, subject=expert.value, places=rates.places)


def _boundary(config: Config, trainer: TrainerModel, record: Recorder) -> None:
    name, rule = config.text("model.name_or_path"), trainer.boundary
    if name is None:
        return
    i2v = not rule.by_name or "i2v" in name.value.lower()
    record.known("effective.boundary", rule.i2v if i2v else rule.other, places=[name.place], note=rule.source)


def _weighted(config: Config, trainer: TrainerModel, record: Recorder) -> None:
    kind, means = config.text("train.timestep_type"), trainer.weighted_sampling
    if kind is not None:
        weight = means.high_mean / means.low_mean if kind.value == "weighted" else 1.0
        record.known("effective.high_loss_weight", weight, places=[kind.place], note=means.source)
