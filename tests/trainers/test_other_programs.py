from collections.abc import Callable
from pathlib import Path

import pytest
from builders import TRAINERS
from hypothesis import given
from hypothesis import strategies as st

from diagnose.core.errors import DiagnoseError
from diagnose.trainers.aitoolkit.config_file import read_config
from diagnose.trainers.other_programs import PROGRAMS, of_another_program

Write = Callable[[str, "str | bytes"], Path]

MUSUBI = 'dit = "low.safetensors"\ndit_high_noise = "high.safetensors"\ntimestep_boundary = 0.9\n'
DIFFUSION_PIPE = "output_dir = '/out'\n[model]\ntype = 'wan'\ntransformer_path = '/m'\nmin_t = 0.875\n"
DIFFSYNTH = "accelerate launch train.py \\\n  --dataset_base_path data --max_timestep_boundary 0.358\n"
SIMPLETUNER = '{"model_family": "wan", "model_flavour": "i2v-14b-2.2-high"}'


@pytest.mark.parametrize(
    ("name", "text", "program"),
    [
        ("run.toml", MUSUBI, "musubi-tuner"),
        ("run.toml", DIFFUSION_PIPE, "diffusion-pipe"),
        ("run.sh", DIFFSYNTH, "DiffSynth-Studio"),
        ("config.json", SIMPLETUNER, "SimpleTuner"),
        ("run.yaml", "dit: a\nnetwork_module: b\n", "musubi-tuner"),
    ],
)
def test_another_programs_config_is_named(write: Write, name: str, text: str, program: str) -> None:
    with pytest.raises(DiagnoseError) as caught:
        read_config(write(name, text), name=name)
    message = str(caught.value)
    assert message.startswith(f"{name}: a config of {program} (")
    assert message.endswith("give the config of an ai-toolkit run")
    assert "\n" not in message


@pytest.mark.parametrize("text", ["", "a: 1\n", "dit: only one key\n", "steps: 5\nlr: 1\n"])
def test_what_is_nobodys_keeps_its_own_error(write: Write, text: str) -> None:
    assert of_another_program(text) is None
    with pytest.raises(DiagnoseError, match=r"ai-toolkit|mapping"):
        read_config(write("config.yaml", text))


def test_an_ai_toolkit_config_with_strange_keys_is_read(write: Write) -> None:
    text = "job: extension\nconfig:\n  name: run\n  process:\n  - type: sd_trainer\n    dit: a\n    network_module: b\n"
    assert read_config(write("config.yaml", text)).root == "config.process[0]"


def test_no_key_is_one_of_the_trainers() -> None:
    known = {key for model in TRAINERS.values() for keys in model.keys.values() for key in keys}
    assert not known & {key for keys in PROGRAMS.values() for key in keys}


@given(st.text())
def test_any_text_is_looked_at(text: str) -> None:
    found = of_another_program(text)
    assert found is None or ", " in found
