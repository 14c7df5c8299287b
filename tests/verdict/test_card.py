"""The inference card, read off runs and facts."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from diagnose import Settings
from diagnose.api import understand
from diagnose.core.values import Fact, Intent, Scalar
from diagnose.facts.known import Known
from diagnose.facts.weights.keep import Keep
from diagnose.rulebase.domain import Domain
from diagnose.verdict.card import Aspect, Card, Difference, Trial, card_of


@pytest.fixture(scope="module")
def held(v17_dir: Path) -> tuple[Known, Domain]:
    found = understand(v17_dir, Settings(intent=Intent.MOTION))
    return found.known, found.base.knowledge.domain


def with_facts(known: Known, facts: dict[str, Scalar | None]) -> Known:
    others = [fact for fact in known.facts if not (fact.name in facts and fact.subject == "run")]
    return replace(
        known, facts=(*others, *(Fact(name, "run", value) for name, value in facts.items() if value is not None))
    )


def card(held: tuple[Known, Domain], keep: Keep | None = None, /, **facts: Scalar | None) -> Card:
    known = with_facts(held[0], {name.replace("__", "."): value for name, value in facts.items()})
    if keep is not None:
        known = replace(known, evolution=replace(known.evolution, keep=keep))
    found = card_of(known, held[1])
    assert found is not None
    return found


def kept(held: tuple[Known, Domain]) -> Keep:
    keep = held[0].evolution.keep
    assert keep is not None
    return keep


def aspects(found: Card) -> list[Aspect]:
    return [each.aspect for each in found.differs]


def test_the_first_save_worth_keeping_is_the_one_to_begin_with(held: tuple[Known, Domain]) -> None:
    some = replace(kept(held), steps=(1900, 2000), saved=(1900, 2000, 2100))
    files = card(held, some).files
    assert [each.expert for each in files] == ["high", "low"]
    assert {each.step for each in files} == {1900}
    assert all(each.file is not None and "000001900" in each.file for each in files)
    assert files[0].why.startswith("first of the candidates, step 1900 and 2000;")
    assert card(held, replace(some, steps=(2000,))).files[0].why.startswith("the save to keep;")


def test_without_a_choice_it_is_the_last_save_that_nothing_speaks_against(held: tuple[Known, Domain]) -> None:
    last = held[0].evidence.pairs[-1].step
    undecided = replace(kept(held), steps=(), against=((last, "whole files"),))
    assert card(held, undecided).files[0].step == max(p.step for p in held[0].evidence.pairs if p.step != last)


def test_where_no_save_is_of_use_there_is_no_file_and_no_test(held: tuple[Known, Domain]) -> None:
    found = card(held, replace(kept(held), steps=(), nothing="every save is from after the first NaN"))
    assert (found.files, found.tests, found.differs) == ((), (), ())
    assert found.none == "every save is from after the first NaN"


@pytest.mark.parametrize(
    ("excess", "scale", "strength", "words"),
    [
        (1.0, 1.0, 1.0, "a loader applies it at the scale it was trained at"),
        (4.0, 0.25, 0.25, "trained and previewed at scale 0.25, which the file does not say"),
        (None, None, None, "the strength is unknown without the config and the trainer: try 1"),
    ],
)
def test_the_strength_makes_up_for_the_scale(
    held: tuple[Known, Domain], excess: float | None, scale: float | None, strength: float | None, words: str
) -> None:
    found = card(held, effective__scale_excess=excess, effective__training_scale=scale)
    assert {each.strength for each in found.files} == {strength}
    assert words in found.files[0].why
    assert (Aspect.STRENGTH in aspects(found)) is (scale == 0.25)


def test_averages_and_a_quantised_base_are_said(held: tuple[Known, Domain]) -> None:
    plain = card(held, effective__ema=False, config__qtype="not quantised").files[0].why
    assert "EMA" not in plain
    assert "quantised" not in plain
    told = card(held, effective__ema=True, config__qtype="uint4").files[0].why
    assert "averaged weights (EMA)" in told
    assert "quantised to uint4" in told


def test_what_differs_from_the_usual_workflow_is_told_and_what_is_unknown_is_not(held: tuple[Known, Domain]) -> None:
    found = card(
        held,
        effective__boundary=0.9,
        effective__preview_sampler="UniPC",
        effective__preview_shift=3,
        config__preview_steps=20,
        config__preview_guidance=None,
        config__qtype=None,
        effective__training_scale=1.0,
    )
    assert aspects(found) == [Aspect.SPEED, Aspect.SWITCH, Aspect.SAMPLER, Aspect.SHIFT]
    assert found.differs[1] == Difference(Aspect.SWITCH, 6, 10, 8)
    assert found.previews.switch == 6
    assert (found.previews.steps, found.previews.guidance) == (20, None)


def test_a_boundary_that_the_workflow_has_is_no_difference(held: tuple[Known, Domain]) -> None:
    assert Aspect.SWITCH not in aspects(card(held, effective__boundary=0.84))
    assert Aspect.SWITCH not in aspects(card(held, effective__boundary=None))


def test_a_workflow_for_another_model_is_not_compared(held: tuple[Known, Domain]) -> None:
    assert card(held, config__family="wan22_14b").differs == ()


def test_the_three_cheapest_tests(held: tuple[Known, Domain]) -> None:
    assert card(held, config__previews_made=True).tests == (
        Trial.LIKE_THE_PREVIEW,
        Trial.OFF_AND_ON,
        Trial.ONE_EXPERT,
    )
    assert card(held, config__previews_made=False).tests == (Trial.OFF_AND_ON, Trial.ONE_EXPERT, Trial.HALF_AND_MORE)


def test_an_expert_without_a_file_is_left_without_a_lora(held: tuple[Known, Domain]) -> None:
    pairs = tuple(
        replace(
            pair,
            experts={e: m for e, m in pair.experts.items() if e.value == "high"},
            homes={e: h for e, h in pair.homes.items() if e.value == "high"},
        )
        for pair in held[0].evidence.pairs
    )
    known = with_facts(held[0], {"config.previews_made": None})
    vars(known.evidence)["pairs"] = pairs
    found = card_of(known, held[1])
    assert found is not None
    assert [(each.expert, each.file is None) for each in found.files] == [("high", False), ("low", True)]
    assert Trial.ONE_EXPERT not in found.tests


def test_another_model_and_a_run_without_saves_have_no_card(held: tuple[Known, Domain]) -> None:
    assert card_of(with_facts(held[0], {"run.another_model": True}), held[1]) is None
    assert card_of(held[0], replace(held[1], workflow=None)) is None
