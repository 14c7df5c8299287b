"""Own updates of experts that take turns: by the log, by the settings, by the files, and which of them is believed."""

from __future__ import annotations

from alternating_experts import alternately, saves
from builders import readings

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.series import Series, build_series
from diagnose.facts.weights.updates import own_updates
from diagnose.sources.log_readings import LogRow
from diagnose.trainers.turns import Cadence

LEARNED = {Expert.HIGH: lambda n: 1e-6 * n, Expert.LOW: lambda n: 5e-7 * n}


def logged(turns: list[Expert], rows: slice = slice(None)) -> Series:
    found = build_series(readings(metrics=[LogRow(s, s + 1, loss=0.1, expert=e) for s, e in enumerate(turns)][rows]))
    assert found is not None
    return found


def test_the_log_counts_every_experts_own_steps() -> None:
    turns = alternately(801, 100)
    own = own_updates(saves(turns, 100, LEARNED), logged(turns), None, ())
    assert own.source == "the log"
    assert list(own.counts.values())[:4] == [(100, 1), (101, 100), (200, 101), (201, 200)]


def test_the_settings_count_where_the_log_is_silent_or_full_of_holes() -> None:
    turns = alternately(801, 100)
    pairs = saves(turns, 100, LEARNED)
    for series in (None, logged(turns, slice(400, None))):
        own = own_updates(pairs, series, Cadence(100, 1, rests=True), ())
        assert own.source == "the turns in the config"
        assert own.counts[400] == (201, 200)


def test_batches_count_under_accumulation() -> None:
    turns = alternately(401, 50)
    own = own_updates(saves(turns, 50, LEARNED), None, Cadence(100, 2, rests=True), ())
    assert own.source == "the turns in the config"
    assert own.counts[100] == (51, 50)


def test_a_final_save_holds_the_steps_before_its_number() -> None:
    turns = alternately(400, 100)
    own = own_updates(saves(turns, 100, LEARNED, final=True), None, Cadence(100, 1, rests=True), ())
    assert own.counts[400] == (200, 200)


def test_restarts_that_begin_with_the_high_noise_expert_are_told_by_the_files() -> None:
    turns = alternately(1201, 100, starts=[300])
    own = own_updates(saves(turns, 100, LEARNED), None, Cadence(100, 1, rests=False), [300])
    assert own.source.endswith("from each restart on")
    assert own.counts[1200] == (700, 501)


def test_a_fork_that_goes_on_where_it_was_is_told_by_the_files_too() -> None:
    own = own_updates(saves(alternately(1201, 100), 100, LEARNED), None, Cadence(100, 1, rests=True), [300])
    assert own.source == "the turns in the config"


def test_a_config_that_the_files_contradict_is_not_believed() -> None:
    pairs = saves(alternately(1201, 10), 100, LEARNED)
    own = own_updates(pairs, None, Cadence(100, 1, rests=True), ())
    assert own.source.startswith("which files changed")
    assert {high - low for high, low in own.counts.values()} == {0}


def test_the_files_alone_tell_the_turns() -> None:
    own = own_updates(saves(alternately(1201, 100), 100, LEARNED), None, None, ())
    assert own.source.startswith("which files changed")
    assert [high - low for high, low in own.counts.values()] == [100, 0] * 6


def test_an_expert_that_the_files_never_show_training_has_no_updates() -> None:
    own = own_updates(saves([Expert.HIGH] * 601, 100, LEARNED), None, None, ())
    assert own.counts[600] == (600, 0)
