"""Two runs that train one expert each: facts of each training by its expert, facts of the pair from both."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import DECLARATIONS
from made_pairs import write_half
from trainer_names import AI_TOOLKIT

from diagnose import Settings
from diagnose.core.errors import DiagnoseError
from diagnose.facts.known import Known
from diagnose.facts.pair import collect_pair
from diagnose.inputs import facts_of, run_inputs


def known(folder: Path) -> Known:
    return facts_of(run_inputs(folder, Settings(intent="motion", trainer=AI_TOOLKIT)))


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> tuple[Known, Known]:
    root = tmp_path_factory.mktemp("pair")
    high = write_half(root / "first", "high", rate=2e-4, steps=60)
    low = write_half(root / "second", "low", rate=5e-5, steps=80)
    return known(high), known(low)


@pytest.fixture(scope="module")
def pair(halves: tuple[Known, Known]) -> Known:
    return collect_pair(halves, DECLARATIONS)


@pytest.mark.parametrize(("expert", "steps", "rate"), [("high", 60, 2e-4), ("low", 80, 5e-5)])
def test_each_training_has_facts_of_its_own(pair: Known, expert: str, steps: int, rate: float) -> None:
    found = {name: pair.value(name, expert) for name in ("config.steps", "run.steps_trained", "config.lr")}
    assert [fact.value for fact in found.values() if fact is not None] == [steps, steps, rate]
    assert not any(pair.value(name) for name in found), "nothing of a training is of the pair"
    assert ("config.steps", "run") not in pair.by_key, "nor known to be unknown of it"


def test_a_place_says_in_which_run_it_is(pair: Known) -> None:
    for expert, folder in (("high", "first"), ("low", "second")):
        fact = pair.value("config.steps", expert)
        assert fact is not None
        assert fact.places[0].file == f"{folder}/config.yaml"


def test_what_compares_the_experts_comes_from_both(pair: Known) -> None:
    for name in ("log.lr_ratio_median", "lr.ratio", "effective.lr_ratio"):
        fact = pair.value(name)
        assert fact is not None, name
        assert fact.value == pytest.approx(4.0), name
    ratio = pair.value("weights.ratio")
    magnitudes = [pair.value("weights.magnitude", expert) for expert in ("high", "low")]
    assert ratio is not None
    assert all(magnitudes)
    together = [each for each in pair.evidence.pairs if each.ratio]
    assert [each.step for each in together] == [20, 40, 60]
    assert ratio.value == pytest.approx(together[-1].ratio)


def test_each_expert_keeps_the_facts_of_its_own_run(halves: tuple[Known, Known], pair: Known) -> None:
    for run in halves:
        expert = run.training.subject
        alone, here = (each.value("config.trains", expert) for each in (run, pair))
        assert alone is not None
        assert here is not None
        assert (alone.value, here.value) == (True, True)


def test_both_trainings_are_told(pair: Known) -> None:
    assert [(each.experts, each.steps_trained, each.steps_configured) for each in pair.trainings] == [
        (("high",), 60, 60),
        (("low",), 80, 80),
    ]
    assert [fact.value for name in ("run.trainer", "run.intent") if (fact := pair.value(name))] == [
        AI_TOOLKIT,
        "motion",
    ]


def test_the_order_in_which_they_are_given_is_no_matter(halves: tuple[Known, Known], pair: Known) -> None:
    assert collect_pair(halves[::-1], DECLARATIONS).facts == pair.facts


def test_two_runs_of_one_expert_are_no_pair(halves: tuple[Known, Known]) -> None:
    with pytest.raises(DiagnoseError, match=r"^no pair: .*first trains high; .*first trains high; give the two runs"):
        collect_pair((halves[0], halves[0]), DECLARATIONS)
