"""Where the two experts, their adapters and the text encoder lie while the trainer loads, and while it trains.

Both experts are loaded, whichever is trained. With low_vram one waits in main memory. With a recovery adapter both are
quantised when both are loaded (wan22_14b_model.py:245-366). The text encoder stays on the GPU unless its texts are
cached or it is unloaded (SDTrainer.py:351). Layers are offloaded when both experts are loaded, adapters with them
(toolkit/memory_management). With low_vram both experts leave the GPU before a preview is decoded (wan22_pipeline.py).
The autoencoder stays there unless all latents are cached (SDTrainer.py:311-318).
"""

from __future__ import annotations

from diagnose.rulebase.domain import Network
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.aitoolkit.preview_entries import makes_previews
from diagnose.trainers.answers import MemoryUse
from diagnose.trainers.declared import Config
from diagnose.trainers.footprint import HALF
from diagnose.trainers.quantisation import kind_named, offloaded_share, quantisation, recovery_adapter

EXPERTS = 2
ENCODER, AUTOENCODER = "text encoder", "autoencoder"
ENCODER_SHARE = "layer_offloading.encoder_share"


def memory_use(trainer: AiToolkitModel, config: Config, network: Network) -> MemoryUse | None:
    """Return what lies in the GPU's memory and in the main memory; None for another model."""
    constants = trainer.footprint
    if constants is None or not config.is_wan22_14b:
        return None
    qtype = quantisation(config)
    adapter = qtype is not None and recovery_adapter(config) is not None
    unpacked, packed = HALF * network.parameters, constants.network(network, qtype)
    if packed is None:
        why = f"how large {qtype} weights are is not known"
        return MemoryUse({}, quantised=True, loading=0, main=None, unknown=why, encodes=True)
    low_vram = bool(config.flag("low_vram", default=False).value)
    left = packed * (1 - offloaded_share(config))
    weights = _weights(trainer, config, network, left, low_vram=low_vram)
    if adapter:
        weights["recovery adapters"] = constants.adapter * (1 - offloaded_share(config)) * (1 if low_vram else EXPERTS)
    uncached = _uncached(config)
    if uncached:
        weights[AUTOENCODER] = HALF * network.autoencoder
    full = HALF * network.text_encoder
    both = EXPERTS * unpacked if qtype is None or adapter else packed + unpacked
    loaded = EXPERTS * left + full  # the text encoder comes last, and is quantised on the GPU
    return MemoryUse(
        weights,
        qtype is not None,
        full if low_vram else max(both, loaded),
        both if low_vram else None,
        "",
        bool(uncached) or makes_previews(config),
        offloaded_share(config) > 0 or (ENCODER in weights and offloaded_share(config, ENCODER_SHARE) > 0),
        uncached,
        sum(size for name, size in weights.items() if name not in {ENCODER, AUTOENCODER}) if low_vram else 0.0,
    )


def _weights(
    trainer: AiToolkitModel, config: Config, network: Network, packed: float, *, low_vram: bool
) -> dict[str, float]:
    weights = {"weights of one expert": packed} if low_vram else {"weights of both experts": EXPERTS * packed}
    cached = [config.flag("cache_text", default=False), config.flag("unload_text_encoder", default=False)]
    cached += [config.flag("clip.cache_text", path, default=False) for path in config.entries("clips")]
    if trainer.footprint is not None and not any(each.value for each in cached):
        model = config.flag("quantized", default=False)
        own = config.flag("quantized.encoder", default=bool(model.value))
        # quantised as the model's key says, not as its own (wan21.py:434)
        kind = kind_named(config) if own.value else None
        share = offloaded_share(config, ENCODER_SHARE)
        weights[ENCODER] = trainer.footprint.encoder(network, kind, share) or HALF * network.text_encoder
    return weights


def _uncached(config: Config) -> tuple[str, ...]:
    """Return the data sets whose latents are not cached."""
    names = ("clip.cache_latents", "clip.cache_latents_to_disk")
    return tuple(
        path for path in config.entries("clips") if not any(config.setting(name, path).value for name in names)
    )
