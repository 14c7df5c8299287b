from __future__ import annotations

import errno
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from builders import log_of

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Place
from diagnose.sources import run_reading
from diagnose.sources.log_readings import SessionEnd
from diagnose.sources.readings import RunReadings
from diagnose.sources.run_reading import read_checkpoints
from diagnose.trainers.aitoolkit.console import transcript
from diagnose.trainers.rooms import run_readers

Write = Callable[[str, str | bytes], Path]
Drawings = Callable[..., str]

JOB = "job: extension\nconfig:\n  name: {}\n  process:\n  - type: sd_trainer\n"
ROW = '{"step": 0, "loss": 0.5, "expert": "high_noise", "learning_rate": 0.0001}\n'
CONSOLE = "Running 1 job\n# Running job: job\nError running job: no\n"


def read_run(run_dir: Path, *, config: Path | None = None, log: Path | None = None) -> RunReadings:
    return run_reading.read_run(run_dir, run_readers(), config=config, log=log)


def safetensors(**metadata: str) -> bytes:
    entry = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    header = json.dumps({"__metadata__": metadata, "a": entry}).encode()
    return len(header).to_bytes(8, "little") + header + b"\0\0\0\0"


def fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_everything_is_bundled(write: Write, tmp_path: Path) -> None:
    write("config.yaml", JOB.format("my job"))
    write("metrics_my job.jsonl", ROW)
    write("stdout.log", CONSOLE)
    for name in ("job.safetensors", "job_000000040.safetensors", "job_000000020.safetensors"):
        write(name, safetensors())
    write("job_alpha_scheduler.json", '{"enabled": false}')
    write("job_000000020_alpha_scheduler.json", '{"enabled": false}')
    write("samples/1795406082575__000000000_0.webp", b"")
    write("optimizer.pt", b"x")
    run = read_run(tmp_path)
    assert (run.path, run.name, run.remarks) == (tmp_path, "my job", ())
    assert run.config is not None
    assert (run.config.file, run.config.root) == ("config.yaml", "config.process[0]")
    assert run.console is not None
    assert [(log.file, len(log.rows)) for log in run.logs] == [("metrics_my job.jsonl", 1), ("stdout.log", 0)]
    assert [(sign.trainer, sign.place.file) for sign in run.signs] == [
        ("ai-toolkit-relaxis", "metrics_my job.jsonl"),
        ("ai-toolkit-relaxis", "job_000000020_alpha_scheduler.json"),
    ]
    assert [checkpoint.step for checkpoint in run.checkpoints] == [20, 40, None]
    assert [state.step for state in run.alpha_states] == [20, None]
    assert (len(run.samples), run.optimizer_file) == (1, tmp_path / "optimizer.pt")
    assert {place.file for place in run.places} == {
        "config.yaml",
        "metrics_my job.jsonl",
        "stdout.log",
        "job.safetensors",
        "job_000000040.safetensors",
        "job_000000020.safetensors",
        "job_alpha_scheduler.json",
        "job_000000020_alpha_scheduler.json",
    }


def test_a_run_without_a_config_has_the_name_of_its_folder(write: Write, tmp_path: Path) -> None:
    write("metrics_job.jsonl", ROW)
    assert read_run(tmp_path).name == tmp_path.name


def test_one_file_that_cannot_be_read_costs_itself_alone(write: Write, tmp_path: Path) -> None:
    write("metrics_job.jsonl", ROW)
    for name in ("job_000000020.safetensors", "loss_log.db", "job_alpha_scheduler.json"):
        write(name, b"garbage that is long enough to be looked at")
    write("config.yaml", "job: a\nconfig:\n  process: [\n")
    run = read_run(tmp_path)
    assert (run.config, log_of(run, ".db"), run.checkpoints, run.alpha_states) == (None, None, (), ())
    assert {remark.place.file for remark in run.remarks} == {
        "config.yaml",
        "job_000000020.safetensors",
        "loss_log.db",
        "job_alpha_scheduler.json",
    }
    assert all("\n" not in remark.text for remark in run.remarks)


def test_what_is_odd_within_a_file_is_among_the_remarks(write: Write, tmp_path: Path) -> None:
    write("metrics_job.jsonl", ROW + "garbage\n")
    run = read_run(tmp_path)
    assert run.remarks == ()
    assert [remark.place.file for remark in run.every_remark] == ["metrics_job.jsonl"]


def test_a_folder_of_nothing_but_broken_files_is_refused(write: Write, tmp_path: Path) -> None:
    write("job.safetensors", b"")
    with pytest.raises(DiagnoseError, match=r"nothing in this folder can be read; .*job\.safetensors"):
        read_run(tmp_path)


