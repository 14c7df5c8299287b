from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from diagnose.rulebase.names import MAX_TEXT, MAX_WHOLE
from diagnose.rulebase.reading import spelling

SOUND = [
    (spelling.RuleId, "WGT003"),
    (spelling.RuleName, "lr-ratio-too-small"),
    (spelling.RuleName, "high2low"),
    (spelling.Word, "lr_ratio_min"),
    (spelling.FactName, "steps"),
    (spelling.FactName, "weights.low.magnitude_2"),
    (spelling.Given, "weights.magnitude"),
    (spelling.Given, "config.snr_weight@train.min_snr_gamma"),
    (spelling.Conclusion, "symptom.high_noise_too_weak"),
    (spelling.ClaimId, "WGT-01"),
    (spelling.Version, "0.10.0"),
    (spelling.AnyScalar, MAX_WHOLE),
    (spelling.AnyScalar, "x" * MAX_TEXT),
    (spelling.ScalarOrNull, None),
]
UNSOUND = [
    (spelling.RuleId, "wgt003"),
    (spelling.RuleName, "lr--ratio"),
    (spelling.RuleName, "lr_ratio"),
    (spelling.Word, "2nd"),
    (spelling.FactName, "weights.2nd"),
    (spelling.FactName, "weights..magnitude"),
    (spelling.FactName, "weights.magnitude\n"),
    (spelling.Given, "weights.magnitude@"),
    (spelling.Given, "weights.magnitude@" + "x" * 201),
    (spelling.Word, "x" * 81),
    (spelling.Given, "weights.magnitude@two words"),
    (spelling.Conclusion, "remedy.x"),
    (spelling.ClaimId, "WGT-1"),
    (spelling.Version, "0.1"),
    (spelling.AnyScalar, MAX_WHOLE + 1),
    (spelling.AnyScalar, "x" * (MAX_TEXT + 1)),
    (spelling.AnyScalar, None),
    (spelling.ScalarOrNull, []),
    (spelling.Prose, " \n"),
    (spelling.Prose, "x" * (MAX_TEXT + 1)),
    (spelling.Title, "x" * 73),
    (spelling.Sources, []),
]


@pytest.mark.parametrize(("kind", "value"), SOUND)
def test_sound_spellings_are_left_as_they_are(kind: Any, value: object) -> None:
    assert TypeAdapter(kind).validate_python(value, strict=True) == value


@pytest.mark.parametrize(("kind", "value"), UNSOUND)
def test_other_spellings_are_refused(kind: Any, value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value, strict=True)


def test_prose_loses_the_space_around_it() -> None:
    assert TypeAdapter[str](spelling.Prose).validate_python("two\nlines\n") == "two\nlines"


def test_one_source_may_stand_alone() -> None:
    assert TypeAdapter[list[str]](spelling.Sources).validate_python("WGT-01") == ["WGT-01"]
