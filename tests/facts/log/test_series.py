"""A log of another job is not this run's."""

from dataclasses import replace
from pathlib import Path

import pytest
from builders import config_of, readings

from diagnose.facts.log.series import without_strange_log
from diagnose.sources.log_readings import LogRow
from diagnose.sources.readings import CheckpointFile
from diagnose.trainers.declared import Config


def config(folder: Path, job: str) -> Config:
    made = config_of(folder, train={"steps": 10})
    data = {**made.reading.data, "config": {**made.reading.data["config"], "name": job}}
    return Config(replace(made.reading, data=data), made.model)


def save(job: str | None) -> CheckpointFile:
    metadata = {} if job is None else {"ss_output_name": job}
    return CheckpointFile(
        "x.safetensors", Path("x"), ("high",), 10, final=False, size=1, modified=1, header_sha256="", tensors=(),
        metadata=metadata,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("own", "saved", "kept"),
    [
        ("mine", ("mine", "mine"), False),
        ("mine", ("mine", None), False),
        ("mine", ("mine", "job"), True),  # the log's job has saved here as well
        ("mine", ("job",), True),  # the config is the strange one
        ("mine", (None,), True),  # renamed, perhaps
        ("job", ("mine",), True),
    ],
)
def test_a_log_that_config_and_checkpoints_gainsay(
    tmp_path: Path, own: str, saved: tuple[str | None, ...], kept: bool
) -> None:
    run = readings(metrics=[LogRow(0, 1, loss=0.1)], checkpoints=[save(job) for job in saved])
    trusted, remarks = without_strange_log(run, config(tmp_path, own))
    assert bool(trusted.logs) is kept
    assert [remark.place.file for remark in remarks] == ([] if kept else ["metrics_job.jsonl"])
    assert without_strange_log(run, None) == (run, ())
