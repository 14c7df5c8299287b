from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from consoles import read_console
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnose.core.errors import DiagnoseError
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.log_readings import ConsoleReading, SessionEnd
from diagnose.sources.log_rows import NO_ROWS, ExpertSource
from diagnose.trainers.aitoolkit import FORK
from diagnose.trainers.aitoolkit.console import session as console_session
from diagnose.trainers.aitoolkit.console import transcript as console_transcript

Write = Callable[[str, str | bytes], Path]
Drawings = Callable[..., str]
Read = Callable[[str | bytes], ConsoleReading]

RULE = "#" * 45
TRACEBACK = 'Traceback (most recent call last):\n  File "run.py", line 120, in <module>\n    main()\n'


def start(job: str = "job") -> str:
    return f'Running 1 job\n{{\n    "steps": 9\n}}\n{RULE}\n# Running job: {job}\n{RULE}\n\nRunning  1 process\n'


def resumed(step: int) -> str:
    file = f"output/job/job_{step:09d}_low_noise.safetensors"
    return f"#### IMPORTANT RESUMING FROM {file} ####\nFound step {step} in metadata, starting from there\n"


def saved(step: int) -> str:
    return f"\nSaving at step {step}\nSaved checkpoint to output/job/job_{step:09d}.safetensors\n"


FINISHED = "\nSaved checkpoint to output/job/job.safetensors\nSaved optimizer to output/job/optimizer.pt\n"


@pytest.fixture
def read(write: Write, tmp_path: Path) -> Read:
    return lambda content: read_console(write("stdout.log", content), run_dir=tmp_path)


@pytest.mark.parametrize("lead", [0, 1])
def test_a_run_to_its_end(read: Read, drawings: Drawings, lead: int) -> None:
    reading = read(start() + drawings(range(12), 12, lead=lead, untold={10}) + FINISHED)
    assert reading.log.file == "stdout.log"
    assert [(row.step, row.loss, row.lr_shared) for row in reading.log.rows] == [
        (step, step / 100, 1e-4) for step in range(12)
    ]
    (session,) = reading.sessions
    assert (session.end, session.error, session.resumed_from) == (SessionEnd.FINISHED, None, None)
    assert (session.first_step, session.last_step, session.total_steps) == (0, 11, 12)
    assert (session.first_line, session.last_line) == (1, 12)
    assert reading.remarks == ()


def test_a_console_whose_bars_stand_on_lines_of_their_own(read: Read, drawings: Drawings) -> None:
    text = drawings(range(5), 9, lead=0).replace("\r", "\n")
    reading = read(start() + text)
    assert [(row.step, row.line) for row in reading.log.rows] == [(0, 12), (1, 14), (2, 16), (3, 18), (4, 20)]


def test_a_resumed_run_loses_what_was_trained_after_the_checkpoint(read: Read, drawings: Drawings) -> None:
    killed = drawings(range(10), 20, lead=0, numbers=lambda step: f"lr: 1.0e-04 loss: 1.{step}00e+00")
    line = "✓ Realigned multistage boundaries for resume:\n  Resume step: 6, Last completed: 5\n"
    again = drawings(
        [6, 7],
        20,
        lead=0,
        numbers=lambda step: f"lr: 1.0e-04 loss: 2.{step}00e+00",
        before=lambda step: line * (step == 6),
    )
    reading = read(start() + killed + start() + resumed(5) + again)
    assert [(row.step, row.loss) for row in reading.log.rows] == [
        *((step, 1 + step / 10) for step in range(6)),
        (6, 2.6),
        (7, 2.7),
    ]
    first, second = reading.sessions
    assert (first.end, first.last_step, second.end) == (SessionEnd.CUT_OFF, 9, SessionEnd.CUT_OFF)
    assert (second.resumed_from, second.first_step, second.last_step) == (5, 6, 7)
    assert second.resume_line is not None
    assert second.resume_line > second.first_line > first.first_line


def test_upstream_resumes_at_the_step_of_the_checkpoint(read: Read, drawings: Drawings) -> None:
    reading = read(
        start() + drawings(range(10), 20, lead=1) + "\n" + start() + resumed(5) + drawings([5, 6], 20, lead=1)
    )
    assert [row.step for row in reading.log.rows] == [0, 1, 2, 3, 4, 5, 6]
    assert reading.sessions[1].first_step == 5


def test_a_restart_without_a_step_keeps_the_rows(read: Read, drawings: Drawings) -> None:
    reading = read(start() + drawings(range(3), 3, lead=1) + FINISHED + start() + resumed(3) + FINISHED)
    assert [row.step for row in reading.log.rows] == [0, 1, 2]
    assert [session.end for session in reading.sessions] == [SessionEnd.FINISHED] * 2
    assert (reading.sessions[1].resumed_from, reading.sessions[1].first_step) == (3, None)


