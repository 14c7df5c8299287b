"""The base model: whether its name, its architecture, its quantisation and its adapter belong together."""

from __future__ import annotations

import re

from diagnose.facts.recorder import DEFAULT, Recorder
from diagnose.trainers.declared import Config, Setting
from diagnose.trainers.quantisation import offloads_layers, recovery_adapter, without_adapter

NOT_QUANTISED = "not quantised"
_OLDER = re.compile(r"wan[-_ ]?2[._]?1(?!\d)")
_SMALLER = re.compile(r"(?<![a-z0-9])(?:ti2v|5b|1[._]3b)(?![a-z0-9])")
_RIGHT = re.compile(r"wan[-_ ]?2[._]?2(?!\d)|a14b")
_WAN = re.compile(r"(?<![a-z])wan[-_ ]?2")
_ADAPTER_OF = re.compile(r"(?<![a-z])([it]2[iv])(?![a-z])")


def record_base_model(config: Config, record: Recorder) -> None:
    """Record the facts about the base model; a name that says nothing of itself leaves them unknown."""
    arch, name = config.text("arch"), config.text("base_model")
    if not config.model.archs:
        return
    if arch is None and name is not None and _WAN.search(name.value.lower()):
        # without an architecture the trainer loads a Stable Diffusion 1 (config_modules.py:792-814)
        record.known("config.arch_known", value=False, places=[config.place("arch")])
    if arch is not None:
        family, _, variant = arch.value.partition(":")
        if family.startswith("wan"):
            # the trainer cuts at the colon, so wan22_14b:i2v trains the text-to-video model
            meant = variant != "i2v" or family.endswith("i2v")
            record.known("config.arch_known", family in config.model.archs and meant, places=[arch.place])
        if name is not None:
            _record_name(config, family, name, record)
    _record_quantisation(config, record)


def _record_name(config: Config, family: str, name: Setting, record: Recorder) -> None:
    """Compare what the base model's name says of itself with the architecture."""
    text = str(name.value).lower()
    says_i2v, says_t2v = "i2v" in text.replace("ti2v", ""), "t2v" in text
    if family in config.model.two_experts:
        if says_i2v != says_t2v:
            record.known("config.base_matches_arch", says_i2v == family.endswith("i2v"), places=[name.place])
            record.known("config.arch_of_base", "wan22_14b_i2v" if says_i2v else "wan22_14b", places=[name.place])
        other = bool(_OLDER.search(text) or _SMALLER.search(text))
        if other or _RIGHT.search(text):
            record.known("config.base_is_wan22_14b", not other, places=[name.place])
    if "diffusers" in text or text.startswith("wan-ai/"):
        record.known("config.base_is_diffusers", "diffusers" in text, places=[name.place])
    record.known("config.base_is_bare_name", re.search(r"[/\\]", text) is None, places=[name.place])


def _record_quantisation(config: Config, record: Recorder) -> None:
    """Record the quantisation in effect.

    The text encoder follows the model unless it has a key of its own, and layer offloading turns qfloat8 into float8
    (config_modules.py:685-711).
    """
    model = config.flag("quantized", default=False)
    encoder = config.flag("quantized.encoder", default=bool(model.value))
    for fact, name, used in (("config.qtype", "qtype", model), ("config.qtype_te", "qtype.encoder", encoder)):
        found = config.text(name)
        if not used.value:
            record.known(fact, NOT_QUANTISED, places=[used.place])
        elif found is not None:
            value = without_adapter(found.value)
            value = "float8" if value == "qfloat8" and offloads_layers(config).value else value
            place, note = (found.place, "") if found.written else (used.place, DEFAULT)
            record.known(fact, value, places=[place], note=note)
    _record_adapter(config, model, record)


def _record_adapter(config: Config, quantized: Setting, record: Recorder) -> None:
    """Record whether the recovery adapter was made for a model like this one, as far as its name tells."""
    named = recovery_adapter(config)
    if named is None or not quantized.value:
        for fact in ("config.recovery_adapter_fits", "config.recovery_adapter_loads"):
            record.known(fact, value=True, places=[quantized.place], note="there is none")
        return
    adapter, places = named.value, [named.place]
    record.known("config.recovery_adapter", adapter, places=places)
    name, architecture = adapter.lower().rsplit("/", 1)[-1], config.architecture
    family = next((each for each in config.model.adapter_families if name.startswith(each)), None)
    made_for = _ADAPTER_OF.search(name)
    if family is not None and architecture is not None and not architecture.startswith(family):
        why = config.model.cited("there are not any lora modules in this network (network_mixins.py:800)")
        record.known("config.recovery_adapter_fits", value=False, places=places)
        record.known("config.recovery_adapter_loads", value=False, places=places, note=why)
        return
    record.known("config.recovery_adapter_loads", value=True, places=places)
    if made_for is not None and architecture is not None:
        fits = made_for[1].startswith("i") == config.is_image_to_video
        record.known("config.recovery_adapter_fits", fits, places=places)