def test_of_several_metrics_files_the_one_of_the_job_counts(write: Write, tmp_path: Path) -> None:
    write("config.yaml", JOB.format("mine"))
    write("metrics_mine.jsonl", ROW)
    write("metrics_other.jsonl", ROW * 9)
    run = read_run(tmp_path)
    assert [log.file for log in run.logs] == ["metrics_mine.jsonl"]
    assert [(remark.place, remark.text) for remark in run.remarks] == [
        (Place("metrics_other.jsonl"), "another of its kind was read instead")
    ]


def test_files_that_may_not_be_looked_at_cost_themselves_alone(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("config.yaml", JOB.format("job"))
    metrics = [write(f"metrics_{name}.jsonl", ROW) for name in ("a", "b")]
    genuine = {name: getattr(Path, name) for name in ("stat", "open")}

    def refusing(name: str) -> Callable[..., Any]:
        def call(path: Path, *args: Any, **more: Any) -> Any:
            if path in metrics:
                raise PermissionError(errno.EACCES, "Permission denied")
            return genuine[name](path, *args, **more)

        return call

    for name in genuine:
        monkeypatch.setattr(Path, name, refusing(name))
    run = read_run(tmp_path)
    assert run.config is not None
    assert [remark.place.file for remark in run.remarks] == ["metrics_a.jsonl", "metrics_b.jsonl"]


def test_the_next_config_is_read_when_the_first_is_broken(write: Write, tmp_path: Path) -> None:
    write("config.yaml", "job: a\nconfig:\n  process: [\n")
    write("copy.yaml", JOB.format("job"))
    run = read_run(tmp_path)
    assert run.config is not None
    assert run.config.file == "copy.yaml"


def test_a_named_config_replaces_the_folders(write: Write, tmp_path: Path) -> None:
    write("run/config.yaml", JOB.format("inside"))
    named = write("elsewhere.yaml", JOB.format("outside"))
    run = read_run(tmp_path / "run", config=named)
    assert run.name == "outside"
    assert run.config is not None
    assert run.config.file == named.as_posix()


def test_the_consoles_of_a_run_are_one_story(write: Write, tmp_path: Path, drawings: Drawings) -> None:
    start = "Running 1 job\n# Running job: job\n"
    resumed = start + "Found step 4 in metadata, starting from there\n"
    write("logs/9_log.txt", start + drawings(range(6), 20, lead=1))
    write(
        "logs/10_log.txt", resumed + drawings([4, 5, 6], 20, lead=1, numbers=lambda step: f"lr: 1.0e-04 loss: {step}")
    )
    write("log.txt", start + "Error running job: no\n")
    console = read_run(tmp_path).console
    assert console is not None
    assert [(each.file, each.end) for each in console.sessions] == [
        ("logs/9_log.txt", SessionEnd.CUT_OFF),
        ("logs/10_log.txt", SessionEnd.CUT_OFF),
        ("log.txt", SessionEnd.CRASHED),
    ]
    assert [(row.loss, console.log.place(row).file) for row in console.log.rows[2:]] == [
        (0.02, "logs/9_log.txt"),
        (0.03, "logs/9_log.txt"),
        *((float(step), "logs/10_log.txt") for step in (4, 5, 6)),
    ]
    alone = read_run(tmp_path, log=tmp_path / "logs" / "10_log.txt").console
    assert alone is not None
    assert [each.file for each in alone.sessions] == ["logs/10_log.txt"]


def test_a_console_that_cannot_be_read_costs_itself_alone(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a.log", CONSOLE * 3)
    write("b.log", CONSOLE)
    monkeypatch.setattr(transcript, "MOST_SESSIONS", 2)
    run = read_run(tmp_path)
    assert run.console is not None
    assert [each.file for each in run.console.sessions] == ["b.log"]
    assert [remark.place for remark in run.remarks] == [Place("a.log")]


def test_the_job_of_the_config_is_this_runs(write: Write, tmp_path: Path) -> None:
    write("config.yaml", JOB.format("job"))
    write("a.log", CONSOLE)
    write("b.log", CONSOLE.replace("job: job", "job: other"))
    for name, moment in (("a.log", 1), ("b.log", 2)):
        os.utime(tmp_path / name, (moment, moment))
    console = read_run(tmp_path).console
    assert console is not None
    assert [each.file for each in console.sessions] == ["a.log"]
    assert [(remark.place.file, remark.text[:20]) for remark in console.remarks] == [("b.log", "another job starts h")]


def database(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE steps (step, wall_time)")
        connection.execute("CREATE TABLE metrics (step, key, value_real)")
    return path


def test_a_named_log_is_known_by_its_content(write: Write, tmp_path: Path) -> None:
    write("run/config.yaml", JOB.format("job"))
    write("run/metrics_job.jsonl", ROW)
    run_dir = tmp_path / "run"
    kept = read_run(run_dir, log=write("kept.txt", ROW + ROW.replace("0", "1", 1)))
    assert [len(log.rows) for log in kept.logs] == [2]
    run = read_run(run_dir, log=write("kept.log", CONSOLE))
    assert run.console is not None
    assert run.console.sessions[0].end is SessionEnd.CRASHED
    assert log_of(run, ".jsonl") is not None
    assert log_of(read_run(run_dir, log=database(tmp_path / "kept.db")), ".db") is not None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a red square", "is none of the trainer's logs"),
        (b"SQLite format 3\0" + b"\1" * 200, "cannot be read as the trainer's loss log"),
        (None, "cannot be read"),
    ],
)
def test_a_named_log_that_cannot_be_read_is_an_error(
    write: Write, tmp_path: Path, content: str | bytes | None, reason: str
) -> None:
    write("run/config.yaml", JOB.format("job"))
    log = tmp_path / "log" if content is None else write("log", content)
    with pytest.raises(DiagnoseError, match=reason):
        read_run(tmp_path / "run", log=log)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_named_log_that_is_no_regular_file_is_refused(
    write: Write, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    write("run/config.yaml", JOB.format("job"))
    make(tmp_path / "log")
    with pytest.raises(DiagnoseError, match=r"log: no regular file.*; save it to a file first$"):
        read_run(tmp_path / "run", log=tmp_path / "log")


def test_a_named_config_that_cannot_be_read_is_an_error(write: Write, tmp_path: Path) -> None:
    write("run/config.yaml", JOB.format("job"))
    with pytest.raises(DiagnoseError, match="no such file"):
        read_run(tmp_path / "run", config=tmp_path / "gone.yaml")


@pytest.mark.parametrize(
    ("name", "metrics", "loss_db", "console"),
    [
        ("fork-a_ratio135", 300, None, 300),
        ("fork-b_bump4x", 300, None, 300),
        ("fork-c2_resume_sigint", 160, None, 160),
        ("fork-d_high_only", 0, None, 160),
        ("fork-e2_adamw_high_noise_params", None, None, 0),
        ("fork-e_adamw", 200, None, 200),
        ("fork-f_min_snr_gamma", None, None, 0),
        ("fork-g_no_base_bump", 60, None, 60),
        ("fork-i_nan", 40, None, 40),
        ("fork-j_combined", 40, None, 40),
        ("fork-r_switch1", 40, None, 40),
        ("main-o_a_automagic", None, 299, 300),
        ("main-o_b_high_noise_params", None, None, 0),
        ("main-o_c_resume", None, 159, 160),
        ("main-o_f_min_snr_gamma", None, 0, 0),
        ("main-o_j_nologging", None, None, 40),
    ],
)
def test_a_real_run_is_read_whole_and_left_alone(
    real: Path, name: str, metrics: int | None, loss_db: int | None, console: int
) -> None:
    before = fingerprint(real / name)
    run = read_run(real / name)
    assert fingerprint(real / name) == before
    assert run.name == name.partition("-")[2]
    assert run.remarks == ()
    assert run.config is not None
    for ending, rows in ((".jsonl", metrics), (".db", loss_db)):
        log = log_of(run, ending)
        assert (None if log is None else len(log.rows)) == rows
    assert run.console is not None
    assert (len(run.console.log.rows), run.console.remarks) == (console, ())
    files = set(before)
    assert len(run.checkpoints) == sum(file.endswith(".safetensors") for file in files)
    assert len(run.alpha_states) == sum(file.endswith("_alpha_scheduler.json") for file in files)
    assert len(run.samples) == sum(file.startswith("samples/") for file in files)


def test_checkpoints_in_order_of_step_and_the_unreadable_as_remarks(write: Write, tmp_path: Path) -> None:
    names = ["j_000000300_low_noise", "j_000000300_high_noise", "j_000000020_high_noise", "j_high_noise", "j"]
    for name in names[:4]:
        write(f"{name}.safetensors", safetensors(training_info='{"step": 300}'))
    write("j.safetensors", safetensors())
    write("torn.safetensors", safetensors()[:-1])
    checkpoints, remarks = read_checkpoints(tmp_path, run_readers())
    order = ["j_000000020_high_noise", "j_000000300_high_noise", "j_000000300_low_noise", "j_high_noise", "j"]
    assert [each.file for each in checkpoints] == [f"{name}.safetensors" for name in order]
    assert [remark.place.file for remark in remarks] == ["torn.safetensors"]
    assert "cut off" in remarks[0].text


def test_real_checkpoints_come_as_they_were_saved(real: Path) -> None:
    checkpoints, remarks = read_checkpoints(real / "fork-a_ratio135", run_readers())
    assert not remarks
    assert [each.step for each in checkpoints if each.experts == ("high",)] == [*range(40, 300, 40), 300]
    assert {each.software_version for each in checkpoints} == {"0.7.4"}
    assert [each.file for each in checkpoints if each.final] == [
        "a_ratio135_high_noise.safetensors",
        "a_ratio135_low_noise.safetensors",
    ]
