"""What a resume did: settings that it took from optimizer.pt, an optimizer's state that was not loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from builders import CONSOLE, alternating, config_of, facts_of, readings, recorder, value
from msgspec.structs import replace
from run_evidence import evidence
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.gaps.resume import extract, trusted_rows
from diagnose.facts.log.series import build_series
from diagnose.facts.log.starts import Restarts
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, LogReading, PrintedSetting, SessionEnd
from diagnose.sources.log_rows import NO_ROWS, LogRow

FIRST = ConsoleSession("log.txt", 1, 90, SessionEnd.INTERRUPTED, first_step=0, last_step=40)


def resumed(*, loaded: bool | None, line: int = 95, **settings: Any) -> ConsoleSession:
    printed = {path.replace("__", "."): PrintedSetting(value, 100) for path, value in settings.items()}
    return ConsoleSession(
        "log.txt", 91, 200, SessionEnd.FINISHED, resumed_from=40, resume_line=line, first_step=41, last_step=60,
        optimizer_loaded=loaded, settings=printed,
    )  # fmt: skip


def started(**settings: Any) -> ConsoleSession:
    printed = {path.replace("__", "."): PrintedSetting(value, 10) for path, value in settings.items()}
    return ConsoleSession("log.txt", 1, 90, SessionEnd.INTERRUPTED, first_step=0, last_step=40, settings=printed)


def recorded(
    folder: Path,
    *,
    sessions: Sequence[ConsoleSession] = (),
    rows: Sequence[LogRow] = (),
    starts: Sequence[int] = (41,),
    trainer: str | None = RELAXIS,
    resumes: int | None = None,
    **train: Any,
) -> Recorder:
    config = config_of(folder, trainer or RELAXIS, train={"optimizer": "adamw", "lr": 2e-5, **train})
    console = ConsoleReading(LogReading("log.txt", CONSOLE, NO_ROWS), tuple(sessions)) if sessions else None
    record = recorder()
    if resumes is not None:
        record.known("run.resumes", resumes)
    known = Restarts(tuple(starts), ())
    extract(evidence(config, readings(metrics=rows, console=console), trainer=trainer, restarts=known), record)
    return record


@pytest.mark.parametrize(
    ("loaded", "lost", "why"),
    [(True, 0, None), (False, 1, "could not be read"), (None, 1, "there was none, or the network had changed")],
)
def test_the_console_tells_whether_the_state_was_loaded(
    tmp_path: Path, loaded: bool | None, lost: int, why: str
) -> None:
    facts = facts_of(recorded(tmp_path, sessions=[FIRST, resumed(loaded=loaded)]))
    assert facts["resume.states_lost", "run"].value == lost
    assert facts["resume.states_lost", "run"].places[0].line == 95
    assert (why or "None") in str(facts["resume.state_why", "run"].value)


def rates(high: float, low: float, start: int = 41, after: float = 1.2e-5) -> list[LogRow]:
    """A log in which the rates climb to these, and stand at `after` from the start on."""

    def row(step: int, expert: Expert) -> LogRow:
        share = step / start
        climbed = (1.5e-5 + share * (high - 1.5e-5), 1.5e-5 + share * (low - 1.5e-5))
        now = climbed if step < start else (after, after)
        return LogRow(step, step + 1, loss=0.1, expert=expert, rates={"high": now[0], "low": now[1]})

    return alternating(80, 10, row)


def test_rates_that_fall_back_to_their_start_tell_it_without_a_console(tmp_path: Path) -> None:
    for after, lost in ((1.2e-5, 1), (1.0e-4, 0)):
        record = recorded(tmp_path, rows=rates(2e-4, 1e-4, after=after), optimizer="automagic")
        assert value(record, "resume.states_lost") == lost


def test_a_run_that_was_never_resumed_lost_nothing(tmp_path: Path) -> None:
    record = recorded(tmp_path, sessions=[FIRST], starts=())
    assert value(record, "resume.states_lost") == 0


def test_the_fork_keeps_the_rate_of_the_file(tmp_path: Path) -> None:
    sessions = [started(train__lr=1e-4, train__steps=40), resumed(loaded=True, train__lr=2e-5, train__steps=80)]
    for trainer, kept in ((RELAXIS, True), (AI_TOOLKIT, False)):
        record = recorded(tmp_path, sessions=sessions, trainer=trainer)
        facts = facts_of(record)
        assert (facts["resume.before", "train.lr"].value, facts["resume.now", "train.lr"].value) == ("1e-4", "2e-5")
        assert facts["resume.kept", "train.lr"].value is kept
        assert facts["resume.now", "train.lr"].places == (Place("log.txt", line=100), Place("log.txt", line=10))
        assert ("resume.now", "train.steps") not in facts


def test_without_the_optimizers_state_the_config_is_in_effect(tmp_path: Path) -> None:
    sessions = [started(train__lr=1e-4), resumed(loaded=False, train__lr=2e-5)]
    assert facts_of(recorded(tmp_path, sessions=sessions))["resume.kept", "train.lr"].value is False


def test_the_log_tells_which_rate_went_on(tmp_path: Path) -> None:
    for after, kept in ((1e-4, True), (2e-5, False)):
        rows = [LogRow(s, s + 1, loss=0.1, lr_shared=1e-4 if s < 41 else after) for s in range(60)]
        facts = facts_of(recorded(tmp_path, rows=rows))
        assert facts["resume.kept", "train.lr"].value is kept
        assert facts["resume.before", "train.lr"].value == "1e-4"


def test_an_unchanged_rate_is_no_change(tmp_path: Path) -> None:
    rows = [LogRow(s, s + 1, loss=0.1, lr_shared=2e-5) for s in range(60)]
    assert ("resume.now", "train.lr") not in facts_of(recorded(tmp_path, rows=rows))


def test_after_a_resume_of_a_faulty_version_the_log_is_not_trusted() -> None:
    series = build_series(readings(metrics=rates(2e-4, 1e-4)))
    assert series is not None
    sound, faulty = recorder(), recorder()
    faulty.known("trainer.old_fault_on_resume", "the experts may be mixed", subject="resumed-labels")
    resumed_once = evidence(series=series, restarts=Restarts((41,), ()))
    assert trusted_rows(resumed_once, sound) is series
    trusted = trusted_rows(resumed_once, faulty)
    assert trusted is not None
    assert trusted.rows[-1].step == 40


def adapted(*steps: tuple[int, float]) -> list[LogRow]:
    """A log of the high-noise expert's rate at these steps."""
    return [LogRow(step, step + 1, loss=0.1, expert=Expert.HIGH, rates={"high": rate}) for step, rate in steps]


