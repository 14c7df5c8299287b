"""The values of the knowledge: the domain that is judged in, and recipes under the user's parameters."""

from __future__ import annotations

from diagnose.rulebase.domain import NO_DOMAIN, Domain, DomainExpert
from diagnose.rulebase.knowledge import Answer, Knowledge, Question, Recipe, cited_claims, questions_by_answer
from diagnose.rulebase.parameters import Scaling
from diagnose.rulebase.rule import Param


def param(name: str, value: float) -> Param:
    return Param(name, value, "", "", None)


def test_the_first_domain_is_judged_in() -> None:
    one, two = (Domain(name, name, (DomainExpert("high", "the high one"),)) for name in ("one", "two"))
    assert Knowledge(domains={"one": one, "two": two}).domain is one
    assert Knowledge().domain is NO_DOMAIN


def test_a_recipe_follows_the_parameters() -> None:
    scaling = Scaling(4.0, ("least", "most"), {"rate_high": 2e-5}, {"rate_low": 5e-6})
    recipe = Recipe("r", (), {"steps": 2200, "rate_high": 2e-5, "rate_low": 5e-6}, {"steps": "steps_max"}, scaling)
    params = {each.name: each for each in (param("steps_max", 3000), param("least", 3), param("most", 5))}
    assert recipe.under(params).values == {"steps": 3000, "rate_high": 2e-5, "rate_low": 5e-6}
    wider = recipe.under({**params, "least": param("least", 15), "most": param("most", 17)}).values
    assert (wider["rate_high"], wider["rate_low"]) == (4e-5, 2.5e-6), "one up and one down by the same factor"


def test_claims_are_found_within_a_text() -> None:
    assert cited_claims("CASE-03, half way between WGT-01 and UTF-8") == ["CASE-03", "WGT-01"]
    assert cited_claims("commit 64b3e52, toolkit/optimizers.py") == []


START = Question("start", "Where does it start?", (), (Answer("anew", "Anew.", ()), Answer("on", "On.", ("keep",))))
GAIN = Question("gain", "Which gains?", (), (Answer("low", "Low.", ()), Answer("high", "High.", ())))


def test_the_first_answer_that_is_given_stands() -> None:
    found = START.standing(["on", "anew", "low"])
    assert found is not None
    assert found.name == "anew"
    assert START.standing(["low"]) is None
    assert START.standing([]) is None


def test_each_answer_leads_to_its_question() -> None:
    found = questions_by_answer({"start": START, "gain": GAIN})
    assert found == {"anew": START, "on": START, "low": GAIN, "high": GAIN}
