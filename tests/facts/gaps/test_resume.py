"""What a resume did: settings that it took from optimizer.pt, an optimizer's state that was not loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from builders import CONSOLE, alternating, config_of, facts_of, readings, recorder, value
from run_evidence import evidence
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.gaps.resume import extract, trusted_rows
from diagnose.facts.log.series import build_series
from diagnose.facts.log.starts import Restarts
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_readings import (
    ConsoleReading,
    ConsoleSession,
    LogReading,
    LogRow,
    PrintedSetting,
    SessionEnd,
)

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
    trainer: str = RELAXIS,
    **train: Any,
) -> Recorder:
    config = config_of(folder, trainer, train={"optimizer": "adamw", "lr": 2e-5, **train})
    console = ConsoleReading(LogReading("log.txt", CONSOLE, ()), tuple(sessions)) if sessions else None
    record = recorder()
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
