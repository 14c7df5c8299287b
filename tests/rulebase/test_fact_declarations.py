import pytest

from diagnose.core.values import Scalar
from diagnose.rulebase.fact_declarations import FactType, is_conclusion, type_of


@pytest.mark.parametrize(
    ("value", "kind"),
    [(True, FactType.BOOL), (1, FactType.NUMBER), (1.0, FactType.NUMBER), ("true", FactType.TEXT)],
)
def test_a_truth_value_is_no_number(value: Scalar, kind: FactType) -> None:
    assert type_of(value) is kind


def test_conclusions_are_told_by_their_first_word() -> None:
    assert is_conclusion("symptom.weak")
    assert is_conclusion("cause.weak")
    assert not is_conclusion("symptoms.weak")
    assert not is_conclusion("run.cause")
