"""The inference card: where the files go, how the previews were made, what differs elsewhere, the cheapest tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from diagnose.facts.config.base_model import NOT_QUANTISED
from diagnose.report.blocks import Block, heading, items, paragraph, table
from diagnose.report.figures import Kind, exact, figure
from diagnose.report.spans import Line, capital, code, join, line, sentence, strong
from diagnose.verdict.card import Aspect, Card, Difference, Previews, Trial
from diagnose.verdict.report import Report

HEADING = "Use the LoRA"


def inference_card(report: Report) -> list[Block]:
    """Say how to use what this run saved; nothing where there is no save or no usual workflow."""
    card = report.card
    if card is None:
        return []
    if card.none:
        return [heading(2, HEADING), paragraph("No file of this run is of use: ", sentence(card.none))]
    return [
        heading(2, HEADING),
        *_files(card, report),
        paragraph(_previews(card.previews)),
        *([paragraph(strong(f"What differs in {card.workflow}:"))] if card.differs else []),
        *items(_DIFFERS[each.aspect](each) for each in card.differs),
        paragraph(strong("Quickest checks"), ", one seed and one start image for all:"),
        *items((_TRIALS[each](card) for each in card.tests), numbered=True),
    ]


def _files(card: Card, report: Report) -> list[Block]:
    """Return the files as a table, and under it the reasons, each once."""
    rows = [
        [
            line(report.titles.get(each.expert, each.expert)),
            code(each.file) if each.file is not None else line("none"),
            line("" if each.file is None else figure(each.strength, Kind.RATIO)),
        ]
        for each in card.files
    ]
    reasons = dict.fromkeys(each.why for each in card.files)
    return [table(("Load on", "File", "Strength"), rows), paragraph(join(" ", map(capital, reasons)))]


def _previews(made: Previews) -> Line:
    """Say how the previews were made; what is unknown is said together."""
    told: Mapping[str, str | None] = {
        "sampler": made.sampler,
        "shift": _value(made.shift),
        "steps": _value(made.steps),
        "guidance": _value(made.guidance),
        "boundary": _value(made.boundary),
        "frames": _value(made.frames),
        "fps": _value(made.fps),
    }
    known = [line(f"{name} ", code(value)) for name, value in told.items() if value is not None]
    unknown = [name for name, value in told.items() if value is None]
    switch = f"; the experts change after step {made.switch} of {made.steps}" if made.switch is not None else ""
    return join(
        " ",
        [
            line(strong("The previews:"), " ", join(", ", known), f"{switch}.") if known else (),
            line(f"Unknown of the previews: {', '.join(unknown)}.") if unknown else (),
        ],
    )


def _value(number: float | None) -> str | None:
    return None if number is None else exact(number)


def _speed(one: Difference) -> Line:
    why = "The previews had none, and it often makes motion weaker"
    return line(f"Its {one.workflow} is on from the start. {why}. Turn it off for the first test.")


def _scale(one: Difference) -> Line:
    own = exact(one.previews)
    return line(f"The previews had the LoRA at {own}; a loader applies the file at 1. Set the strength to {own}.")


def _switch(one: Difference) -> Line:
    fit = f"With its own steps and shift, step {one.set_to} fits the boundary that the experts were trained for"
    return line(f"It changes experts after step {one.workflow}. {fit}: set the end of the first sampler to it.")


def _plain(name: str) -> Callable[[Difference], Line]:
    def words(one: Difference) -> Line:
        own, its = (exact(each) for each in (one.previews, one.workflow))
        return line(f"{name}: previews ", code(own), ", workflow ", code(its), ".")

    return words


def _base(one: Difference) -> Line:
    trained = line("quantised to ", code(str(one.previews))) if one.previews != NOT_QUANTISED else line(NOT_QUANTISED)
    return line("Base model: ", trained, f" in training, {one.workflow} in the workflow. Expect small changes.")


_DIFFERS: Mapping[Aspect, Callable[[Difference], Line]] = {
    Aspect.SPEED: _speed,
    Aspect.STRENGTH: _scale,
    Aspect.SWITCH: _switch,
    Aspect.GUIDANCE: _plain("Guidance (CFG)"),
    Aspect.STEPS: _plain("Steps"),
    Aspect.SAMPLER: _plain("Sampler"),
    Aspect.SHIFT: _plain("Shift"),
    Aspect.BASE: _base,
}


def _again(card: Card) -> Line:
    made = card.previews
    told = {"shift": made.shift, "steps": made.steps, "CFG": made.guidance, "frames": made.frames}
    parts = [f"{name} {exact(value)}" for name, value in told.items() if value is not None]
    how = f" ({', '.join(parts)})" if parts else ""
    fine = "If it moves as the preview did, the files are fine"
    return line(f"Render one preview again{how}, without a speed LoRA. {fine}.")


def _off_and_on(_: Card) -> Line:
    return line(
        "Render at strength 0, then at the strength above. If the two are the same, the file is not loaded on that "
        "expert: look for `lora key not loaded` in the console."
    )


def _one_expert(card: Card) -> Line:
    names = join(" and ", [code(each.file) for each in card.files if each.file is not None])
    return line("Load ", names, " one at a time. The one that changes nothing is not applied, or learned nothing.")


def _half_and_more(_: Card) -> Line:
    return line("Render at half and at one and a half times the strength. The effect must grow.")


_TRIALS: Mapping[Trial, Callable[[Card], Line]] = {
    Trial.LIKE_THE_PREVIEW: _again,
    Trial.OFF_AND_ON: _off_and_on,
    Trial.ONE_EXPERT: _one_expert,
    Trial.HALF_AND_MORE: _half_and_more,
}
