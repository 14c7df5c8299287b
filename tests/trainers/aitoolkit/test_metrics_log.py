from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnose.domains.wan22.experts import Expert
from diagnose.sources.lines import LONGEST
from diagnose.sources.log_readings import LogReading
from diagnose.sources.log_rows import NO_ROWS, ExpertSource
from diagnose.trainers.aitoolkit.metrics_log import _own_first, read_metrics

Write = Callable[[str, str | bytes], Path]


def entry(step: int, **more: Any) -> dict[str, Any]:
    return {
        "step": step,
        "timestamp": f"2026-01-01T00:00:{step % 60:02d}.500000",
        "loss": 0.5,
        "gradient_stability": 0.7,
        "expert": "high_noise" if step // 10 % 2 == 0 else "low_noise",
        "lr_0": 1e-5 + step * 1e-7,
        "lr_1": 0.0 if step < 10 else 2e-5,
        **more,
    }


def text(*entries: dict[str, Any]) -> str:
    return "".join(json.dumps(each) + "\n" for each in entries)


@pytest.fixture
def read(write: Write, tmp_path: Path) -> Callable[[str | bytes], LogReading]:
    return lambda content: read_metrics(write("metrics_job.jsonl", content), run_dir=tmp_path)


Read = Callable[[str | bytes], LogReading]


def test_a_whole_row(read: Read) -> None:
    more = {
        "phase": "foundation",
        "linear_alpha": 16,
        "loss_r2": 0.5,
        "phase_idx": 0,
    }
    reading = read(text(entry(0), entry(1, **more)))
    assert (reading.file, reading.job, reading.remarks) == ("metrics_job.jsonl", "job", ())
    row = reading.rows[1]
    assert (row.step, row.line, row.time, row.loss) == (1, 2, 1767225601.5, 0.5)
    assert (row.expert, row.expert_source) == (Expert.HIGH, ExpertSource.LOGGED)
    assert (row.rates, row.lr_shared) == ({"high": 1e-5 + 1e-7}, None)
    assert (row.phase, row.linear_alpha) == ("foundation", 16.0)
    assert (row.loss_r2, row.gradient_stability) == (0.5, 0.7)


def test_one_rate_for_both_experts(read: Read) -> None:
    (row,) = read(
        '{"step": 2, "loss": 0.1, "gradient_stability": null, "expert": null, "learning_rate": 0.0001}\n'
    ).rows
    assert (row.lr_shared, row.rates, row.expert, row.gradient_stability) == (1e-4, {}, None, None)


def test_an_empty_file_has_no_rows_and_no_remarks(read: Read) -> None:
    assert read("").rows == NO_ROWS
    assert read("\n\n").remarks == ()


def test_a_missing_expert_is_inferred(read: Read) -> None:
    moving = [entry(step, expert=None, lr_0=1e-5 * (1 + min(step, 9))) for step in range(10)]
    paused = [entry(step, expert=None, lr_0=1e-4, lr_1=1e-5 * step) for step in range(10, 15)]
    reading = read(text(*moving, *paused, entry(15, expert=None, lr_0=1e-4, lr_1=1e-5 * 14)))
    assert [row.expert for row in reading.rows] == [Expert.HIGH] * 10 + [Expert.LOW] * 6
    assert reading.rows[12].expert_source is ExpertSource.RATE
    assert reading.rows[15].expert_source is ExpertSource.CADENCE


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999", "1.7e308"])
def test_a_number_that_is_not_finite_is_unknown_and_counted(read: Read, token: str) -> None:
    reading = read(text(entry(0)) + f'{{"step": 1, "loss": {token}}}\n{{"step": 2, "loss": {token}}}\n')
    assert [row.loss for row in reading.rows] == [0.5, None, None]
    (remark,) = reading.remarks
    assert (remark.place.line, remark.place.key, remark.place.step) == (2, "loss", 1)
    assert remark.text == "loss is not a finite number; taken as unknown (2 times, this is the first)"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("loss", "0.5"),
        ("lr_0", True),
        ("phase", 3),
        ("expert", 1),
        ("expert", "expert_2"),
        ("timestamp", "noon"),
        ("gradient_stability", -300),
        ("gradient_stability", 1.01),
    ],
)
def test_a_value_of_a_wrong_kind_is_unknown_and_remarked(read: Read, key: str, value: object) -> None:
    reading = read(text(entry(0), entry(1, **{key: value})))
    fields = {"timestamp": "time"}
    row = reading.rows[1]
    if key == "expert":
        assert row.expert_source is not ExpertSource.LOGGED
    elif key == "lr_0":
        assert "high" not in row.rates
    else:
        assert getattr(row, fields.get(key, key)) is None
    assert [(remark.place.line, remark.place.key) for remark in reading.remarks] == [(2, key)]


def test_a_torn_last_line_is_told_apart_from_garbage(read: Read) -> None:
    reading = read(text(entry(0), entry(1)) + '{"step": 2, "lo')
    assert [row.step for row in reading.rows] == [0, 1]
    assert [(remark.place.line, remark.text) for remark in reading.remarks] == [
        (3, "the last line breaks off; skipped")
    ]


