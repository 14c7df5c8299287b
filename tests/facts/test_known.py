"""What is handed on of a run: facts by name and subject, and the evidence behind them."""

from __future__ import annotations

from run_evidence import evidence

from diagnose.core.values import Fact, Quality
from diagnose.facts.known import Known
from diagnose.facts.weights.evolution import Evolution


def known(*facts: Fact) -> Known:
    return Known(facts, evidence(), Evolution(None, (), (), None), ())


def test_a_fact_is_found_by_name_and_subject_where_its_value_is_known() -> None:
    high, low = (Fact("log.lr_last", expert, 1e-4) for expert in ("high", "low"))
    found = known(high, low, Fact("lr.ratio", "run", None, quality=Quality.UNKNOWN))
    assert found.value("log.lr_last", "low") is low
    assert found.value("lr.ratio") is None
    assert found.value("log.lr_last") is None
    assert found.by_key["lr.ratio", "run"].quality is Quality.UNKNOWN


def test_the_evidence_is_at_hand() -> None:
    found = known()
    assert found.config is found.evidence.config
    assert found.pairs is found.evidence.pairs
    assert found.targets is found.evidence.targets
    assert found.ending is found.evidence.ending
