"""The greatest learning rate that the settings allow, and the key it is written under."""

from __future__ import annotations

from diagnose.facts.config.declared import AUTOMAGIC, Config
from diagnose.facts.config.effective import EffectiveRates, rate_keys
from diagnose.facts.record import Recorder

LOWER = 10
"""By how much a rate is lowered after it broke a run: the step that people try rates in."""
CEILING = "max_lr"


def record_greatest_rate(config: Config, rates: EffectiveRates | None, record: Recorder) -> None:
    """Record `effective.rate_greatest`, its key and a tenth of it: of the ceiling of automagic, else of `train.lr`.

    Nothing is recorded where the rate is no number, or where it is not known what the trainer takes of it.
    """
    if config.optimizer == AUTOMAGIC:
        keys = rate_keys(config, rates.fate) if rates is not None else frozenset()
        paths = sorted(f"train.optimizer_params.{key}" for key in keys if key.endswith(CEILING))
    else:
        paths = ["train.lr"]
    written = [(found, path) for path in paths if (found := config.finite(path)) is not None]
    if not written:
        return
    greatest, path = max(written, key=lambda item: float(item[0].value))
    record.known("effective.rate_greatest", float(greatest.value), places=[greatest.place])
    record.known("effective.rate_key", path, places=[greatest.place])
    tenth = float(f"{float(greatest.value) / LOWER:.3g}")
    record.known("effective.rate_tenth", tenth, places=[greatest.place])
