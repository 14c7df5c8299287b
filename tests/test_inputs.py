"""The inputs of a judgement: what is read, what the project file adds, and the facts of a config that is not run yet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from builders import reading
from labelled_runs import DATA
from msgspec.structs import replace
from trainer_names import RELAXIS

from diagnose import Settings
from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Intent
from diagnose.crashes.matching import PICKED_OUT
from diagnose.inputs import config_inputs, console_inputs, facts_ahead, facts_of, inputs_of, run_inputs
from diagnose.sources.console_files import GivenConsole
from diagnose.sources.readings import CheckpointFile
from diagnose.verdict.next.write_config import revised
from diagnose.weights.measurement import RunWeights

RUN = DATA / "fork-frozen"


def test_a_folder_is_a_run_and_a_file_is_a_config_before_one() -> None:
    run, config = inputs_of(RUN, None), inputs_of(RUN / "config.yaml", None)
    assert (run.before_a_run, config.before_a_run) == (False, True)
    assert run.readings.logs
    assert not config.readings.logs
    assert config.readings.name == "r_switch1", "the job's name"
    assert config.measured == RunWeights()


def test_what_is_no_run_and_no_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DiagnoseError):
        run_inputs(tmp_path, None)
    with pytest.raises(DiagnoseError, match="no such file"):
        config_inputs(tmp_path / "config.yaml", None)


def test_the_project_file_beside_it_says_what_the_settings_leave_open(tmp_path: Path) -> None:
    reading(tmp_path, train={"steps": 2000})
    (tmp_path / "diagnose.yaml").write_text("intent: motion\n")
    found = config_inputs(tmp_path / "config.yaml", None)
    assert found.settings.intent is Intent.MOTION
    assert "diagnose.yaml" in {place.file for place in found.readings.places}
    asked = config_inputs(tmp_path / "config.yaml", Settings(intent=Intent.STYLE))
    assert asked.settings.intent is Intent.STYLE


def test_checkpoints_are_measured_by_whom_the_caller_names(v17_dir: Path) -> None:
    asked: list[int] = []

    def measure(files: Sequence[CheckpointFile]) -> RunWeights:
        asked.append(len(files))
        return RunWeights()

    found = run_inputs(v17_dir, None, measure=measure)
    assert found.measured == RunWeights()
    assert asked == [len(found.readings.checkpoints)]


def test_facts_of_a_next_config_keep_the_trainer_and_the_intent_and_know_no_log() -> None:
    inputs = run_inputs(RUN, Settings(intent=Intent.MOTION))
    known = facts_of(inputs)
    assert known.config is not None
    ahead = facts_ahead(inputs, known, revised(known.config, ()))
    assert (ahead.trainer.trainer, ahead.intent.intent) == (RELAXIS, Intent.MOTION)
    assert (known.evidence.series is None, ahead.evidence.series) == (False, None)
    assert ahead.evidence.pairs == ()


def test_a_threshold_at_fault_is_told_before_anything_is_measured() -> None:
    def measure(_: Sequence[CheckpointFile]) -> RunWeights:
        pytest.fail("measured for nothing")

    with pytest.raises(DiagnoseError, match="lr_ratio_mini"):
        run_inputs(RUN, Settings(parameters={"lr_ratio_mini": "2"}), measure=measure)


def test_an_optimizer_file_that_cannot_be_read_is_told_and_read_past(tmp_path: Path) -> None:
    broken = tmp_path / "optimizer.pt"
    broken.write_bytes(b"nothing of the kind")
    inputs = run_inputs(RUN, None)
    inputs = replace(inputs, readings=replace(inputs.readings, optimizer_file=broken))
    known = facts_of(inputs)
    assert [remark.place.file for remark in known.unmeasured if remark.place.file == "optimizer.pt"] == ["optimizer.pt"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"hello\n", False),
        (b"a: 10%|# | 1/10 [00:01<00:09, 1.0it/s]\n", False),
        (b"steps: 10%|# | 1/10 [00:01<00:09, 1.0it/s, avr_loss=0.1]\n", True),
        (b"TRAINING COMPLETE!\n", True),
        (b"Segmentation fault (core dumped)\n", True),
        (b"no videos found in /data\n", True),
        (b"# OOM during training step, skipping batch 1/3 #\n", True),
        (b"no videos found in /data\n" + b"x\n" * PICKED_OUT, False),
    ],
)
def test_a_text_is_a_console_that_shows_a_step_or_an_end(text: bytes, told: bool) -> None:
    if told:
        assert console_inputs([GivenConsole(text=text)], None).readings.console_alone
    else:
        with pytest.raises(DiagnoseError, match=r"^standard input: is no console of a training"):
            console_inputs([GivenConsole(text=text)], None)