def test_a_crash_keeps_its_last_line(read: Read, drawings: Drawings) -> None:
    bars = drawings(range(3), 9, lead=1)
    error = "Error running job: no\n\nResult:\n - 1 failure\n" + TRACEBACK + "ValueError: no\nmore of it\n"
    reading = read(
        start() + bars + "\n" + error + "\rjob:   0%|  | 3/9 [00:01<00:09,  4.20it/s, lr: 1.0e-04 loss: 2.000e-02]\n"
    )
    (session,) = reading.sessions
    assert (session.end, session.error, session.error_line) == (SessionEnd.CRASHED, "ValueError: no", 18)
    assert session.last_step == 2


def test_a_chain_of_tracebacks_ends_with_its_last_error(read: Read) -> None:
    chain = TRACEBACK + "KeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n"
    reading = read(start() + chain + TRACEBACK + "torch.OutOfMemoryError: CUDA out of memory.\n")
    (session,) = reading.sessions
    assert (session.end, session.error) == (SessionEnd.CRASHED, "torch.OutOfMemoryError: CUDA out of memory.")
    assert reading.skipped_steps == ()


def test_an_error_without_a_traceback_is_a_crash(read: Read) -> None:
    (session,) = read(start() + "Error running job: no config\n").sessions
    assert (session.end, session.error) == (SessionEnd.CRASHED, "no config")


def test_a_traceback_that_training_went_on_after_is_no_crash(read: Read, drawings: Drawings) -> None:
    survived = lambda step: "\n" + TRACEBACK + "OSError: one bad clip\n" if step == 2 else ""  # noqa: E731 (short)
    (session,) = read(start() + drawings(range(5), 9, lead=1, before=survived)).sessions
    assert (session.end, session.error) == (SessionEnd.CUT_OFF, None)


@pytest.mark.parametrize(
    "stop",
    [
        TRACEBACK + "KeyboardInterrupt\n",
        "\nJob stopped\n",
        "Error running job: Job stopped\n" + TRACEBACK + "Exception: Job stopped\n",
        "Error running job: Job returning to queue\n",
    ],
)
def test_a_stop_is_no_crash(read: Read, drawings: Drawings, stop: str) -> None:
    (session,) = read(start() + drawings(range(3), 9, lead=1) + "\n" + stop).sessions
    assert (session.end, session.error) == (SessionEnd.INTERRUPTED, None)


def test_a_crash_after_the_final_checkpoint_still_shows(read: Read) -> None:
    (session,) = read(start() + FINISHED + TRACEBACK + "OSError: the hub\n").sessions
    assert (session.end, session.error) == (SessionEnd.FINISHED, "OSError: the hub")


@pytest.mark.parametrize(
    ("job", "path", "end"),
    [
        ("job", "output\\job\\job.safetensors", SessionEnd.FINISHED),
        ("job", "output/job/job_000000020.safetensors", SessionEnd.CUT_OFF),
        ("job", "output/job/job_000000020_high_noise.safetensors", SessionEnd.CUT_OFF),
        ("job_000000020", "output/job/job_000000020.safetensors", SessionEnd.FINISHED),
        ("job", "output/job/job_LoRA.safetensors", SessionEnd.FINISHED),
    ],
)
def test_the_final_checkpoint_carries_no_step(read: Read, job: str, path: str, end: SessionEnd) -> None:
    (session,) = read(start(job) + f"Saved checkpoint to {path}\n").sessions
    assert session.end is end


@pytest.mark.parametrize("lead", [0, 1])
def test_nan_losses_have_the_step_that_printed_them(read: Read, drawings: Drawings, lead: int) -> None:
    bad = {0, 1, 3, 4, 5, 6}
    numbers = lambda step: f"lr: 1.0e-04 loss: {0.0 if step in bad else step:.3e}"  # noqa: E731 (short)
    text = drawings(
        range(9), 9, lead=lead, numbers=numbers, before=lambda step: "loss is nan\n" * (step in bad), untold={4}
    )
    reading = read(start() + text)
    assert [mention.at.step for mention in reading.nan_losses] == sorted(bad)
    assert [(row.step, row.loss) for row in reading.log.rows] == [(s, 0.0 if s in bad else float(s)) for s in range(9)]


def test_skipped_batches_are_counted_with_their_steps(read: Read, drawings: Drawings) -> None:
    banner = "\n{0}\n# OOM during training step, skipping batch 1/3 #\n{0}\n".format("#" * 48)
    text = drawings([0, 1, 3, 4], 9, lead=1, before=lambda step: banner * (step == 3))
    reading = read(start() + text)
    assert [mention.at.step for mention in reading.skipped_steps] == [2]
    assert [row.step for row in reading.log.rows] == [0, 1, 3, 4]


