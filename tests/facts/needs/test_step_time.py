"""The time of a step on a card, against the public runs that had the card to themselves, and that of a switch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import KNOWLEDGE, config_of, readings, recorder, value
from msgspec.structs import replace
from run_evidence import evidence

from diagnose.core.values import Place
from diagnose.facts.needs.step_time import extract
from diagnose.facts.recorder import Recorder
from diagnose.facts.targets import Machine
from diagnose.sources.environment.component import Component

NETWORK = KNOWLEDGE.domain.network


def stepped(folder: Path, card: str = "RTX 4090", logged: float | None = None, **sections: Any) -> Recorder:
    sections = {
        "model": {"arch": "wan22_14b_i2v"},
        "train": {"steps": 2000, "batch_size": 1, "gradient_checkpointing": True},
        "datasets": [{"folder_path": "clips", "num_frames": 81, "resolution": 384}],
        **sections,
    }
    record = recorder()
    if logged is not None:
        record.known("log.pace_best", logged)
    found = evidence(config_of(folder, **sections), readings())
    asked = replace(found.asked, card=KNOWLEDGE.cards[card])
    extract(replace(found, asked=asked), record)
    return record


def test_the_operations_are_those_of_the_model() -> None:
    assert NETWORK is not None
    token, pair = NETWORK.forward
    assert token == pytest.approx(24.3e9, rel=0.01)
    assert pair == pytest.approx(0.82e6, rel=0.01)


# public runs: one expert in fp8, one in bf16 (both about 480 x 832), and one whose size and batches are assumed
@pytest.mark.parametrize(
    ("card", "clips", "batches", "seconds"),
    [("RTX 3090", (632, 61), 1, 74), ("H200", (632, 81), 1, 9.9), ("RTX A6000", (512, 61), 4, 150)],
)
def test_public_runs_that_had_room_are_within_the_band(
    tmp_path: Path, card: str, clips: tuple[int, int], batches: int, seconds: float
) -> None:
    side, frames = clips
    sets = [{"folder_path": "clips", "num_frames": frames, "resolution": side}]
    train = {"steps": 2000, "batch_size": 1, "gradient_accumulation": batches}
    record = stepped(tmp_path, card, datasets=sets, train=train)
    assert value(record, "machine.step_least") <= seconds <= value(record, "machine.step_most")


def test_a_run_that_spilled_is_far_outside(tmp_path: Path) -> None:
    record = stepped(tmp_path, logged=177)
    assert value(record, "gap.pace_over_card") > 6
    assert value(record, "machine.hours_least") is None, "the log tells the pace"


def test_hours_are_those_of_all_steps(tmp_path: Path) -> None:
    record = stepped(tmp_path)
    assert value(record, "machine.step_least") == pytest.approx(11, abs=1)
    assert value(record, "machine.step_most") == pytest.approx(25, abs=1)
    assert value(record, "machine.hours_most") == pytest.approx(2000 * value(record, "machine.step_most") / 3600)
    double = stepped(tmp_path, train={"steps": 2000, "batch_size": 1, "gradient_accumulation": 2})
    assert value(double, "machine.step_most") == pytest.approx(2 * value(record, "machine.step_most"))


def test_switches_at_every_step_add_what_they_move(tmp_path: Path) -> None:
    model = {"arch": "wan22_14b_i2v", "low_vram": True, "quantize": True, "qtype": "qfloat8"}
    every, blocks = (
        stepped(tmp_path, model=model, train={"steps": 2000, "batch_size": 1, "switch_boundary_every": switch})
        for switch in (1, 100)
    )
    added = value(every, "machine.step_most") - value(blocks, "machine.step_most")
    assert added == pytest.approx(0.99 * 2 * 14.5e9 / 4e9, rel=0.05)


MANY = [
    {"folder_path": "clips", "num_frames": 81, "resolution": 384},
    {"folder_path": "stills", "num_frames": 1, "resolution": 1024},
]


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"train": {"steps": 9, "batch_size": 1, "gradient_checkpointing": False}}, "checkpointing is off"),
        ({"model": {"arch": "wan22_14b_i2v", "layer_offloading": True}}, "layer offloading"),
        ({"datasets": MANY}, "several sizes"),
        ({"datasets": [{"folder_path": "clips", "num_frames": 81, "resolution": 1024}]}, "more than 40,000 tokens"),
        ({"datasets": [{"folder_path": "clips", "num_frames": 81, "resolution": "large"}]}, "not known"),
        ({"datasets": []}, "not known"),
        ({"train": {"steps": 9, "batch_size": 0}}, "not known"),
    ],
)
def test_there_is_no_figure_where_nothing_was_tried(tmp_path: Path, sections: dict[str, Any], words: str) -> None:
    record = stepped(tmp_path, **sections)
    assert words in value(record, "machine.step_unknown")
    assert value(record, "machine.step_least") is None


def test_a_card_that_may_be_full_has_no_figure(tmp_path: Path) -> None:
    found = evidence(config_of(tmp_path, model={"arch": "wan22_14b"}, datasets=MANY[:1]), readings())
    record = recorder()
    record.known("needs.gpu_least", 21.5)
    record.known("needs.gpu_most", 26.0)
    extract(replace(found, asked=replace(found.asked, card=KNOWLEDGE.cards["RTX 4090"], machine=Machine(24))), record)
    assert "spills" in value(record, "machine.step_unknown")


def test_the_console_may_name_the_card(tmp_path: Path) -> None:
    config = config_of(tmp_path, model={"arch": "wan22_14b"}, datasets=MANY[:1], train={"steps": 9, "batch_size": 1})
    for name, card in (("NVIDIA GeForce RTX 3090", "RTX 3090"), ("NVIDIA GeForce GTX 1080", None)):
        gpu = Component("gpu", name, Place("log.txt", line=3))
        found = evidence(config, replace(readings(), environment=(gpu,)))
        record = recorder()
        extract(replace(found, asked=replace(found.asked, cards=KNOWLEDGE.cards)), record)
        assert value(record, "machine.card") == card


def test_without_a_card_nothing_is_told(tmp_path: Path) -> None:
    record = recorder()
    extract(evidence(config_of(tmp_path, datasets=MANY)), record)
    assert value(record, "machine.step_unknown") is None


def switched(folder: Path, pace: float | None = None, switch: int = 1, **model: Any) -> Recorder:
    config = config_of(
        folder,
        model={"arch": "wan22_14b_i2v", "low_vram": True, **model},
        train={"switch_boundary_every": switch},
    )
    record = recorder()
    if pace is not None:
        record.known("log.pace_best", pace)
    extract(evidence(config, readings()), record)
    return record


@pytest.mark.parametrize(
    ("model", "seconds"),
    [
        ({"quantize": True, "qtype": "uint4|ostris/accuracy_recovery_adapters/some.safetensors"}, 2),
        ({"quantize": True, "qtype": "qfloat8"}, 3.6),
        ({}, 7.1),
    ],
)
def test_a_switch_takes_both_experts_over_the_bus(tmp_path: Path, model: dict[str, Any], seconds: float) -> None:
    assert value(switched(tmp_path, **model), "effective.switch_seconds") == pytest.approx(seconds, rel=0.05)


def test_what_the_log_tells_goes_before_the_estimate(tmp_path: Path) -> None:
    config = config_of(tmp_path, model={"arch": "wan22_14b_i2v", "low_vram": True}, train={"switch_boundary_every": 2})
    record = recorder()
    record.known("log.switch_seconds", 9.0)
    record.known("log.pace_best", 30.0)
    extract(evidence(config, readings()), record)
    assert value(record, "effective.switch_seconds") == 9
    assert value(record, "gap.switch_share") == pytest.approx(0.15)


def test_the_share_is_of_a_step_as_logged(tmp_path: Path) -> None:
    assert value(switched(tmp_path, 20, qtype="qfloat8", quantize=True), "gap.switch_share") == pytest.approx(
        0.18, abs=0.01
    )
    assert value(switched(tmp_path, 20, 10), "gap.switch_share") == pytest.approx(0.036, abs=0.002)
    assert value(switched(tmp_path, 2), "gap.switch_share") == 1, "no share is over the whole"
    assert value(switched(tmp_path), "gap.switch_share") is None


@pytest.mark.parametrize("model", [{"low_vram": False}, {"quantize": True, "qtype": "unheard-of"}, {"arch": "wan21"}])
def test_where_nothing_is_moved_or_known_nothing_is_told(tmp_path: Path, model: dict[str, Any]) -> None:
    assert value(switched(tmp_path, 20, **model), "effective.switch_seconds") is None
