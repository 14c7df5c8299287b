"""Small parts in words."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from report_text import TITLES, lines, read

from diagnose.core.values import Notation, Place
from diagnose.report.figures import ABSENT
from diagnose.report.wording import basis, basis_in_short, change, evidence, place, setting, subject, threshold
from diagnose.rulebase.rule import ChangeOp, Param
from diagnose.verdict.judgement import Evidence
from diagnose.verdict.report import Report

ONE = Param("lr_ratio_min", 3, "", "CFG-05", 1)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (Place("log.jsonl", line=3070, key="x", step=3069), "`log.jsonl:3070`, step 3069"),
        (Place("config.yaml", key="train.steps"), "`config.yaml`, `train.steps`"),
        (Place("a.safetensors", tensor="down"), "`a.safetensors`, tensor `down`"),
        (Place("a file.db"), "`a file.db`"),
    ],
)
def test_place(where: Place, words: str) -> None:
    assert read(place(where)) == words


def test_evidence_gives_value_meaning_subject_and_place() -> None:
    item = Evidence(
        "log.lr_last", "last rate", 1.48e-4, "", "high", Place("log.jsonl", line=7), "as logged", Notation.RATE
    )
    assert read(evidence(item, TITLES)) == "**1.48e-4** · last rate, high-noise expert (as logged) · `log.jsonl:7`"
    bare = Evidence("run.crash_error", "", "KeyError: 'x'", "", "run", None)
    assert read(evidence(bare, TITLES)) == "`KeyError: 'x'` · `run.crash_error`"


def test_evidence_that_is_unknown_says_so() -> None:
    assert read(evidence(Evidence("x", "a thing", None, "steps", "run", None), TITLES)).startswith(
        "**unknown** · a thing"
    )


def test_subject() -> None:
    assert [read(subject(name, TITLES)) for name in ("run", "low", "foundation")] == [
        "",
        "low-noise expert",
        "`foundation`",
    ]


def test_basis_says_how_many_runs_stand_behind_a_threshold() -> None:
    assert lines(basis([ONE])) == ["The threshold `lr_ratio_min` = `3` comes from one reference run."]
    two = [ONE, replace(ONE, name="lr_ratio_max", value=5)]
    assert lines(basis(two)) == [
        "The thresholds `lr_ratio_min` = `3`, `lr_ratio_max` = `5` come from one reference run."
    ]
    assert lines(basis([replace(ONE, runs=4)]))[0].endswith("comes from 4 reference runs.")
    assert lines(basis([replace(ONE, runs=0)]))[0].endswith("is a judgement, not measured.")
    assert lines(basis([replace(ONE, runs=None)])) == ["Threshold taken from the trainer's code or arithmetic."]
    own = replace(ONE, value=2.5, overridden=True, replaced=3)
    assert lines(basis([own])) == ["You set `lr_ratio_min` to `2.5` instead of `3`."]
    assert lines(basis([])) == []


def test_the_least_supported_limit_is_named_in_short() -> None:
    assert basis_in_short([ONE]) == "its limit is from one reference run"
    assert basis_in_short([ONE, replace(ONE, runs=0)]) == "its limits are a judgement, not measured"
    assert basis_in_short([replace(ONE, runs=None)]) == "its limit is from the trainer's code or arithmetic"
    assert basis_in_short([replace(ONE, overridden=True)]) == ""


def test_thresholds_in_factors_and_units() -> None:
    assert read(threshold(replace(ONE, unit="x"))) == "`3` times"
    assert read(threshold(replace(ONE, value=2200, unit="steps"))) == "`2200` steps"


def test_change_in_a_line(failing: Report) -> None:
    steps, advice = failing.next.changes[2], failing.next.changes[3]
    assert read(change(steps)) == "`train.steps`: `10000` → `2200`"
    assert read(change(replace(steps, op=ChangeOp.REMOVE, new=None))) == "remove `train.steps`, now `10000`"
    assert read(change(advice)) == "Use the checkpoint of step 2100: its weight ratio is the largest."


@pytest.mark.parametrize(
    ("value", "shown"),
    [("2e-5", '`"2e-5"`'), ("100", '`"100"`'), (100, "`100`"), ("150 updates", "`150 updates`"), (None, ABSENT)],
)
def test_text_that_spells_a_number_has_quotes(value: str | int | None, shown: str) -> None:
    assert read(setting(value)) == shown
