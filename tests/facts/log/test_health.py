from pathlib import Path

from builders import CONSOLE, config_of, facts_of, readings, recorder, value
from msgspec.structs import replace
from run_evidence import evidence

from diagnose.core.values import Place
from diagnose.facts.log.health import extract
from diagnose.facts.log.progress import how_it_ended
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, LogReading, Mention, SessionEnd
from diagnose.sources.log_rows import NO_ROWS, LogRow
from diagnose.sources.readings import CheckpointFile, RunReadings
from diagnose.sources.row_writer import rows_of
from diagnose.trainers.declared import Config


def console(*sessions: ConsoleSession) -> ConsoleReading:
    return ConsoleReading(LogReading("stdout.log", CONSOLE, NO_ROWS), sessions)


def crashed(error: str = "TypeError: no") -> ConsoleSession:
    return ConsoleSession("stdout.log", 1, 90, SessionEnd.CRASHED, last_step=12, error=error, error_line=88)


def final(step: int | None = 100) -> CheckpointFile:
    return CheckpointFile(
        "j_high_noise.safetensors", Path("j"), ("high",), step, final=True, size=1, modified=1,
        header_sha256="", tensors=(),
    )  # fmt: skip


def recorded(run: RunReadings, config: Config | None = None) -> Recorder:
    record = recorder()
    extract(evidence(config, run), record)
    return record


def test_a_crash_is_a_crash_with_its_line() -> None:
    record = recorded(readings(console=console(crashed())))
    fact = facts_of(record)["run.crash_error", "run"]
    assert fact.value == "TypeError: no"
    assert fact.places[0].line == 88
    assert value(record, "run.crashed") is True


def test_a_crash_before_a_resume_that_finished_is_none() -> None:
    later = ConsoleSession("stdout.log", 91, 200, SessionEnd.FINISHED, resumed_from=10, resume_line=95)
    record = recorded(readings(console=console(crashed(), later), checkpoints=[final()]))
    assert value(record, "run.crashed") is False
    assert value(record, "run.finished") is True
    assert value(record, "run.resumes") == 1


def test_each_start_is_shown_in_its_own_console() -> None:
    first = ConsoleSession("logs/0_log.txt", 1, 90, SessionEnd.CUT_OFF, last_step=40)
    again = ConsoleSession("log.txt", 1, 30, SessionEnd.CRASHED, 20, 5, last_step=50, error="no", error_line=29)
    rows = (LogRow(40, 80, loss=0.1, file="logs/0_log.txt"), LogRow(50, 20, loss=0.1, file="log.txt"))
    both = ConsoleReading(LogReading("log.txt", CONSOLE, rows_of("log.txt", rows)), (again, first))
    facts = facts_of(recorded(readings(console=both)))
    assert facts["run.steps_trained", "run"].places == (Place("log.txt", line=20, step=50),)
    assert facts["run.resumes", "run"].places == (Place("log.txt", line=5, step=20),)
    assert facts["run.crashed", "run"].places == (Place("logs/0_log.txt", line=90, step=40),)
    ended = how_it_ended(readings(console=ConsoleReading(both.log, (first, again))), None)
    assert (ended.words, ended.places) == ("crashed at step 50", (Place("log.txt", line=29),))


def test_without_a_console_a_crash_is_unknown() -> None:
    assert facts_of(recorded(readings(checkpoints=[final()])))["run.crashed", "run"].value is None


def timed(gap_before: int, gap: float, steps: int = 100) -> list[LogRow]:
    return [LogRow(s, s + 1, time=s * 1.0 + (gap if s >= gap_before else 0), loss=0.1) for s in range(steps)]


def test_without_times_nobody_knows_whether_the_run_was_resumed(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"steps": 100})
    rows = [LogRow(s, s + 1, loss=0.1) for s in range(100)]
    assert facts_of(recorded(readings(metrics=rows), config))["run.resumes", "run"].value is None
    assert facts_of(recorded(readings(metrics=timed(47, 5, 1)), config))["run.resumes", "run"].value is None


def test_a_run_without_a_resume_has_its_evidence(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"steps": 100})
    log = facts_of(recorded(readings(metrics=timed(47, 5)), config))["run.resumes", "run"]
    assert [(place.file, place.line) for place in log.places] == [("metrics_job.jsonl", 100)]


