"""The inference card: which file to load on which expert, how strongly, and what will differ from the previews.

"Good in the preview, does nothing in the workflow" has few causes, and most of them can be read off a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from msgspec import Struct

from diagnose.core.values import RUN, Scalar
from diagnose.facts.config.base_model import NOT_QUANTISED
from diagnose.facts.known import Known
from diagnose.facts.weights.pairs import Pair, in_words
from diagnose.rulebase.domain import Domain, Workflow, steps_above
from diagnose.verdict.scope import is_another_model

MOST_TESTS = 3
MOST_STEPS = 10_000
"""Of one preview; more is a typing error."""
SAME = 0.005
"""Strengths that differ by less are one."""


class CardFile(Struct, frozen=True):
    """What to load on one expert: the file and the strength to start with, None where there is none or it is unknown.

    `why` gives the reasons for both, in words.
    """

    expert: str
    file: str | None
    step: int | None
    strength: float | None
    why: str


class Previews(Struct, frozen=True):
    """How the run's previews were made; None where that is unknown. `scale`: of the LoRA. `switch`: see `Workflow`."""

    sampler: str | None
    shift: float | None
    steps: int | None
    guidance: float | None
    boundary: float | None
    switch: int | None
    frames: int | None
    fps: float | None
    scale: float | None


class Aspect(str, Enum):
    """In what the previews and the usual workflow may differ."""

    SPEED = "speed LoRA"
    STRENGTH = "strength"
    SWITCH = "switch of the experts"
    GUIDANCE = "guidance"
    STEPS = "steps"
    SAMPLER = "sampler"
    SHIFT = "shift"
    BASE = "base model"


class Difference(Struct, frozen=True):
    """One difference: what the previews had and what the workflow has, None where that says nothing.

    `set_to` is the value to set in the workflow to have what the run had.
    """

    aspect: Aspect
    previews: Scalar | None
    workflow: Scalar | None
    set_to: Scalar | None = None


class Trial(str, Enum):
    """A cheap test, by what it does."""

    LIKE_THE_PREVIEW = "render one preview again"
    OFF_AND_ON = "strength 0 against the one above"
    ONE_EXPERT = "each file alone"
    HALF_AND_MORE = "half and one and a half times the strength"


class Card(Struct, frozen=True):
    """Everything to know for using the LoRA.

    `workflow` is the usual one's name, `source` where it stands. Nothing differs where it is for another model.
    """

    workflow: str
    source: str
    files: tuple[CardFile, ...]
    previews: Previews
    differs: tuple[Difference, ...]
    tests: tuple[Trial, ...]
    none: str = ""
    """Why there is no file to use; "" where there is one."""


def card_of(known: Known, domain: Domain) -> Card | None:
    """Return the card of a run; None for another model, for one without a usual workflow, or without any save."""
    workflow = domain.workflow
    if workflow is None or is_another_model(known) or not known.evidence.pairs:
        return None
    keep = known.evolution.keep
    none = keep.nothing if keep is not None else ""
    files = () if none else tuple(_files(known, domain))
    previews = _previews(known)
    return Card(
        workflow.name,
        workflow.source,
        files,
        previews,
        tuple(_differences(known, previews, workflow)) if files and _is_for(workflow, known) else (),
        tuple(_trials(known, files))[:MOST_TESTS],
        none,
    )


def _is_for(workflow: Workflow, known: Known) -> bool:
    family = known.text("config.family")
    return family is None or family == workflow.family


def _files(known: Known, domain: Domain) -> Iterator[CardFile]:
    pair, chosen = _chosen(known)
    homes = {expert.value: home for expert, home in pair.homes.items()}
    for expert in domain.expert_names:
        if expert in homes:
            strength, why = _strength(known, expert)
            yield CardFile(expert, homes[expert], pair.step, strength, f"{chosen}; {why}")
        else:
            yield CardFile(expert, None, None, None, "this run saved no LoRA for it; leave this expert without one")


