"""How the base model's weights are quantised, with which adapter, and whether some of them are offloaded."""

from __future__ import annotations

from diagnose.trainers.declared import Config, Setting

STROKE = "|"
"""Between a kind of quantisation and the recovery adapter that goes with it."""


def without_adapter(qtype: str) -> str:
    """Return a kind of quantisation without the recovery adapter that may follow it."""
    return qtype.split(STROKE, 1)[0]


def kind_named(config: Config) -> str:
    """Return the kind of quantisation, whether it is used or not; "" where none is named."""
    found = config.text("qtype")
    return without_adapter(found.value) if found is not None else ""


def quantisation(config: Config) -> str | None:
    """Return how the experts are quantised, None for not at all, "" where no kind is named."""
    return kind_named(config) if config.flag("quantized", default=False).value else None


def recovery_adapter(config: Config) -> Setting | None:
    """Return the adapter that makes up for the quantisation, by its own key or within `qtype`; None: none is named."""
    own, found = config.text("recovery_adapter"), config.text("qtype")
    named = own or (found if found is not None and STROKE in found.value else None)
    return Setting(named.value.rsplit(STROKE, 1)[-1], named.place, named.written) if named is not None else None


def offloaded_share(config: Config, name: str = "layer_offloading.share") -> float:
    """Return the part of the layers that wait in main memory, of the model or of what `name` says."""
    share = config.finite(name)
    return min(1.0, max(0.0, share.value)) if offloads_layers(config).value and share is not None else 0.0


def offloads_layers(config: Config) -> Setting:
    """Return whether layers wait in main memory; auto_memory is the older key for it."""
    return config.flag("layer_offloading", default=config.flag("auto_memory", default=False).value)