def test_a_console_that_shows_every_step_knows_all_starts(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"steps": 100})
    paused = timed(47, 600)
    for first, resumes in ((0, 0), (30, 1)):
        log = LogReading("stdout.log", CONSOLE, rows_of("stdout.log", timed(0, 0)[first:]))
        seen = replace(console(ConsoleSession("stdout.log", 1, 90, SessionEnd.FINISHED)), log=log)
        assert value(recorded(readings(metrics=paused, console=seen), config), "run.resumes") == resumes


def test_steps_count_from_the_last_row_or_the_last_file() -> None:
    assert value(recorded(readings(metrics=timed(0, 0))), "run.steps_trained") == 100
    assert value(recorded(readings(metrics=timed(0, 0), checkpoints=[final(140)])), "run.steps_trained") == 140


def ended(end: SessionEnd, *, whole: bool = True) -> ConsoleReading:
    return console(ConsoleSession("stdout.log", 1, 90, end, last_step=12, whole=whole))


def test_only_what_shows_no_end_may_still_be_going() -> None:
    for end, still, cut in (
        (SessionEnd.CUT_OFF, True, True),
        (SessionEnd.KILLED, False, True),
        (SessionEnd.CRASHED, False, True),
        (SessionEnd.INTERRUPTED, False, False),
        (SessionEnd.FINISHED, False, False),
    ):
        record = recorded(readings(metrics=timed(0, 0), console=ended(end)))
        assert (value(record, "run.open"), value(record, "run.cut_short")) == (still, cut), end


def test_a_log_by_itself_is_open_until_it_reaches_the_configured_steps(tmp_path: Path) -> None:
    for steps, still in ((200, True), (100, False)):
        record = recorded(readings(metrics=timed(0, 0)), config_of(tmp_path, train={"steps": steps}))
        assert value(record, "run.open") is still


def test_the_end_of_a_console_does_not_say_that_nothing_was_trained() -> None:
    assert (
        facts_of(recorded(readings(console=ended(SessionEnd.CRASHED, whole=False))))["run.steps_trained", "run"].value
        is None
    )
    assert value(recorded(readings(console=ended(SessionEnd.CRASHED))), "run.steps_trained") == 0


def test_a_run_that_went_on_after_its_first_preview_outlived_it(tmp_path: Path) -> None:
    for train, steps, outlived in (
        ({}, 2, True),
        ({}, 1, False),
        ({"skip_first_sample": True}, 60, True),
        ({"skip_first_sample": True}, 51, False),
        ({"disable_sampling": True}, 60, False),
    ):
        config = config_of(tmp_path, train={"steps": 100, **train}, sample={"prompts": ["a walk"], "sample_every": 50})
        record = recorded(readings(metrics=timed(0, 0, steps)), config)
        assert value(record, "effective.preview_outlived") is outlived, (train, steps)
    assert value(recorded(readings()), "effective.preview_outlived") is False


def test_the_saves_are_those_that_are_here_or_that_the_console_tells_of() -> None:
    told = tuple(Mention(Place("stdout.log", line=at), "saved") for at in (5, 6))
    seen = replace(console(ConsoleSession("stdout.log", 1, 90, SessionEnd.FINISHED)), saves=told)
    two = facts_of(recorded(readings(console=seen, checkpoints=[final()])))["run.saves", "run"]
    assert (two.value, two.places[0].line) == (2, 6)
    three = [replace(final(), file=f"{at}.safetensors") for at in range(3)]
    assert value(recorded(readings(console=seen, checkpoints=three)), "run.saves") == 3
    here = facts_of(recorded(readings(checkpoints=three)))["run.saves", "run"]
    assert (here.value, here.places[0].file) == (3, "2.safetensors")


def test_what_shows_a_fact_stands_beside_it(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"steps": 100}, sample={"prompts": ["a walk"], "sample_every": 50})
    paused = facts_of(recorded(readings(metrics=timed(47, 600)), config))
    assert paused["run.resumes", "run"].note == "read from the pauses between rows"
    assert paused["effective.preview_outlived", "run"].places[0].step == 99
    assert paused["run.open", "run"].places[0].step == 99
    told = facts_of(recorded(readings(console=ended(SessionEnd.CRASHED), metrics=timed(0, 0))))
    assert told["run.open", "run"].places[0].file == "stdout.log"
    none = facts_of(recorded(readings(metrics=timed(0, 0, 1)), config))["effective.preview_outlived", "run"]
    assert (none.value, none.places) == (False, ())