def test_mentions(read: Read, drawings: Drawings) -> None:
    failing = drawings(range(3), 9, lead=0, before=lambda _: "Warning: Failed to write metrics: no\n")
    saved = "Saved checkpoint to output/job/job_000000020_high_noise.safetensors\n"
    reading = read(start() + failing + "\n" + saved + "x" * 400 + "\n")
    assert [(mention.at.step, mention.text) for mention in reading.saves] == [(20, saved.rstrip())]
    assert [(sign.trainer, sign.text[:33]) for sign in reading.signs] == [(FORK, "only this trainer prints “Warning")]


def test_long_mentions_are_cut(read: Read) -> None:
    reading = read(start() + "Error loading video: " + "x" * 5000 + "\n")
    assert len(reading.clip_errors[0].text) == 300


def test_mentions_beyond_the_limit_are_counted_alone(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_session, "MOST_MENTIONS", 3)
    reading = read(start() + "loss is nan\n" * 5)
    assert len(reading.nan_losses) == 3
    assert [remark.text[-30:] for remark in reading.remarks] == ["t (2 times, this is the first)"]


def test_rates_of_both_experts_name_the_expert(read: Read, drawings: Drawings) -> None:
    numbers = lambda step: f"lr0: {min(step, 4) + 1}.0e-05 lr1: {max(step - 4, 0)}.0e-05 loss: {step}.000e-01"  # noqa: E731 (short)
    rows = read(start() + drawings(range(9), 9, lead=0, numbers=numbers)).log.rows
    assert [row.expert for row in rows] == [Expert.HIGH] * 5 + [Expert.LOW] * 4
    assert rows[6].expert_source is ExpertSource.RATE
    assert [row.rates.get("low") for row in rows[:6]] == [None] * 5 + [1e-5]


def test_colours_and_cursor_movements_are_stripped(read: Read) -> None:
    reading = read(start() + "\x1b[32mError loading video: a.mp4\x1b[0m\n      \x1b[Aloss is nan\n")
    assert [mention.text for mention in reading.clip_errors] == ["a.mp4"]
    assert len(reading.nan_losses) == 1


def test_the_time_stamps_of_a_container_change_nothing(read: Read, drawings: Drawings) -> None:
    text = start() + drawings(range(4), 9, lead=1) + "\n" + TRACEBACK + "ValueError: no\n"
    stamped = "".join(f"2026-01-02T03:04:05.123456789Z {line}\n" for line in text.splitlines())
    bare, found = read(text.replace("\r", "\n")), read(stamped)
    assert (found.sessions, found.log.rows) == (bare.sessions, bare.log.rows)
    assert found.sessions[0].error == "ValueError: no"


def test_first_lines_that_come_late_start_no_second_session(read: Read, drawings: Drawings) -> None:
    # Standard output into a file is buffered, the bar on standard error is not.
    bars = drawings(range(8), 8, lead=1).split("\r")
    reading = read("\r".join(bars[:7]) + "\n" + start() + "\r" + "\r".join(bars[7:]) + FINISHED)
    (session,) = reading.sessions
    assert (session.first_step, session.last_step, session.end) == (0, 7, SessionEnd.FINISHED)
    assert len(reading.log.rows) == 8


def test_a_text_that_begins_in_the_middle_says_that_steps_may_be_off(read: Read, drawings: Drawings) -> None:
    text = drawings(range(500, 510), 900, lead=1).partition("]")[2]
    reading = read(text)
    assert [row.step for row in reading.log.rows] == list(range(500, 510))
    assert "off by one" in reading.remarks[0].text


def test_a_start_ends_a_session_whose_own_start_is_missing(read: Read, drawings: Drawings) -> None:
    text = drawings(range(500, 510), 900, lead=1).partition("]")[2]
    reading = read(text + "\n" + start() + resumed(505) + drawings(range(505, 507), 900, lead=1))
    assert [(session.first_step, session.last_step) for session in reading.sessions] == [(500, 509), (505, 506)]
    assert [row.step for row in reading.log.rows] == list(range(500, 507))


def test_another_job_in_the_same_console_is_left_out(read: Read, drawings: Drawings, tmp_path: Path) -> None:
    other = start("other") + drawings(range(4), 4, lead=1).replace("job:", "other:") + FINISHED
    own = start(tmp_path.name) + drawings(range(2), 9, lead=1) + "loss is nan\n"
    reading = read(other + own + other + "loss is nan\n")
    assert len(reading.sessions) == 1
    assert [row.step for row in reading.log.rows] == [0, 1]
    assert len(reading.nan_losses) == 1
    assert [remark.text[:20] for remark in reading.remarks] == ["another job starts h"]