@pytest.mark.parametrize(
    ("rows", "lost"),
    [
        (adapted((0, 1.0), (40, 1.5), (41, 1.0)), 1),
        (adapted((0, 1.0), (40, 1.49), (41, 1.0)), 0),
        (adapted((0, 1.0), (40, 2.0), (41, 1.1)), 1),
        (adapted((0, 1.0), (40, 2.0), (41, 1.11)), 0),
        (adapted((0, 1.0), (40, 2.0), (41, 1.0), (42, 2.0)), 1),
        (adapted((0, 1.0), (40, 1.0), (41, 2.0), (42, 1.0)), 0),
        (adapted((0, 1.0), (40, 2.0)), None),
        ([], None),
    ],
)
def test_a_rate_that_fell_by_a_third_to_where_it_began_was_started_anew(
    tmp_path: Path, rows: list[LogRow], lost: int | None
) -> None:
    assert value(recorded(tmp_path, rows=rows, optimizer="automagic"), "resume.states_lost") == lost


def test_a_rate_of_both_experts_tells_nothing_of_either(tmp_path: Path) -> None:
    rows = [LogRow(s, s + 1, loss=0.1, expert=Expert.HIGH, lr_shared=2.0 if 0 < s < 41 else 1.0) for s in range(60)]
    assert value(recorded(tmp_path, rows=rows, optimizer="automagic"), "resume.states_lost") is None


def test_a_console_whose_beginning_is_missing_does_not_tell_that_nothing_was_loaded(tmp_path: Path) -> None:
    for whole, lost in ((True, 1), (False, None)):
        session = replace(resumed(loaded=None), whole=whole)
        assert value(recorded(tmp_path, sessions=[FIRST, session]), "resume.states_lost") == lost
    unread = replace(resumed(loaded=False), whole=False)
    assert value(recorded(tmp_path, sessions=[FIRST, unread]), "resume.states_lost") == 1


@pytest.mark.parametrize(("resumes", "lost", "changed"), [(0, 0, "none"), (1, None, None), (None, None, None)])
def test_a_run_that_is_known_to_have_no_resume_changed_and_lost_nothing(
    tmp_path: Path, resumes: int | None, lost: int | None, changed: str | None
) -> None:
    record = recorded(tmp_path, starts=(), resumes=resumes)
    assert value(record, "resume.states_lost") == lost
    found = record.get("resume.now", "none")
    assert (found.value if found is not None else None) == changed


def test_what_one_start_printed_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    for sessions, told in (
        ([started(train__lr=2e-5), resumed(loaded=True, train__lr=2e-5)], True),
        ([FIRST, resumed(loaded=True, train__lr=2e-5)], False),
        ([started(train__lr=2e-5)], False),
    ):
        record = recorded(tmp_path, sessions=sessions)
        assert (record.get("resume.now", "none") is not None) is told


def test_where_something_changed_it_is_not_said_that_nothing_did(tmp_path: Path) -> None:
    sessions = [started(train__lr=1e-4), resumed(loaded=True, train__lr=2e-5)]
    assert recorded(tmp_path, sessions=sessions).get("resume.now", "none") is None


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [(99, 99, None), (98.9, 98.9, True), (50, 50.5, True), (50, 51, None), (50, 99, False), (50, 98.9, None)],
)
def test_rates_within_a_hundredth_are_the_same(
    tmp_path: Path, before: float, after: float, *, kept: bool | None
) -> None:
    shown = [before] * 41 + [after] + [100.0] * 9
    rows = [LogRow(s, s + 1, loss=0.1, lr_shared=rate) for s, rate in enumerate(shown)]
    fact = recorded(tmp_path, rows=rows, lr=100.0).get("resume.kept", "train.lr")
    assert (fact.value if fact is not None else None) is kept


def test_nothing_is_told_without_config_or_trainer(tmp_path: Path) -> None:
    assert recorded(tmp_path, sessions=[FIRST], trainer=None).get("resume.states_lost") is None
    record = recorder()
    extract(evidence(None, readings(), restarts=Restarts((41,), ())), record)
    assert not record.recorded


def test_where_neither_console_nor_rates_tell_it_is_unknown_whether_the_state_was_lost(tmp_path: Path) -> None:
    rows = [LogRow(s, s + 1, loss=0.1, lr_shared=2e-5) for s in range(60)]
    for resumes in (1, None):
        fact = facts_of(recorded(tmp_path, rows=rows, resumes=resumes))["resume.states_lost", "run"]
        assert not fact.known
        assert "no console" in fact.note
