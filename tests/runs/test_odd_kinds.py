"""Settings of a kind that no trainer expects, anywhere in a config: a report comes out all the same."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from diagnose import Report, preflight

pytestmark = pytest.mark.usefixtures("one_reader")
CONFIG = yaml.safe_load(
    """
    config:
      name: run
      process:
      - type: diffusion_trainer
        network:
          type: lora
          linear: 64
          linear_alpha: 16
          alpha_schedule:
            enabled: true
            conv_alpha_phases:
              foundation: {alpha: 8, min_steps: 2000, exit_criteria: {min_gradient_stability: 0.5}}
        save: {dtype: bf16, save_every: 100, max_step_saves_to_keep: 25}
        datasets:
        - {folder_path: clips, caption_ext: txt, resolution: [512], num_frames: 33, fps: 16, do_i2v: true}
        train:
          batch_size: 1
          steps: 3000
          gradient_accumulation: 1
          noise_scheduler: flowmatch
          timestep_type: linear
          optimizer: automagic
          optimizer_params: {lr_bump: 5.0e-06, min_lr: 8.0e-06, max_lr: 0.0003, high_noise_lr_bump: 1.0e-05}
          lr: 1.0e-05
          ema_config: {use_ema: true, ema_decay: 0.99}
          switch_boundary_every: 100
        model:
          name_or_path: ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16
          quantize: true
          qtype: uint4
          arch: wan22_14b_i2v
          model_kwargs: {train_high_noise: true, train_low_noise: true}
        sample:
          sample_every: 400
          width: 832
          height: 480
          neg: ''
          samples: [{prompt: a prompt, ctrl_img: image.png}]
          num_frames: 41
    """
)
ODD: tuple[Any, ...] = (
    ["a", 1],
    {"a": 1},
    None,
    True,
    "text",
    "",
    "1e-4",
    float("nan"),
    -1,
    0,
    1e300,
    10**400,
    [],
    {},
    [[]],
    [{}],
)


def paths(part: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every setting, section and list item."""
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [path for key, value in items for path in ((*above, key), *paths(value, (*above, key)))]


PROCESS = ("config", "process", 0)
PATHS = [path for path in paths(CONFIG) if len(path) > len(PROCESS)]


def with_odd(path: tuple[Any, ...], odd: Any) -> Any:
    config = copy.deepcopy(CONFIG)
    place = config
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = odd
    return config


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), odd=st.sampled_from(ODD))
@example(path=(*PROCESS, "save"), odd=1e300)
@example(path=(*PROCESS, "train"), odd=["a", 1])
@example(path=(*PROCESS, "network", "type"), odd={"a": 1})
@example(path=(*PROCESS, "sample", "width"), odd=[832, 480])
def test_no_kind_stops_the_report(tmp_path: Path, path: tuple[Any, ...], odd: Any) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(with_odd(path, odd)), encoding="utf-8")
    assert isinstance(preflight(file), Report)


@pytest.mark.parametrize("section", ["save", "train"])
def test_a_section_that_is_a_number_is_not_written_over(tmp_path: Path, section: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(with_odd((*PROCESS, section), 3)), encoding="utf-8")
    report = preflight(file)
    assert report.next.config is None
    assert section in report.next.note