def test_two_jobs_of_one_start_are_two_sessions(read: Read) -> None:
    text = f"Running 2 jobs\n# Running job: first\n{FINISHED}# Running job: second\nError running job: no\n"
    (session,) = read(text).sessions  # the last job is taken when none has the folder's name
    assert (session.first_line, session.end) == (6, SessionEnd.CRASHED)


@pytest.mark.parametrize("text", ["", "\n\n", "pip install torch\nCollecting torch\n"])
def test_a_text_without_the_trainer_has_no_sessions(read: Read, text: str) -> None:
    reading = read(text)
    assert (reading.sessions, reading.log.rows, reading.remarks) == ((), NO_ROWS, ())


def test_endless_restarts_are_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_transcript, "MOST_SESSIONS", 3)
    with pytest.raises(DiagnoseError, match=r"^stdout\.log: more starts of the trainer"):
        read(start() * 4)


def test_a_line_of_absurd_length_is_cut_with_a_remark(read: Read) -> None:
    reading = read(start() + "x" * 200_000 + "\nloss is nan\n")
    assert len(reading.nan_losses) == 1
    assert [remark.place.line for remark in reading.remarks] == [10]


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_mutation_breaks_the_reader(write: Write, tmp_path: Path, drawings: Drawings, data: st.DataObject) -> None:
    bars = drawings(range(12), 20, lead=0, untold={4}) + saved(4) + TRACEBACK + "ValueError: no\n"
    text = bytearray((start() + bars + start() + resumed(4) + drawings(range(4, 9), 20, lead=1) + FINISHED).encode())
    for _ in range(data.draw(st.integers(0, 10))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 40))] = data.draw(
            st.binary(max_size=4) | st.sampled_from([b"\r", b"\n", b"7"])
        )
    del text[data.draw(st.integers(0, len(text))) :]
    reading = read_console(write("stdout.log", bytes(text)), run_dir=tmp_path)
    steps = [row.step for row in reading.log.rows]
    assert steps == sorted(set(steps))
    assert all(step >= 0 for step in steps)
    assert all(session.first_line <= session.last_line for session in reading.sessions)


def previews(seconds: str, *, name: str = "Samples") -> str:
    drawn = f"Generating {name}: 100%|##########| 2/2 [{seconds}<00:00,  1.44s/it]"
    return f"\nGenerating {name}:   0%|          | 0/2 [00:00<?, ?it/s]\r{drawn}\r{drawn}\n"


@pytest.mark.parametrize("name", ["Samples", "Images"])
def test_a_round_of_previews_is_timed_by_its_bar(read: Read, drawings: Drawings, name: str) -> None:
    numbered = {step: previews("10:05", name=name) for step in (6,)}
    text = drawings(range(12), 12, lead=1, before=lambda step: numbered.get(step, ""))
    reading = read(start() + previews("00:30", name=name) + text + FINISHED)
    assert [(made.at.step, made.seconds) for made in reading.preview_rounds] == [(5, 605)]


def test_previews_that_broke_off_are_not_timed(read: Read, drawings: Drawings) -> None:
    broken = "\nGenerating Samples:  50%|#####     | 1/2 [05:00<05:00, 300.00s/it]\n"
    assert read(start() + drawings(range(6), 12, lead=1) + broken).preview_rounds == ()


def test_what_is_found_in_each_data_set_is_read_with_its_buckets(read: Read) -> None:
    sets = "Dataset: a/clips\n  -  Preprocessing video dimensions\n  -  Found 5 videos\n64x64x9f: 5 files\n2 buckets made\n"
    stills = "Dataset: b\n  -  Found 0 images\n  -  Found 3 images that are too small\n"
    (session,) = read(f"{start()}{sets}{stills}").sessions
    told = [(each.folder, each.files, each.clips, each.buckets) for each in session.found]
    assert told == [("a/clips", 5, True, 2), ("b", 0, False, None)]
    assert session.found[0].at.line == len(start().splitlines()) + 3


def test_weights_that_a_file_lacks_are_read_of_the_last_start(read: Read) -> None:
    said = "Some weights of UMT5EncoderModel were not initialized from the model checkpoint at m and are newly initialized: "
    assert [each.missing for each in read(f"{start()}{said}['a.b']\n").loaded] == [1]
    assert read(f"{start()}{said}['a.b']\n{start()}").loaded == ()


def test_the_last_lines_of_a_traceback_alone_are_the_end_of_a_start(read: Read) -> None:
    frame = '  File "/app/ai-toolkit/toolkit/data_loader.py", line 568, in __init__\n'
    (session,) = read(f"{frame}AssertionError: no videos found in clips\n").sessions
    assert (session.end, session.error) == (SessionEnd.CRASHED, "AssertionError: no videos found in clips")
    assert not read(f"{frame}all is well\n").sessions
