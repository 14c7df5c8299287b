"""How long a step of training takes on a graphics card, as a band, and how long a switch between the experts takes.

A step with gradient checkpointing runs the network forwards twice and backwards once; the weights themselves need no
gradient. That is three runs of the matrices, and four and a half of the attention. Public runs that had the card to
themselves reached 34 to 78 % of what its maker states. What was never tried has no figure, and words that say why.
"""

from __future__ import annotations

from math import sqrt

from msgspec import Struct

from diagnose.core.values import GB, Place
from diagnose.facts.evidence import Evidence
from diagnose.facts.needs.passes import clips_in_a_pass, clips_of
from diagnose.facts.recorder import Recorder
from diagnose.rulebase.domain import Network
from diagnose.rulebase.graphics_cards import GraphicsCard, card_named
from diagnose.sources.environment.component import GPU
from diagnose.trainers.declared import Config
from diagnose.trainers.quantisation import offloads_layers, quantisation

MATRICES, ATTENTION = 3.0, 4.5
"""Forward runs that a step takes as long as."""
REACHED = (0.35, 0.80)
"""Share of the card's stated peak: an H200 with a batch of 16 stills reached 0.34, a 3090 on clips 0.78. The sizes of
some were assumed."""
MOST_TOKENS = 40_000
"""Of a batch; longer clips than the public points had."""
FULL = 0.95
"""Part of the card's memory from which a driver may start to spill."""
BUS = (4 * GB, 16 * GB)
"""Bytes a second between main memory and the GPU: pageable memory on PCIe 3, pinned memory on PCIe 4. An estimate."""
USUAL_BUS = sqrt(BUS[0] * BUS[1])
OVER_THE_BUS = (
    f"an estimate: both experts over a bus of {USUAL_BUS / GB:.0f} GB/s; "
    f"{BUS[0] / GB:.0f} to {BUS[1] / GB:.0f} are usual"
)
TERA = 1e12
HOUR = 3600


