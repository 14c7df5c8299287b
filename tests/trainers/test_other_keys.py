"""A trainer with keys of its own: the same facts for the same settings, and a change comes back to its own key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from builders import DECLARATIONS, TRAINERS, facts_of
from msgspec.structs import replace
from run_evidence import evidence
from trainer_names import RELAXIS

from diagnose.core.paths import knowledge_dir, rules_dir
from diagnose.core.values import Place, Scalar
from diagnose.engine.inference import Firing
from diagnose.facts.config.settings_facts import record_config
from diagnose.facts.recorder import Recorder
from diagnose.rulebase.reading.load import load_rulebase
from diagnose.sources.readings import ConfigReading
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.declared import Config, Setting
from diagnose.verdict.next.wishes import merge, wishes
from diagnose.verdict.next.write_config import revised, written

BASE = load_rulebase([rules_dir()], knowledge_dir())
FAMILY = TRAINERS[RELAXIS]
KEYS = {
    "arch": "dit_kind",
    "base_model": "dit",
    "lora.kind": "network_module",
    "rank": "network_dim",
    "alpha": "network_alpha",
    "lora": "network_args",
    "steps": "max_train_steps",
    "rate": "learning_rate",
    "optimizer": "optimizer_type",
    "rate.bump": "bump",
    "rate.min": "floor",
    "rate.max": "ceiling",
    "accumulation": "gradient_accumulation_steps",
    "switch_every": "expert_block",
    "save_every": "save_every_n_steps",
    "saves_kept": "save_last_n_steps",
}
"""Flat keys, as in a TOML file; none is one of the family's."""
WRITTEN: Mapping[str, Scalar] = {
    "arch": "wan22_14b_i2v",
    "base_model": "a/Wan2.2-I2V-A14B-Diffusers",
    "lora.kind": "lora",
    "rank": 32,
    "alpha": 16,
    "steps": 2200,
    "rate": 1e-5,
    "optimizer": "automagic",
    "rate.bump": 5e-6,
    "rate.min": 5e-6,
    "rate.max": 1e-4,
    "accumulation": 2,
    "switch_every": 10,
    "save_every": 100,
    "saves_kept": 4,
}
TOLD = [
    "config.steps",
    "config.rank",
    "config.alpha_over_rank",
    "config.optimizer",
    "config.lr",
    "config.save_every",
    "config.saves_left",
    "config.first_block",
    "config.base_is_wan22_14b",
    "effective.lr_ratio",
    "effective.start_rate",
]
PER_EXPERT = ["effective.lr_bump", "effective.lr_min", "effective.lr_max", "effective.updates"]


def another() -> AiToolkitModel:
    """Return a trainer that has these keys and no others; the defaults stand under them."""
    settings = {name: (key,) for name, key in KEYS.items()}
    found = {KEYS[name]: FAMILY.default(name) for name in KEYS}
    defaults = {key: value for key, value in found.items() if value is not None}
    alike = replace(FAMILY, settings=settings, defaults=defaults)
    return replace(alike, values=(), unseen=(), choices=(), refused=(), ignored=())


def config_for(model: AiToolkitModel) -> Config:
    """Return the config that writes the same settings under a trainer's own keys."""
    data: dict[str, Any] = {}
    for name, value in WRITTEN.items():
        *sections, key = model.settings[name][0].split(".")
        target = data
        for section in sections:
            target = target.setdefault(section, {})
        target[key] = value
    return Config(ConfigReading("run.yaml", "", data, "", {}), model)


def told(model: AiToolkitModel) -> dict[tuple[str, str], Scalar | None]:
    record = Recorder(DECLARATIONS)
    config = config_for(model)
    record_config(evidence(config).seen_through(model), config, None, record)
    return {key: fact.value for key, fact in facts_of(record).items() if key[0] in {*TOLD, *PER_EXPERT}}


def test_the_same_settings_give_the_same_facts() -> None:
    found = told(another())
    assert found == told(FAMILY)
    assert None not in found.values()
    assert found["config.steps", "run"] == 2200
    assert found["effective.lr_max", "low"] == 1e-4


@pytest.mark.parametrize("name", ["steps", "rate", "save_every", "rank"])
def test_an_absent_key_has_its_default_under_its_own_name(name: str) -> None:
    model = another()
    config = Config(ConfigReading("run.yaml", "", {}, "", {}), model)
    assert config.setting(name).value == FAMILY.default(name)


FILE = """\
# a run of another trainer
max_train_steps: 6000  # too many
save_every_n_steps: 500
"""


def test_a_change_comes_back_to_its_own_key() -> None:
    config = Config(ConfigReading("run.yaml", FILE, yaml.safe_load(FILE), "", {"max_train_steps": 2}), another())
    rule = next(rule for rule in BASE.rules if rule.name == "limit-the-steps")
    fired = Firing(rule.id, "run", (), (), rule.stage)
    changes, _ = merge(wishes(rule, fired, BASE.knowledge.recipes["recommended"], config), config)
    assert [(change.path, change.setting, change.old, change.new) for change in changes] == [
        ("max_train_steps", "steps", 6000, 2200)
    ]
    assert written(config, changes) == FILE.replace("6000", "2200")
    assert revised(config, changes).number("steps") == Setting(
        2200, Place("run.yaml", 2, "max_train_steps"), written=True
    )


def test_a_setting_is_called_by_the_trainers_own_key() -> None:
    config = config_for(another())
    assert config.called("saves_kept") == "save_last_n_steps"
    assert config.name_of("save_last_n_steps") == "saves_kept"
