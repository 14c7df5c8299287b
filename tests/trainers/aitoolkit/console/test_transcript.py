"""The consoles of the real runs, held against what the same runs logged elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from consoles import read_console

from diagnose.sources.log_readings import ConsoleReading, SessionEnd
from diagnose.trainers.aitoolkit import FORK, UPSTREAM
from diagnose.trainers.aitoolkit.console.transcript import read_transcript, without_copies
from diagnose.trainers.aitoolkit.loss_database import read_loss_db
from diagnose.trainers.aitoolkit.metrics_log import read_metrics

FINISHED, CRASHED = SessionEnd.FINISHED, SessionEnd.CRASHED
INTERRUPTED, CUT_OFF = SessionEnd.INTERRUPTED, SessionEnd.CUT_OFF


def console(real: Path, name: str) -> ConsoleReading:
    return read_console(real / name / "stdout.log", run_dir=real / name)


def loss_by_step(reading: ConsoleReading) -> dict[int, str]:
    return {row.step: f"{row.loss:.3e}" for row in reading.log.rows}


@pytest.mark.parametrize("name", ["a_ratio135", "b_bump4x", "c2_resume_sigint", "e_adamw", "g_no_base_bump", "i_nan"])
def test_every_step_of_the_fork_agrees_with_its_metrics_file(real: Path, name: str) -> None:
    run = real / f"fork-{name}"
    logged = read_metrics(run / f"metrics_{name}.jsonl", run_dir=run).rows
    reading = console(real, f"fork-{name}")
    assert loss_by_step(reading) == {row.step: f"{row.loss:.3e}" for row in logged}
    experts = {row.step: row.expert for row in logged}
    assert all(row.expert in {None, experts[row.step]} for row in reading.log.rows)
    if name in {"a_ratio135", "b_bump4x", "c2_resume_sigint", "g_no_base_bump"}:
        assert all(row.expert is not None for row in reading.log.rows)


def test_every_step_of_upstream_agrees_with_its_database(real: Path) -> None:
    trained_again = {"main-o_a_automagic": set(), "main-o_c_resume": {40, 80}}  # not logged the second time
    for name, again in trained_again.items():
        logged = read_loss_db(real / name / "loss_log.db", run_dir=real / name).rows
        shown = loss_by_step(console(real, name))
        assert {row.step for row in logged if f"{row.loss:.3e}" != shown[row.step]} == again
        assert set(shown) - {row.step for row in logged} == {0}


@pytest.mark.parametrize(
    ("name", "ends", "resumed", "steps"),
    [
        (
            "fork-c2_resume_sigint",
            [INTERRUPTED, CUT_OFF, FINISHED],
            [None, 40, 80],
            [(0, 53), (41, 97), (81, 159)],
        ),
        ("main-o_c_resume", [INTERRUPTED, CUT_OFF, FINISHED], [None, 40, 80], [(0, 54), (40, 97), (80, 159)]),
        ("fork-d_high_only", [FINISHED], [None], [(0, 159)]),
        ("fork-f_min_snr_gamma", [CRASHED], [None], [(None, None)]),
        ("main-o_b_high_noise_params", [CRASHED], [None], [(None, None)]),
        ("main-o_j_nologging", [FINISHED], [None], [(0, 39)]),
    ],
)
def test_sessions(
    real: Path,
    name: str,
    ends: list[SessionEnd],
    resumed: list[int | None],
    steps: list[tuple[int | None, int | None]],
) -> None:
    sessions = console(real, name).sessions
    assert [session.end for session in sessions] == ends
    assert [session.resumed_from for session in sessions] == resumed
    assert [(session.first_step, session.last_step) for session in sessions] == steps


def test_errors_stand_where_they_are_said_to(real: Path) -> None:
    for name, error in {
        "fork-e2_adamw_high_noise_params": "TypeError: AdamW.__init__() got an unexpected keyword",
        "fork-f_min_snr_gamma": "AttributeError: 'CustomFlowMatchEulerDiscreteScheduler' object",
        "main-o_f_min_snr_gamma": "AttributeError: 'CustomFlowMatchEulerDiscreteScheduler' object",
    }.items():
        (session,) = console(real, name).sessions
        assert session.error is not None
        assert session.error_line is not None
        assert session.error.startswith(error)
        lines = (real / name / "stdout.log").read_text().split("\n")
        assert lines[session.error_line - 1] == session.error


def test_nan_losses_are_the_zero_losses_of_the_metrics_file(real: Path) -> None:
    run = real / "fork-i_nan"
    rows = read_metrics(run / "metrics_i_nan.jsonl", run_dir=run).rows
    mentions = console(real, "fork-i_nan").nan_losses
    assert [mention.at.step for mention in mentions] == [row.step for row in rows if row.loss == 0]
    assert len(mentions) == 38


def test_marks_tell_the_trainers_apart(real: Path) -> None:
    for run in sorted(real.iterdir()):
        reading = console(real, run.name)
        told = {sign.trainer for sign in reading.signs}
        assert told in ([{FORK}] if run.name.startswith("fork-") else [{UPSTREAM}, set()]), run.name


def test_only_upstreams_automagic_refuses_the_keys(write: Write, tmp_path: Path) -> None:
    for optimizer, told in (("Automagic", [UPSTREAM]), ("AdamW", [])):
        error = f"TypeError: {optimizer}.__init__() got an unexpected keyword argument 'high_noise_lr_bump'"
        path = write("log.txt", f"Running 1 job\nTraceback (most recent call last):\n{error}\n")
        signs = read_console(path, run_dir=tmp_path).signs
        assert [sign.trainer for sign in signs] == told
        assert [sign.place.line for sign in signs] == [3] * len(told)


Write = Callable[[str, str | bytes], Path]
Drawings = Callable[..., str]
Kept = Callable[..., list[str]]

START = "Running 1 job\n# Running job: job\n"
ERROR = "Error running job: no\n"


@pytest.fixture
def kept(write: Write, tmp_path: Path) -> Kept:
    """Return a function that names the console of every session kept, of consoles a, b, ... in this order."""

    def names(*consoles: str) -> list[str]:
        files = [write(f"{name}.log", text) for name, text in zip("abcd", consoles, strict=False)]
        transcripts = [read_transcript(file, run_dir=tmp_path) for file in files]
        return [s.tally.file[0] for s in without_copies([s for each in transcripts for s in each.sessions])]

    return names


def test_a_copy_counts_once_where_it_came_first(kept: Kept, drawings: Drawings) -> None:
    trained = START + drawings(range(6), 9, lead=1) + "\n"
    again = START + drawings([4, 5, 6], 9, lead=1, numbers=lambda step: f"lr: 1.0e-04 loss: {step}")
    assert kept(trained + again, trained) == ["a", "a"]
    assert kept(trained, trained + again) == ["a", "b"]


@pytest.mark.parametrize("first", [True, False])
def test_a_part_gives_way_to_the_whole(kept: Kept, drawings: Drawings, first: bool) -> None:
    whole = START + drawings(range(9), 20, lead=1) + "\n" + ERROR
    head, tail = START + drawings(range(4), 20, lead=1), drawings(range(5, 8), 20, lead=1)
    consoles = (whole, head, tail) if first else (head, tail, whole)
    assert kept(*consoles) == [("a" if first else "c")]


def test_other_losses_are_another_start(kept: Kept, drawings: Drawings) -> None:
    first = START + drawings(range(4), 9, lead=1)
    other = START + drawings(range(4), 9, lead=1, numbers=lambda step: f"lr: 1.0e-04 loss: {step + (step > 2)}")
    assert kept(first, other) == ["a", "b"]


def test_a_crash_that_the_other_does_not_show_is_another_start(kept: Kept, drawings: Drawings) -> None:
    # the same seed draws the same first losses
    assert kept(START + drawings(range(9), 9, lead=1), START + drawings([0], 9, lead=1) + "\n" + ERROR) == ["a", "b"]


def test_of_equal_failures_before_the_first_step_the_last_counts(kept: Kept, drawings: Drawings) -> None:
    assert kept(START + ERROR, START + drawings(range(4), 9, lead=1), START + ERROR) == ["b", "c"]
    assert kept(START + ERROR, START + ERROR.replace("no", "other")) == ["a", "b"]


def test_a_console_is_no_copy_of_itself(kept: Kept) -> None:
    assert kept((START + ERROR) * 2) == ["a", "a"]


RESUME = """Running 1 job
# Running job: wave
{first}#### IMPORTANT RESUMING FROM /x/wave_000000040.safetensors ####
Missing keys: {keys}
"""


@pytest.mark.parametrize(
    ("first", "keys", "lines"),
    [("", "[]", []), ("", "['a.lora_A', 'b']", [4]), ("Missing keys: ['text_model.x']\n", "[]", [])],
)
def test_a_resume_that_found_a_part_is_told(tmp_path: Path, first: str, keys: str, lines: list[int]) -> None:
    (tmp_path / "run.log").write_text(RESUME.format(first=first, keys=keys))
    found = read_console(tmp_path / "run.log", run_dir=tmp_path)
    assert [mention.at.line for mention in found.resumed_in_part] == lines