class StepTime(Struct, frozen=True):
    """Seconds of a step, at least and at most; `words` says what is in them, `why_not` why there is no figure."""

    least: float = 0.0
    most: float = 0.0
    words: str = ""
    why_not: str = ""


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record what a switch between the experts takes, and what a step does."""
    config, network = evidence.config, evidence.asked.yardstick.network
    if config is not None and network is not None:
        _record_switch(config, network, record)
        _record_step(evidence, config, network, record)


def _record_switch(config: Config, network: Network, record: Recorder) -> None:
    """Record `effective.switch_seconds` and `gap.switch_share`, as the log tells them, else by the sizes."""
    moved = _switch_bytes(config, network)
    if moved is None:
        return
    logged = record.number("log.switch_seconds")
    seconds, note = (logged, "as logged") if logged else (moved / USUAL_BUS, OVER_THE_BUS)
    places = [config.place("low_vram"), config.place("qtype")]
    record.known("effective.switch_seconds", seconds, places=places, note=note)
    often, pace = _switches_a_step(config), record.number("log.pace_best")
    if often and pace:
        share = min(1.0, seconds * often / pace)
        record.known("gap.switch_share", share, places=[*places, *(record.places("log.pace_best") or ())], note=note)


def _record_step(evidence: Evidence, config: Config, network: Network, record: Recorder) -> None:
    """Record the facts `machine.step_*`, `machine.hours_*`, `gap.pace_over_card`; none where the card is not known."""
    card, seen = _card(evidence)
    if card is None or not config.is_wan22_14b:
        return
    record.known("machine.card", card.name, places=seen)
    found = step_time(config, network, card, evidence.asked.machine.gpu, record)
    places = [config.place("clips"), config.place("batch_size")]
    if found.why_not:
        record.known("machine.step_unknown", found.why_not, places=places)
        return
    record.known("machine.step_unknown", "nothing", places=places)
    record.known("machine.step_least", found.least, places=places, note=found.words)
    record.known("machine.step_most", found.most, places=places, note=found.words)
    steps, logged = config.finite("steps"), record.number("log.pace_best")
    if logged is None and steps is not None and steps.value >= 1:
        record.known("machine.hours_least", steps.value * found.least / HOUR, places=[steps.place])
        record.known("machine.hours_most", steps.value * found.most / HOUR, places=[steps.place])
    if logged is not None:
        timed = record.places("log.pace_best") or ()
        record.known("gap.pace_over_card", logged / found.most, places=timed, note=found.words)


def _card(evidence: Evidence) -> tuple[GraphicsCard | None, list[Place]]:
    """Return the card that the user names, else the one that the console names, and where."""
    if evidence.asked.card is not None:
        return evidence.asked.card, []
    told = next((part for part in evidence.everything.environment if part.name == GPU), None)
    card = card_named(told.version, evidence.asked.cards.values()) if told is not None else None
    return card, [told.place] if told is not None else []


def step_time(config: Config, network: Network, card: GraphicsCard, memory: float | None, record: Recorder) -> StepTime:
    """Return how long a step takes on a card, of which the run has so many GB of memory."""
    why, batch, clips = _why_not(config, memory, record), _batch(config), _clips(config, network, record)
    if not clips or batch is None:
        why = why or "the length and the size of the clips are not known"
    elif len({tokens for tokens, _ in clips}) > 1 and any(count is None for _, count in clips):
        why = why or "the data sets have clips of several sizes, and how many of each is not known"
    elif max(tokens for tokens, _ in clips) * batch[0] > MOST_TOKENS:
        why = why or f"nothing is known of batches with more than {MOST_TOKENS:,} tokens"
    if why or batch is None:
        return StepTime(why_not=why)
    operations = batch[0] * batch[1] * _mean(clips, network)
    low, high = REACHED
    most, least = (operations / (card.bf16 * TERA * share) for share in (low, high))
    words = (
        f"{operations / TERA:,.0f} TFLOP a step at {low:.0%} to {high:.0%} of the {card.bf16:g} TFLOPS of a {card.name}"
    )
    switch = (_switch_bytes(config, network) or 0.0) * _switches_a_step(config)
    if switch:
        slow, quick = BUS
        least, most = least + switch / quick, most + switch / slow
        words += f", and {switch / GB:.1f} GB moved between main memory and the card in a step, on average"
    return StepTime(least, most, words)


def _why_not(config: Config, memory: float | None, record: Recorder) -> str:
    if not config.flag("checkpointing", default=True).value:
        return "gradient checkpointing is off, and the runs that the pace was taken from had it on"
    if offloads_layers(config).value:
        return "how long layer offloading takes was never measured"
    least, most = record.number("needs.gpu_least"), record.number("needs.gpu_most")
    if memory is not None and least is not None and most is not None and (least + most) / 2 > FULL * memory:
        return "the card may be full, and then memory spills and steps take many times as long"
    return ""


def _batch(config: Config) -> tuple[float, float] | None:
    """Return the clips of a batch, and the batches of a step."""
    found = [config.finite(name) for name in ("batch_size", "accumulation")]
    first, second = (each.value if each is not None and each.value >= 1 else None for each in found)
    return (first, second) if first is not None and second is not None else None


def _clips(config: Config, network: Network, record: Recorder) -> list[tuple[int, float | None]]:
    """Return the tokens of the clips of each data set and size, and how many of them a pass has, None if not counted.

    Nothing is returned where the size of some clips is not known.
    """
    found: list[tuple[int, float | None]] = []
    paths = config.entries("clips")
    for path in paths:
        clips = clips_of(config, path)
        if clips is None:
            return []
        # each resolution has a copy of every clip
        count = clips_in_a_pass(config, path, record) if len(paths) > 1 else 1.0
        found += [(tokens, count) for tokens in clips.tokens(network)]
    return found


def _mean(clips: list[tuple[int, float | None]], network: Network) -> float:
    """Return the operations of a step with one clip, on average over the clips."""
    token, pair = network.forward
    weights = [count if count is not None else 1.0 for _, count in clips]
    each = [MATRICES * token * tokens + ATTENTION * pair * tokens**2 for tokens, _ in clips]
    return sum(w * e for w, e in zip(weights, each, strict=True)) / max(sum(weights), 1e-9)


def _switches_a_step(config: Config) -> float:
    """Return how many switches of the expert a step has, on average."""
    turns = config.model.turns(config)
    return min(1.0, turns.accumulation / turns.switch) if turns is not None else 0.0


def _switch_bytes(config: Config, network: Network) -> float | None:
    """Return the bytes that a switch moves; None where none are moved, and where the size of an expert is not known.

    With low_vram one expert leaves the GPU's memory, and the other one comes in.
    """
    constants = config.model.footprint
    if constants is None or not config.is_wan22_14b or not config.trains_both:
        return None
    if not config.flag("low_vram", default=False).value:
        return None
    held = constants.network(network, quantisation(config))
    return 2 * held if held is not None else None