def test_garbage_lines_make_one_remark(read: Read) -> None:
    reading = read(text(entry(0)) + "what\n\xff\xfe\n[[[\n" + text(entry(1)))
    assert len(reading.rows) == 2
    (remark,) = reading.remarks
    assert (remark.place.line, remark.text) == (2, "line is not JSON; skipped (3 times, this is the first)")


@pytest.mark.parametrize(
    "line", ["[1]", "3", '{"loss": 1}', '{"step": "4"}', '{"step": true}', '{"step": -1}', '{"step": 1e400}']
)
def test_a_line_without_a_step_is_skipped(read: Read, line: str) -> None:
    reading = read(line + "\n" + text(entry(1)))
    assert [row.step for row in reading.rows] == [1]
    assert len(reading.remarks) == 1


def test_deep_nesting_costs_the_line_alone(read: Read) -> None:
    assert len(read("[" * 60_000 + "\n" + text(entry(1))).rows) == 1


def test_a_line_of_absurd_length_costs_itself_alone(read: Read) -> None:
    reading = read('{"step": 0, "x": "' + "y" * (2 * LONGEST) + '"}\n' + text(entry(1)))
    assert [row.step for row in reading.rows] == [1]
    assert "too long" in reading.remarks[0].text


def test_a_step_written_again_replaces_the_earlier_row(read: Read) -> None:
    first = [entry(step, loss=1.0) for step in range(6)]
    resumed = [entry(step, loss=2.0) for step in range(3, 8)]
    reading = read(text(*first, *resumed))
    assert [row.step for row in reading.rows] == list(range(8))
    assert [row.loss for row in reading.rows] == [1.0] * 3 + [2.0] * 5
    (remark,) = reading.remarks
    assert (remark.place.line, remark.place.step) == (7, 3)
    assert "later row counts (3 times" in remark.text


def test_a_gap_is_remarked_where_it_ends(read: Read) -> None:
    reading = read(text(entry(0), entry(1), entry(5), entry(6), entry(9)))
    (remark,) = reading.remarks
    assert (remark.place.step, remark.place.line) == (5, 3)
    assert "(2 times" in remark.text


def test_carriage_returns_of_windows_do_no_harm(read: Read) -> None:
    reading = read(text(entry(0), entry(1)).replace("\n", "\r\n"))
    assert [(row.step, row.line) for row in reading.rows] == [(0, 1), (1, 2)]
    assert reading.remarks == ()


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_mutation_breaks_the_reader(write: Write, tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(text(*(entry(step) for step in range(25))).encode())
    for _ in range(data.draw(st.integers(0, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    del content[data.draw(st.integers(0, len(content))) :]
    steps = [row.step for row in read_metrics(write("metrics_job.jsonl", bytes(content)), run_dir=tmp_path).rows]
    assert steps == sorted(set(steps))


def test_the_real_runs(real: Path) -> None:
    counts = {
        "fork-a_ratio135": 300,
        "fork-b_bump4x": 300,
        "fork-c2_resume_sigint": 160,
        "fork-d_high_only": 0,
        "fork-e_adamw": 200,
        "fork-g_no_base_bump": 60,
        "fork-i_nan": 40,
        "fork-j_combined": 40,
        "fork-r_switch1": 40,
    }
    for name, count in counts.items():
        (path,) = (real / name).glob("metrics_*.jsonl")
        reading = read_metrics(path, run_dir=real / name)
        assert [row.step for row in reading.rows] == list(range(count)), name
        assert reading.remarks == ()
        assert all(row.expert_source is ExpertSource.LOGGED for row in reading.rows)


def test_what_is_inferred_from_a_real_run_agrees_with_what_it_logged(real: Path, write: Write, tmp_path: Path) -> None:
    for name in ("fork-a_ratio135", "fork-b_bump4x", "fork-c2_resume_sigint", "fork-g_no_base_bump"):
        (path,) = (real / name).glob("metrics_*.jsonl")
        logged = read_metrics(path, run_dir=real / name)
        blank = [json.dumps({**json.loads(line), "expert": None}) + "\n" for line in path.read_text().splitlines()]
        inferred = read_metrics(write("metrics_job.jsonl", "".join(blank)), run_dir=tmp_path)
        assert [row.expert for row in inferred.rows] == [row.expert for row in logged.rows], name


@pytest.mark.parametrize("share", [0, 1])
def test_no_agreement_and_full_agreement_are_shares(read: Read, share: float) -> None:
    log = read(text(entry(0, gradient_stability=share)))
    assert log.rows[0].gradient_stability == share
    assert not log.remarks


def test_this_jobs_metrics_come_first_and_then_the_largest(tmp_path: Path) -> None:
    sizes = {"metrics_a.jsonl": 1, "metrics_job.jsonl": 0, "metrics_z.jsonl": 9, "metrics_b.jsonl": 1}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(b"x" * size)
    ordered = [path.name for path in _own_first([tmp_path / name for name in sizes], "job")]
    assert ordered == ["metrics_job.jsonl", "metrics_z.jsonl", "metrics_a.jsonl", "metrics_b.jsonl"]
