"""Keys at fault, as facts: the kind of job, and whether there is a LoRA at all."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import config_of, facts_of, model, recorder

from diagnose.facts.config.key_faults import record_refusals
from diagnose.facts.recorder import NONE
from diagnose.trainers.aitoolkit.config_file import read_config
from diagnose.trainers.declared import Config

REFUSED = "config.refused_setting"


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ({"job": "extension"}, {NONE: NONE}),
        ({}, {"job": "is absent"}),
        ({"job": None}, {"job": "is null"}),
        ({"job": "train"}, {"job": "is train"}),
    ],
)
def test_a_lora_is_trained_under_one_job(tmp_path: Path, head: dict[str, Any], said: dict[str, str]) -> None:
    path, record = tmp_path / "c.yaml", recorder()
    path.write_text(yaml.safe_dump({**head, "config": {"name": 15, "process": [{"type": "sd_trainer"}]}}))
    record_refusals(Config(read_config(path), model()), model(), record)
    found = facts_of(record)
    assert {s: fact.value for (name, s), fact in found.items() if name == "config.job_line" and fact.known} == said
    assert found[REFUSED, "config.name"].value == "it is no text; put it in quotes"


def test_of_a_process_entry_by_itself_no_job_is_asked(tmp_path: Path) -> None:
    path, record = tmp_path / "c.yaml", recorder()
    path.write_text(yaml.safe_dump({"type": "sd_trainer", "train": {"steps": 5}}))
    record_refusals(Config(read_config(path), model()), model(), record)
    assert not any(name == "config.job_line" and fact.known for (name, _), fact in facts_of(record).items())


@pytest.mark.parametrize(
    ("sections", "whole"),
    [
        ({}, True),
        ({"network": None}, True),
        ({"network": {}}, False),
        ({"network": {"linear": 16}}, False),
        ({"embedding": {"trigger": "x"}}, False),
    ],
)
def test_without_a_network_the_whole_model_is_trained(tmp_path: Path, sections: Any, *, whole: bool) -> None:
    record = recorder()
    record_refusals(config_of(tmp_path, **sections), model(), record)
    assert facts_of(record)["config.whole_model", "run"].value is whole
