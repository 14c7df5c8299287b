"""Checkpoints by name and header against the config and the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from builders import facts_of, readings, recorder, value
from msgspec.structs import replace
from run_evidence import evidence
from trainer_names import AI_TOOLKIT, BOTH, RELAXIS

from diagnose.core.values import Place
from diagnose.facts.gaps.checkpoint_gaps import extract
from diagnose.facts.identity import Clue, TrainerVerdict
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_rows import LogRow
from diagnose.sources.readings import CheckpointFile, TensorEntry
from diagnose.trainers.declared import Config

Configure = Callable[..., Config]


def save(
    step: int | None,
    experts: tuple[str, ...] = ("high",),
    *,
    rank: int = 64,
    job: str = "job",
    inside: int | None = None,
    version: str = "0.7.4",
    final: bool = False,
) -> CheckpointFile:
    name = f"{job}_{step}_{'+'.join(experts)}.safetensors"
    tensors = (
        TensorEntry("diffusion_model.blocks.0.ffn.0.lora_A.weight", "BF16", (rank, 128), 0, 0),
        TensorEntry("diffusion_model.blocks.0.ffn.0.lora_B.weight", "BF16", (256, rank), 0, 0),
    )
    metadata = {"ss_output_name": job, "training_info": f'{{"step": {step if inside is None else inside}, "epoch": 8}}'}
    return CheckpointFile(
        file=name, path=Path(name), experts=experts, step=step, final=final, size=0, modified=0, header_sha256="",
        tensors=tensors, metadata=metadata, software_version=version,
    )  # fmt: skip


def pairs(*steps: int) -> list[CheckpointFile]:
    return [save(step, experts) for step in steps for experts in (("high",), ("low",))]


def recorded(config: Config, saves: Sequence[CheckpointFile], log: Sequence[LogRow] | None = None) -> Recorder:
    record = recorder()
    read = readings(config=config.reading, checkpoints=saves, metrics=log)
    extract(evidence(config, read), record)
    return record


def test_files_as_configured_leave_no_gap(configure: Configure) -> None:
    record = recorded(configure(), pairs(20, 40, 60), [LogRow(step, step + 1) for step in range(61)])
    for name in ("saves_off", "saves_kept", "halves", "step_inside", "log_behind"):
        assert value(record, f"gap.{name}") == 0, name
    assert value(record, "gap.job") == "none"
    assert value(record, "weights.rank") == value(record, "effective.rank") == 64
    assert value(record, "weights.split") is value(record, "effective.split") is True
    assert value(record, "weights.versions") == 1


@pytest.mark.parametrize(
    ("saves", "name", "expected"),
    [
        ([*pairs(20), *pairs(30, 50), *pairs(60)], "gap.saves_off", 2),
        (pairs(20, 40, 60, 80, 100, 120), "gap.saves_kept", 2),
        ([save(20), *pairs(40, 60)], "gap.halves", 1),
        ([*pairs(20, 40), save(60)], "gap.halves", 0),  # the newest may be in the writing
        ([*pairs(20), save(40, ("high", "low")), save(60)], "gap.halves", 0),
        ([save(20, inside=80), *pairs(40)], "gap.step_inside", 1),
        ([*pairs(20), save(300, inside=300, final=True)], "gap.step_inside", 0),
        ([save(20, job="other"), *pairs(40)], "gap.job", "other"),
        ([save(20, version="0.12.26"), *pairs(40)], "weights.versions", 2),
        ([save(20, rank=32)], "weights.rank", 32),
        ([save(20, ("high", "low"))], "weights.split", False),
        ([save(20, ())], "weights.split", None),
    ],
)
def test_what_the_files_show(
    configure: Configure, saves: list[CheckpointFile], name: str, expected: float | str | None
) -> None:
    assert value(recorded(configure(), saves), name) == expected


def test_a_gap_stands_at_the_file_that_shows_it(configure: Configure) -> None:
    record = recorded(configure(), [*pairs(20, 30), save(40, job="other")])
    assert facts_of(record)["gap.saves_off", "run"].places[0].step == 30
    assert facts_of(record)["gap.job", "run"].places[0].file == "other_40_high.safetensors"


def test_cadences_without_end_leave_nothing_to_compare(configure: Configure) -> None:
    config = configure(save={"save_every": float("inf"), "max_step_saves_to_keep": float("inf")})
    facts = facts_of(recorded(config, pairs(20, 30)))
    assert not facts["gap.saves_off", "run"].known
    assert not facts["gap.saves_kept", "run"].known


def test_the_rank_of_the_config_has_two_spellings(configure: Configure) -> None:
    assert value(recorded(configure(network={"rank": 16}), pairs(20)), "effective.rank") == 16
    assert value(recorded(configure(network={"type": "lokr"}), pairs(20)), "effective.rank") is None


def test_one_expert_alone_has_no_halves(configure: Configure) -> None:
    config = configure(model={"model_kwargs": {"train_low_noise": False}})
    record = recorded(config, [save(20), save(40), save(60, ())])
    assert value(record, "gap.halves") is None
    assert value(record, "weights.split") is True


@pytest.mark.parametrize(("every", "behind"), [(1, 101), (100, 0)])
def test_a_sparse_log_is_behind_by_its_own_step(configure: Configure, every: int, behind: int) -> None:
    log = [LogRow(step, step + 1) for step in range(0, 199 if every == 1 else 201, every)]
    record = recorded(configure(), pairs(300), log)
    assert value(record, "gap.log_behind") == behind


def test_the_logs_name_is_the_jobs(configure: Configure) -> None:
    read = readings(config=configure().reading, metrics=[LogRow(0, 1)])
    renamed = replace(read, logs=(replace(read.logs[0], job="other"),))
    record = recorder()
    extract(evidence(configure(), renamed), record)
    assert value(record, "gap.job") == "other"


def verdict(*trainers: str, asked: str | None = None, decisive: bool = True) -> Recorder:
    clues = tuple(Clue(trainer, "a file", Place(trainer), decisive) for trainer in trainers)
    record = recorder()
    said = Place("diagnose.yaml", 1) if asked else None
    concluded = TrainerVerdict(asked or (trainers[0] if trainers else None), clues, BOTH, said)
    extract(evidence(verdict=concluded), record)
    return record


def test_files_that_speak_for_two_trainers() -> None:
    assert value(verdict(RELAXIS, RELAXIS), "gap.trainers") == 1
    assert value(verdict(RELAXIS, AI_TOOLKIT), "gap.trainers") == 2
    assert value(verdict(RELAXIS, asked=AI_TOOLKIT), "gap.trainers") == 2
    assert value(verdict(RELAXIS, decisive=False), "gap.trainers") is None


@pytest.mark.parametrize(("ended", "steps", "halves"), [(True, 41, 1), (None, 60, 1), (None, 41, 0), (False, 41, 0)])
def test_the_newest_save_is_half_a_pair_where_nobody_can_be_writing_it(
    configure: Configure, steps: int, halves: int, *, ended: bool | None
) -> None:
    whole = [save(20, ("high",)), save(20, ("low",))]
    read = readings(
        metrics=[LogRow(step, step + 1, loss=0.1) for step in range(steps)],
        checkpoints=[*whole, save(40, ("high",))],
    )
    record = recorder()
    if ended is not None:
        record.known("run.open", not ended)
    extract(evidence(configure(), read), record)
    assert record.number("gap.halves") == halves
    half = record.get("gap.half_missing")
    assert (half.value if half is not None else None) == ("low" if halves else None)


@pytest.mark.parametrize(("every", "off"), [(1, 0), (2, 1), (0.5, None), (0, None)])
def test_a_cadence_of_one_step_is_one(configure: Configure, every: float, off: int | None) -> None:
    assert value(recorded(configure(save={"save_every": every}), pairs(20, 31)), "gap.saves_off") == off


@pytest.mark.parametrize(("keep", "beyond"), [(1, 1), (2, 0), (3, 0), (0, None)])
def test_one_save_may_be_all_that_is_kept(configure: Configure, keep: int, beyond: int | None) -> None:
    record = recorded(configure(save={"max_step_saves_to_keep": keep}), [*pairs(20, 40), save(0), save(60, final=True)])
    assert value(record, "gap.saves_kept") == beyond


def test_saves_after_the_end_of_the_log_are_counted_in_steps(configure: Configure) -> None:
    rows = [LogRow(step, step + 1, loss=0.1) for step in (0, 10, 20)]
    assert value(recorded(configure(), pairs(20, 40), rows), "gap.log_behind") == 10
    assert value(recorded(configure(), pairs(20, 40), rows[:1]), "gap.log_behind") == 39
    assert value(recorded(configure(), [save(60), *pairs(40)], rows), "gap.log_behind") == 30
