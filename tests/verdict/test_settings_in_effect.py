"""The table "you wrote, what happens": which rows a config gets, and what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import DECLARATIONS, TARGETS, TRAINERS, reading, readings
from msgspec.structs import replace
from run_evidence import YARDSTICK
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose import Settings, preflight
from diagnose.core.values import Fact, Place, Scalar
from diagnose.facts.collect import collect
from diagnose.facts.known import Known
from diagnose.facts.premises import Asked
from diagnose.rulebase.knowledge import EffectiveRow
from diagnose.rulebase.rule import Condition, Op, Test
from diagnose.settings import rule_base
from diagnose.verdict.settings_in_effect import EffectiveSetting, effective_settings
from diagnose.weights.measurement import RunWeights

WAN = {"arch": "wan22_14b_i2v", "name_or_path": "a/Wan2.2-I2V-A14B-Diffusers"}
PER_EXPERT = {"high_noise_lr_bump": 2e-5, "low_noise_lr_bump": 5e-6}
TABLE = rule_base(Settings()).knowledge.effective


def table(folder: Path, trainer: str = RELAXIS, **sections: Any) -> dict[str, list[EffectiveSetting]]:
    """The rows of a config by path."""
    path = folder / "config.yaml"
    process = {"type": "diffusion_trainer", "model": WAN, **sections}
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "job", "process": [process]}}))
    found: dict[str, list[EffectiveSetting]] = {}
    for row in preflight(path, Settings(trainer=trainer)).effective:
        found.setdefault(row.path, []).append(row)
    return found


def effects(rows: Mapping[str, list[EffectiveSetting]], path: str) -> list[Scalar | None]:
    return [row.effective for row in rows.get(path, [])]


def test_dropped_rates_show_what_was_written_and_what_is_taken(tmp_path: Path) -> None:
    rows = table(tmp_path, train={"optimizer": "automagic", "optimizer_params": PER_EXPERT})
    (row,) = rows["train.optimizer_params.high_noise_lr_bump"]
    assert (row.declared, row.effective) == (2e-5, 1e-6)
    assert row.why.startswith("dropped: without the shared lr_bump")
    assert row.source is not None
    assert row.source.line is not None
    assert row.source.key == "config.process[0].train.optimizer_params.high_noise_lr_bump"


def test_rates_that_are_taken_as_written_are_not_shown(tmp_path: Path) -> None:
    shared = {"lr_bump": 5e-6, "min_lr": 5e-6, "max_lr": 1e-4}
    rows = table(tmp_path, train={"optimizer": "automagic", "optimizer_params": {**PER_EXPERT, **shared}})
    assert not any(path.startswith("train.optimizer_params") for path in rows)


def test_refused_rates_stop_the_trainer(tmp_path: Path) -> None:
    train = {"optimizer": "automagic", "optimizer_params": PER_EXPERT}
    rows = table(tmp_path, AI_TOOLKIT, train=train)
    assert effects(rows, "train.optimizer_params.low_noise_lr_bump") == ["stops the trainer"]


def test_the_optimizers_own_defaults_are_told(tmp_path: Path) -> None:
    rows = table(tmp_path, train={"optimizer": "automagic"})
    assert effects(rows, "train.optimizer_params.lr_bump") == [1e-6]
    assert 1e-3 in effects(rows, "train.optimizer_params.max_lr")
    assert effects(rows, "train.switch_boundary_every") == ["rates never move"]


@pytest.mark.parametrize(
    ("sections", "path", "effective"),
    [
        ({"train": {"optimizer": "automagic", "lr": 0.01}}, "train.lr", 1e-6),
        ({"train": {"noise_scheduler": "flowmatch"}}, "train.timestep_type", "sigmoid"),
        ({}, "model.boundary_ratio", "experts split at 0.900"),
        ({"network": {"linear": 64, "linear_alpha": 16}}, "network.linear_alpha", "no effect"),
        ({"train": {"gradient_accumulation_steps": 4}}, "train.gradient_accumulation_steps", "only the last of 4 batches counts"),
        ({"train": {"ema_config": {"use_ema": True, "ema_decay": 0.99}}}, "train.ema_config.use_ema", "no effect"),
        ({"datasets": [{"num_frames": 33}]}, "datasets[0].shrink_video_to_frames", "every clip becomes 2.06 s long; a longer one is learned faster"),
        ({"datasets": [{"num_frames": 40}]}, "datasets[0].num_frames", 37),
        ({"datasets": [{"resolution": [512, 768]}]}, "datasets[0].resolution", "2 copies of the data set"),
        ({"train": {"steps": 3000}, "save": {"save_every": 250, "max_step_saves_to_keep": 4}}, "save.max_step_saves_to_keep", "saves before step 2250 are deleted by the end"),
        ({"save": {"save_every": 300}, "sample": {"prompts": ["x"]}}, "sample.sample_every", "some previews have no checkpoint"),
        ({"log_dir": "logs", "train": {"optimizer": "automagic"}}, "log_dir", "ends the run at its first entry"),
        ({"train": {"max_train_steps": 5}}, "train.max_train_steps", "not read"),
        ({"datasets": [{"do_i2v": True}]}, "datasets[0].do_i2v", "no effect"),
        ({"train": {"optimizer": "adamw32"}}, "train.optimizer", "stops the trainer"),
        ({"model": {**WAN, "quantize": True}}, "model.quantize_te", "qfloat8"),
    ],
)  # fmt: skip
def test_what_happens(tmp_path: Path, sections: dict[str, Any], path: str, effective: Scalar) -> None:
    assert effective in effects(table(tmp_path, **sections), path)


def test_a_config_that_means_what_it_says_has_few_rows(tmp_path: Path) -> None:
    rows = table(
        tmp_path,
        AI_TOOLKIT,
        model={"arch": "wan22_14b", "name_or_path": "a/Wan2.2-T2V-A14B-Diffusers"},
        network={"type": "lora", "linear": 32, "linear_alpha": 32},
        train={"steps": 2000, "lr": 1e-4, "noise_scheduler": "flowmatch", "timestep_type": "linear"},
        datasets=[{"folder_path": "clips", "num_frames": 33, "shrink_video_to_frames": False, "fps": 16}],
        save={"save_every": 100, "max_step_saves_to_keep": 20},
        logging={"use_ui_logger": True, "log_every": 1},
    )
    assert set(rows) == {"model.boundary_ratio", "train.steps"}
    assert effects(rows, "train.steps") == [
        "1000 updates of the high-noise expert",
        "1000 updates of the low-noise expert",
    ]


# --- the rows themselves, whatever the table says -----------------------------------------------------------------------


def known(folder: Path, *facts: Fact, **sections: Any) -> Known:
    found = collect(
        readings(config=reading(folder, **sections)),
        RunWeights(),
        declarations=DECLARATIONS,
        trainers=TRAINERS,
        asked=Asked(TARGETS, YARDSTICK),
    )
    return replace(found, facts=facts)


def shown(row: EffectiveRow, found: Known) -> list[tuple[str, Scalar | None, Scalar | None, str]]:
    return [(each.path, each.declared, each.effective, each.why) for each in effective_settings(found, {"part": [row]})]


STEPS = Fact("a.fact", "run", 7, note="because")


@pytest.mark.parametrize(
    ("row", "visible"),
    [
        ({}, True),
        ({"tests": (Test(Op.IS, 7),)}, True),
        ({"tests": (Test(Op.IS, 8),)}, False),
        ({"tests": (Test(Op.IS_NOT, 7),)}, False),
        ({"tests": (Test(Op.IS_NOT, 8),)}, True),
        ({"tests": (Test(Op.GT, 6.5),)}, True),
        ({"tests": (Test(Op.GT, 6.5), Test(Op.LT, 7))}, False),
        ({"tests": (Test(Op.GT, 7.0),)}, False),
        ({"written": True}, True),
        ({"written": False}, False),
        ({"where": (Condition("a.fact", "run", (Test(Op.IS, 7),), "a"),)}, True),
        ({"where": (Condition("b.fact", "run", (Test(Op.IS, 7),), "b"),)}, False),
        ({"of": "high"}, False),
    ],
)
def test_when_a_row_is_shown(tmp_path: Path, row: dict[str, Any], *, visible: bool) -> None:
    found = known(tmp_path, STEPS, train={"steps": 9})
    expected = [("train.steps", 9, 7, "because")] if visible else []
    assert shown(EffectiveRow(("steps",), "a.fact", **row), found) == expected


def test_a_value_as_written_is_no_row(tmp_path: Path) -> None:
    assert shown(EffectiveRow(("steps",), "a.fact"), known(tmp_path, STEPS, train={"steps": 7})) == []


def test_words_a_subject_and_a_condition_of_the_same_subject(tmp_path: Path) -> None:
    facts = [
        Fact(name, f"datasets[{i}]", value) for i in (0, 1) for name, value in (("a.fact", 5), ("b.fact", bool(i)))
    ]
    row = EffectiveRow(
        ("clip.fps",),
        "a.fact",
        "each",
        where=(Condition("b.fact", "run", (Test(Op.IS, operand=True),), "b"),),
        happens="{value:.1f} of {subject}",
        why="{value}",
    )
    found = known(tmp_path, *facts, datasets=[{"fps": 1}, {"fps": [1, 2.5]}])
    assert shown(row, found) == [("datasets[1].fps", "1, 2.5", "5.0 of datasets[1]", "5")]


def test_sections_and_long_lists_are_counted(tmp_path: Path) -> None:
    row = EffectiveRow(("rate", "optimizer.parameters"), "a.fact", tests=(Test(Op.IS, 7),))
    found = known(tmp_path, STEPS, train={"lr": list(range(9)), "optimizer_params": {"a": 1}})
    assert [declared for _, declared, _, _ in shown(row, found)] == ["9 entries", "1 entries"]
    for length, told in ((6, "0, 1, 2, 3, 4, 5"), (7, "7 entries")):
        found = known(tmp_path, STEPS, train={"lr": list(range(length))})
        assert next(declared for _, declared, _, _ in shown(row, found)) == told


def test_an_absent_key_points_to_where_the_fact_was_read(tmp_path: Path) -> None:
    found = known(tmp_path, replace(STEPS, places=(Place("x", line=3),)))
    (setting,) = effective_settings(found, {"part": [EffectiveRow(("rate.unet",), "a.fact")]})
    assert setting.source == Place("x", line=3)
    assert setting.declared is None


def test_our_table_names_keys_once_for_each_fate() -> None:
    rows = [row for part in TABLE.values() for row in part]
    assert len({(row.settings, row.fact, row.of, row.tests) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("trainer", "lines"), [(AI_TOOLKIT, "SDTrainer.py:2253-2264"), (RELAXIS, "SDTrainer.py:2074-2098")]
)
def test_each_trainer_is_cited_by_its_own_lines(tmp_path: Path, trainer: str, lines: str) -> None:
    train = {"steps": 200, "switch_boundary_every": 10}
    assert lines in table(tmp_path, trainer, train=train)["train.steps"][0].why


def test_a_number_in_quotes_and_a_parameter_of_another_optimizer_stop_the_trainer(tmp_path: Path) -> None:
    rows = table(tmp_path, train={"optimizer": "adamw", "lr": "1.0e-4", "optimizer_params": {"lr_bump": 1e-6}})
    assert effects(rows, "train.lr") == ["stops the trainer"]
    assert effects(rows, "train.optimizer_params.lr_bump") == ["stops the trainer"]
