"""What a trainer's room answers when facts ask what the trainer makes of a config; `TrainerModel` has the questions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.readings import AskedPreview
from diagnose.trainers.declared import Setting

BOUNDS = ("bump", "min", "max")
"""The rates of automagic that may be given per expert: the settings `rate.bump`, `rate.bump.high`, and so on."""


class PerExpert(str, Enum):
    """What becomes of the per-expert keys."""

    NONE = "not declared"
    IN_EFFECT = "in effect"
    DROPPED = "dropped"
    PARTLY = "partly dropped"
    IGNORED = "ignored"
    REFUSED = "refused"


class EffectiveRates(Struct, frozen=True):
    """What the optimizer works with.

    `bounds` maps expert and bound (one of `BOUNDS`) to the value in effect; empty unless the optimizer is automagic.
    `why` explains the fate of the per-expert keys, with the trainer's file and line. `taken` are the settings that
    give the rates.
    """

    fate: PerExpert
    why: str
    missing: tuple[str, ...]
    declared_ratio: float | None
    ratio: float | None
    bounds: Mapping[tuple[Expert, str], float]
    places: tuple[Place, ...]
    taken: tuple[str, ...] = ()


class Scale(Struct, frozen=True):
    """The LoRA's scale in training, and how much stronger a loader applies the saved file (1.0: the same)."""

    training: float
    excess: float
    places: tuple[Place, ...]
    why: str


class AlphaPlan(Struct, frozen=True):
    """What a schedule that the trainer reads does to alpha.

    Attributes:
        alpha: alpha of the linear modules.
        written: the setting of that alpha, None where it is the trainer's default.
        losses_needed: losses that there must be before a phase may end.
        first_phase: the name of the first phase, None without phases.
        earliest: the steps after which the first phase may end.
        asked: the setting that asks for these steps.
    """

    alpha: float
    written: Setting | None
    losses_needed: int
    first_phase: str | None
    earliest: float
    asked: Setting | None


class Timesteps(Struct, frozen=True):
    """What timesteps are drawn by.

    Attributes:
        kind: the name of the sampling.
        setting: what decides it.
        why: why that is not the setting of the sampling; "" where it is.
        starves: hardly any draw trains the high-noise expert.
        blind: it ignores the boundary between the experts.
        crash_odds: the chance that a draw ends a run of one expert alone, with a note; None where that is unknown.
    """

    kind: str
    setting: Setting
    why: str
    starves: bool
    blind: bool
    crash_odds: tuple[float, str] | None


class Previews(Struct, frozen=True):
    """The previews that a config asks for, as the trainer makes them.

    Attributes:
        made: there are any, and they are not switched off.
        first_step: the step of the first, 0 for one before any step, None where it is at the end or not known.
        first: when the first is made, in words.
        frames: the frames of the longest, as written; None where the shared setting is no number.
        lacking_picture: where the first stands that the model cannot make without a picture; None: there is none.
        negatives: the keys whose negative prompt is no text: key, what is there, place. None where it is not encoded.
        negative_when: when the negative prompt is encoded, in words.
        shared: the steps and the guidance that all of them have, each with a place; what differs is left out.
        entries: each of them in order; empty where that is not known.
        first_apart: those before the first step are others, with prompts of their own.
    """

    made: bool
    first_step: float | None
    first: str
    frames: float | None
    lacking_picture: Place | None
    negatives: tuple[tuple[str, str, Place], ...] | None
    negative_when: str
    shared: Mapping[str, tuple[float, Place]] = {}
    entries: tuple[AskedPreview, ...] = ()
    first_apart: bool = False


class MemoryUse(Struct, frozen=True):
    """What lies in memory; bytes.

    Attributes:
        weights: of the networks that lie on the GPU while it trains, of the adapters, and of the text encoder where it
            stays; each by its name in words.
        quantised: a block is unpacked to compute with it.
        loading: what the GPU holds while the models are loaded, at the most.
        main: what the main memory holds at the most; None where the trainer keeps no network there.
        unknown: why there is no figure; "" where there is one.
        offloads: layers come from main memory one after the other; what that leaves on the GPU is known at the least.
        encodes: clips are encoded, or previews decoded, beside the training.
        uncached: the data sets whose clips are encoded in every step.
        freed: what leaves the GPU while a preview is decoded.
    """

    weights: Mapping[str, float]
    quantised: bool
    loading: float
    main: float | None
    unknown: str
    encodes: bool
    offloads: bool = False
    uncached: tuple[str, ...] = ()
    freed: float = 0.0


class Refusal(Struct, frozen=True):
    """A setting that the trainer stops at: its key, why, and where its code says so."""

    key: str
    why: str
    place: Place
    source: str


class Misfit(Struct, frozen=True):
    """A value that is not what the trainer takes.

    Attributes:
        key: where it is written.
        fault: "null", "kind", "text for a number" or "text for a switch"; "part" for a section, a list or an entry of
            one, in whose place nothing can be put.
        says: what of it, in words.
        meant: the number that text stands for.
    """

    key: str
    place: Place
    fault: str
    says: str
    source: str = ""
    meant: float | None = None


class KeyFault(Struct, frozen=True):
    """A key that is "unknown" to the trainer, "ignored" by it, or "idle": nobody meant anything by it."""

    kind: str
    key: str
    says: str
    place: Place
    note: str = ""
