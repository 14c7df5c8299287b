"""The report's tables: figures of an expert, rows of checkpoints, and why a row is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from diagnose import Settings
from diagnose.api import understand
from diagnose.core.values import Fact, Intent, Scalar
from diagnose.facts.known import Known
from diagnose.facts.log.logged_rates import rates_at, ratio_of
from diagnose.facts.weights.keep import Keep
from diagnose.verdict.run_tables import checkpoint_rows, expert_figures, lr_ratio

EXPERTS = ("high", "low")


@pytest.fixture(scope="module")
def known(v17_dir: Path) -> Known:
    return understand(v17_dir, Settings(intent=Intent.MOTION)).known


def with_fact(known: Known, name: str, value: Scalar | None, subject: str = "run") -> Known:
    others = [fact for fact in known.facts if fact.key != (name, subject)]
    return replace(known, facts=(*others, Fact(name, subject, value)))


def test_the_growth_of_an_expert_is_a_fraction(known: Known) -> None:
    trajectory = known.evolution.trajectory
    assert trajectory is not None
    assert expert_figures(known, "high").growth == trajectory.growth["high"]
    percent = known.value("weights.growth", "high")
    assert percent is not None
    assert percent.value == pytest.approx(100 * trajectory.growth["high"])
    assert expert_figures(known, "nobody").growth is None
    assert expert_figures(known, "nobody").batches is None


def test_a_row_has_each_experts_figures_by_name_and_the_rates_of_its_step(known: Known) -> None:
    rows = checkpoint_rows(known, EXPERTS)
    assert [row.step for row in rows] == [pair.step for pair in known.evidence.pairs]
    for row, pair in zip(rows, known.evidence.pairs, strict=True):
        assert tuple(row.magnitude) == tuple(row.update_norm) == tuple(row.lr) == EXPERTS
        assert row.weight_ratio == pair.ratio
        if known.evidence.series is not None:
            assert row.lr_ratio == ratio_of(rates_at(known.evidence.series, pair.step))
    alone = checkpoint_rows(known, ("other",))
    assert {row.magnitude["other"] for row in alone} == {None}


def test_the_largest_ratio_is_marked_and_best(known: Known) -> None:
    step = known.evidence.pairs[1].step
    rows = checkpoint_rows(
        with_fact(with_fact(known, "weights.ratio_best_step", step), "weights.late_from", step), EXPERTS
    )
    assert [row.step for row in rows if row.best] == [step]
    assert {row.mark for row in rows if row.step == step} == {"largest ratio"}


def test_a_row_says_what_decided_whether_it_is_kept(known: Known) -> None:
    first, second, *_ = (pair.step for pair in known.evidence.pairs)

    def rows(choice: Keep | None) -> dict[int | None, tuple[bool | None, str]]:
        found = replace(known, evolution=replace(known.evolution, keep=choice))
        return {row.step: (row.keep, row.why) for row in checkpoint_rows(found, EXPERTS)}

    assert set(rows(None).values()) == {(None, "nothing known prefers it to another")}
    kept = rows(Keep((first,), ((second, "loss"),), (), (), ""))
    assert kept[first] == (True, "equal to the best by all criteria")
    assert kept[second] == (False, "left out by: loss")
    assert rows(Keep((), (), (), (), "no save is of use"))[first] == (None, "nothing known prefers it to another")


def test_the_ratio_is_told_as_declared_as_taken_and_as_seen(known: Known) -> None:
    names = ("effective.lr_ratio_declared", "effective.lr_ratio", "log.lr_ratio_last", "log.lr_ratio_median")
    found = known
    for index, name in enumerate(names):
        found = with_fact(found, name, index + 1)
    ratio = lr_ratio(found)
    assert (ratio.declared, ratio.effective, ratio.observed_last, ratio.observed_median) == (1, 2, 3, 4)
