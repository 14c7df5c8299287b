from __future__ import annotations

import math
from contextlib import suppress

import pytest
from blank_rule import BLANK_RULE
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sound_base import FileOf

from diagnose.core.values import Fact, Scalar
from diagnose.rulebase.message import (
    Placeholder,
    filled,
    filled_by,
    format_value,
    in_keys,
    placeholders,
    segments,
    with_parameters,
    worded,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3070, "3070"),
        (10_000, "10000"),
        (123_456, "123456"),
        (0, "0"),
        (0.0, "0"),
        (-0.0, "0"),
        (1.190021, "1.19"),
        (0.005605, "0.005605"),
        (0.0056051, "0.005605"),
        (0.000148, "1.48e-4"),
        (0.00002, "2e-5"),
        (5e-06, "5e-6"),
        (0.001, "0.001"),
        (0.0009996, "9.996e-4"),
        (-0.000148, "-1.48e-4"),
        (2200.0, "2200"),
        (999.96, "1000"),
        (1234.56, "1235"),
        (1.5e18, "1.5e18"),
        (True, "true"),
        (False, "false"),
        ("partly dropped", "partly dropped"),
        (None, "unknown"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_a_value_is_written_as_people_write_it(value: Scalar | None, text: str) -> None:
    assert format_value(value) == text


@given(st.floats(-1e300, 1e300))
def test_a_number_keeps_four_digits(number: float) -> None:
    assert math.isclose(float(format_value(number)), number, rel_tol=6e-4, abs_tol=1e-320)


def test_a_message_is_filled_from_aliases_parameters_and_subject(
    file_of: FileOf,
) -> None:
    rule = file_of("symptom").rule
    bound = {"magnitude_high": Fact("weights.magnitude", "high", 0.00561)}
    assert worded(rule.message, rule, bound, "run") == "The weights are 0.0056, wanted 0.008; run."


def test_a_parameter_may_have_a_format(file_of: FileOf) -> None:
    rule = file_of("symptom", "{$high_magnitude_min}", "{$far_too_small:.2%}").rule
    bound = {"magnitude_high": Fact("weights.magnitude", "high", 0.00561)}
    assert worded(rule.message, rule, bound, "run") == "The weights are 0.0056, wanted 0.40%; run."


def test_doubled_braces_are_braces(file_of: FileOf) -> None:
    rule = file_of("cause", "The {subject}-noise", "{{The}} {subject}-noise").rule
    assert worded(rule.message, rule, {"size": Fact("x", "low", 2)}, "low") == "{The} low-noise expert has 2."


def test_what_is_not_bound_is_an_error(file_of: FileOf) -> None:
    rule = file_of("cause").rule
    with pytest.raises(KeyError, match="size"):
        worded(rule.message, rule, {}, "low")


def test_placeholders_come_in_order() -> None:
    found = placeholders("{a} {{b}} {c:.2f} {$d:,d}")
    assert found == [Placeholder("a", ""), Placeholder("c", ".2f"), Placeholder("$d", ",d")]


@pytest.mark.parametrize("text", ["{", "}", "{}", "{0}", "{a!r}", "{a.b}", "{a[0]}", "{a:{b}}", "{a:9999999f}", "{A}"])
def test_nothing_but_a_name_and_a_short_format_is_a_placeholder(text: str) -> None:
    with pytest.raises(ValueError, match=r"write"):
        placeholders(text)


@given(st.text(alphabet="{}a:.2f$!r[] ", max_size=12))
def test_no_message_makes_the_parser_fail_otherwise(text: str) -> None:
    with suppress(ValueError):
        assert len(placeholders(text)) <= text.count("{")
    with suppress(ValueError):
        assert sum(segment.optional for segment in segments(text)) <= text.count("[")


SIZE = Fact("x", "low", 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Too small[: {size:.1f}].", "Too small: 2.0."),
        ("Too small[ at step {step}].", "Too small."),
        ("Too small[: {size} at step {step}].", "Too small."),
        ("Too small[: {size}][ at step {step}].", "Too small: 2."),
        ("[Step {step}. ]See datasets[[0]] of {subject}.", "See datasets[0] of low."),
        ("[In datasets[[{size}]].]", "In datasets[2]."),
        ("[at least {$far_too_small}]", "at least 0.004"),
    ],
)
def test_an_optional_segment_is_left_out_where_a_value_is_unknown(file_of: FileOf, text: str, said: str) -> None:
    assert worded(text, file_of("symptom").rule, {"size": SIZE}, "low") == said


@given(st.text(alphabet="ab :.", max_size=8), st.booleans(), st.booleans())
def test_known_values_fill_all_and_no_value_leaves_the_rest(text: str, known: bool, first: bool) -> None:
    shown = f"[{text}{{size}}]" if first else f"[{{size}}{text}]"
    rest = {"size": SIZE} if known else {}
    expected = (f"{text}2" if first else f"2{text}") if known else ""
    assert worded(f"x{shown}y", BLANK_RULE, rest, "run") == f"x{expected}y"


def test_a_value_that_is_a_sentence_brings_the_full_stop() -> None:
    values = {"error": Fact("run.crash_error", "run", "No room is left.")}
    text = "It stopped[: {error}]. Then it ended."
    assert worded(text, BLANK_RULE, values, "") == "It stopped: No room is left. Then it ended."


@pytest.mark.parametrize("text", ["[", "]", "a]b", "[a", "[a[{b}]]", "[a [b] c]", "[[a]", "{a[b}]"])
def test_a_bracket_alone_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"write"):
        segments(text)


def test_a_setting_is_called_by_the_key_of_the_trainer_and_else_by_its_name(file_of: FileOf) -> None:
    rule = replace(file_of("symptom").rule, message="{key:clip.fps} [at {size} ]is odd")
    assert worded(rule.message, rule, {"size": SIZE}, "run") == "clip.fps at 2 is odd"
    called = in_keys(rule, {"clip.fps": "datasets[].fps"}.__getitem__)
    assert worded(called.message, called, {"size": SIZE}, "run") == "datasets[].fps at 2 is odd"
    assert worded(called.message, called, {}, "run") == "datasets[].fps is odd"


def test_a_placeholder_alone_is_told_from_a_name() -> None:
    assert filled_by("{subject}") == "subject"
    assert filled_by("rate.max.high") is None
    assert filled_by("{subject}.x") is None


def test_brackets_of_a_key_are_those_of_a_list(file_of: FileOf) -> None:
    assert filled("datasets[0].{size}", file_of("symptom").rule, {"size": SIZE}, "run") == "datasets[0].2"


def test_without_a_firing_the_parameters_alone_are_filled_in(file_of: FileOf) -> None:
    text = "{magnitude_high:.4f}, wanted {$high_magnitude_min:.4f}; {subject}"
    assert with_parameters(text, file_of("symptom").rule) == "{magnitude_high}, wanted 0.0080; {subject}"