def _chosen(known: Known) -> tuple[Pair, str]:
    """Return the save to begin with, and why it is that one: the first of those to keep, else the last that may be."""
    keep = known.evolution.keep
    by_step = {pair.step: pair for pair in known.evidence.pairs}
    if keep is not None and keep.steps:
        many = len(keep.steps) > 1
        why = f"first of the candidates, {in_words(keep.steps, keep.saved)}" if many else "the save to keep"
        return by_step[keep.steps[0]], why
    against = {step for step, _ in keep.against} if keep is not None else set[int]()
    left = [pair for pair in known.evidence.pairs if pair.step not in against] or list(known.evidence.pairs)
    return left[-1], "the last save; nothing known prefers another"


def _strength(known: Known, expert: str) -> tuple[float | None, str]:
    """Return the strength to begin with, and the reasons; of a pair, each run says its own."""
    whose = expert if known.runs else RUN
    excess, scale = (known.number(f"effective.{name}", whose) for name in ("scale_excess", "training_scale"))
    if not excess:
        lead = "the strength is unknown without the config and the trainer: try 1"
    elif abs(excess - 1) < SAME:
        lead = "a loader applies it at the scale it was trained at"
    else:
        lead = f"trained and previewed at scale {scale:.3g}, which the file does not say" if scale else "another scale"
    return (1 / excess if excess else None), "; ".join([lead, *_asides(known)])


def _asides(known: Known) -> Iterator[str]:
    qtype = known.text("config.qtype")
    if known.truth("effective.ema"):
        yield "the file holds averaged weights (EMA), weaker than those in training"
    if qtype is not None and qtype != NOT_QUANTISED:
        yield f"trained on a base quantised to {qtype}, so another base may need a little more or less"


def _previews(known: Known) -> Previews:
    shift = known.number("effective.preview_shift")
    steps, boundary = known.number("config.preview_steps"), known.number("effective.boundary")
    whole = int(steps) if steps is not None and 1 <= steps < MOST_STEPS else None
    switch = None
    if shift and boundary and whole is not None:
        switch = steps_above(boundary, shift=shift, steps=whole)
    return Previews(
        sampler=known.text("effective.preview_sampler"),
        shift=shift,
        steps=whole,
        guidance=known.number("config.preview_guidance"),
        boundary=boundary,
        switch=switch,
        frames=known.count("effective.preview_frames"),
        fps=known.number("config.sample_fps"),
        scale=known.number("effective.training_scale"),
    )


def _differences(known: Known, made: Previews, workflow: Workflow) -> Iterator[Difference]:
    """Yield what differs, what matters most first; what is unknown of the previews is left out."""
    yield Difference(Aspect.SPEED, None, workflow.speed_lora)
    if made.scale is not None and abs(made.scale - 1) >= SAME:
        yield Difference(Aspect.STRENGTH, made.scale, 1.0, made.scale)
    usual = workflow.sampling
    if made.boundary is not None:
        fitting = steps_above(made.boundary, shift=usual.shift, steps=usual.steps)
        if fitting != workflow.switch:
            yield Difference(Aspect.SWITCH, made.switch, workflow.switch, fitting)
    pairs: tuple[tuple[Aspect, Scalar | None, Scalar], ...] = (
        (Aspect.GUIDANCE, made.guidance, usual.guidance),
        (Aspect.STEPS, made.steps, usual.steps),
        (Aspect.SAMPLER, made.sampler, usual.sampler),
        (Aspect.SHIFT, made.shift, usual.shift),
    )
    yield from (Difference(aspect, own, its, own) for aspect, own, its in pairs if own is not None and own != its)
    qtype = known.text("config.qtype")
    if qtype is not None:
        yield Difference(Aspect.BASE, qtype, workflow.base)


def _trials(known: Known, files: tuple[CardFile, ...]) -> Iterator[Trial]:
    if not any(each.file for each in files):
        return
    if known.truth("config.previews_made"):
        yield Trial.LIKE_THE_PREVIEW
    yield Trial.OFF_AND_ON
    if len({each.file for each in files if each.file}) > 1:
        yield Trial.ONE_EXPERT
    yield Trial.HALF_AND_MORE
