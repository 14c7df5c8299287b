"""The inference card in words."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from report_text import shown

from diagnose.report.sections.inference_card import HEADING, inference_card
from diagnose.verdict.card import Aspect, Card, CardFile, Difference, Previews, Trial
from diagnose.verdict.report import Report

CARD = Card(
    "the usual workflow",
    "x.json",
    (
        CardFile("high", "high.safetensors", 2000, 0.25, "the save to keep; the file does not say its scale"),
        CardFile("low", None, None, None, "this run saved no LoRA for it"),
    ),
    Previews("UniPC", 3.0, 25, None, 0.9, 7, 33, 16.0, 0.25),
    (
        Difference(Aspect.SPEED, None, "4-step LoRA"),
        Difference(Aspect.STRENGTH, 0.25, 1.0, 0.25),
        Difference(Aspect.SWITCH, 7, 10, 8),
        Difference(Aspect.SHIFT, 3.0, 5.0, 3.0),
        Difference(Aspect.BASE, "uint4", "fp8"),
    ),
    (Trial.LIKE_THE_PREVIEW, Trial.OFF_AND_ON, Trial.ONE_EXPERT),
)


def text(report: Report, card: Card | None) -> str:
    return "\n".join(shown(inference_card(replace(report, card=card))))


def test_each_expert_has_its_file_and_strength_and_each_reason_is_said_once(failing: Report) -> None:
    told = text(failing, CARD)
    assert "| high-noise expert | `high.safetensors` | 0.25     |" in told
    assert "| low-noise expert  | none               |          |" in told
    assert told.count("The save to keep; the file does not say its scale.") == 1
    same = tuple(replace(each, why="the save to keep") for each in CARD.files)
    assert text(failing, replace(CARD, files=same)).count("The save to keep.") == 1


def test_the_previews_are_told_with_what_is_unknown(failing: Report) -> None:
    told = text(failing, CARD)
    assert "sampler `UniPC`, shift `3`, steps `25`, boundary `0.9`, frames `33`, fps `16`" in told
    assert "the experts change after step 7 of 25." in told
    assert "Unknown of the previews: guidance." in told
    nothing = replace(CARD, previews=Previews(*[None] * 9))
    assert "Unknown of the previews: sampler, shift, steps" in text(failing, nothing)


@pytest.mark.parametrize("aspect", list(Aspect))
def test_every_difference_and_every_test_has_words(failing: Report, aspect: Aspect) -> None:
    one = replace(CARD, differs=(Difference(aspect, 0.5, 0.75, 0.5),), tests=tuple(Trial))
    assert len(text(failing, one).splitlines()) > 12


def test_what_differs_says_what_to_set(failing: Report) -> None:
    told = text(failing, CARD)
    assert "**What differs in the usual workflow:**" in told
    assert "Its 4-step LoRA is on from the start." in told
    assert "Set the strength to 0.25." in told
    assert "step 8 fits the boundary" in told
    assert "Shift: previews `3`, workflow `5`." in told
    assert "quantised to `uint4` in training, fp8 in the workflow" in told
    assert "What differs" not in text(failing, replace(CARD, differs=()))


def test_the_tests_are_numbered(failing: Report) -> None:
    told = text(failing, CARD)
    assert "1. Render one preview again (shift 3, steps 25, frames 33), without a speed LoRA." in told
    assert "2. Render at strength 0" in told
    assert "3. Load `high.safetensors` one at a time." in told


def test_a_run_without_a_file_of_use_says_so_and_one_without_a_card_nothing(failing: Report) -> None:
    told = text(failing, replace(CARD, files=(), none="every save is from after the first NaN"))
    assert told.splitlines()[0] == f"## {HEADING}"
    assert "No file of this run is of use: every save is from after the first NaN." in told
    assert text(failing, None) == ""
