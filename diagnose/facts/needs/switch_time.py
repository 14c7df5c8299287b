"""What a switch between the experts takes with low_vram: one expert leaves GPU memory, and the other one comes in."""

from __future__ import annotations

from math import sqrt

from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import Recorder
from diagnose.rulebase.domain import Network
from diagnose.trainers.declared import Config

BUS = (4e9, 16e9)
"""Bytes a second between main memory and the GPU: pageable memory on PCIe 3, pinned memory on PCIe 4. An estimate."""
NOTE = "an estimate: both experts over a bus of 8 GB/s; 4 to 16 are usual"


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record `effective.switch_seconds` and `gap.switch_share`, as the log tells them, else by the sizes."""
    config, network = evidence.config, evidence.asked.yardstick.network
    moved = switch_bytes(config, network) if config is not None and network is not None else None
    if config is None or moved is None:
        return
    logged = record.number("log.switch_seconds")
    seconds, note = (logged, "as logged") if logged else (moved / sqrt(BUS[0] * BUS[1]), NOTE)
    places = [config.place("low_vram"), config.place("qtype")]
    record.known("effective.switch_seconds", seconds, places=places, note=note)
    turns, pace = config.model.turns(config), record.number("log.pace_best")
    if turns is not None and pace:
        share = min(1.0, seconds * min(1.0, turns.accumulation / turns.switch) / pace)
        record.known("gap.switch_share", share, places=[*places, *(record.places("log.pace_best") or ())], note=note)


def switch_bytes(config: Config, network: Network) -> float | None:
    """Return the bytes that a switch moves; None where none are moved, and where the size of an expert is not known."""
    constants, kind = config.model.footprint, config.text("qtype")
    if constants is None or not config.is_wan22_14b or not config.trains_both:
        return None
    if not config.flag("low_vram", default=False).value:
        return None
    quantised = config.flag("quantized", default=False).value
    held = constants.network(network, str(kind.value).split("|")[0] if quantised and kind is not None else None)
    return 2 * held if held is not None else None
