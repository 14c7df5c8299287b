from pathlib import Path
from typing import Any

import pytest
from builders import KNOWLEDGE, config_of, facts_of, recorder, value
from run_evidence import evidence
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.facts.needs.passes import record_passes
from diagnose.facts.recorder import Recorder

SET = "datasets[0]"
WAN = {"arch": "wan22_14b_i2v"}
CLIP = {"num_frames": 81, "resolution": 512}
REPEATED = {**CLIP, "num_repeats": 5}


def recorded(folder: Path, files: int | None = None, **sections: Any) -> Recorder:
    record, config = recorder(), config_of(folder, **{"model": WAN, "datasets": [CLIP], **sections})
    if files is not None:
        record.known("dataset.files", files, subject=SET)
    record_passes(evidence(config), config, record)
    return record


@pytest.mark.parametrize(
    ("clip", "tokens"),
    [
        (CLIP, 21504),
        ({"num_frames": 41, "resolution": 512}, 11264),
        ({"num_frames": 81, "resolution": 384}, 12096),
        ({"resolution": 1024}, 4096),
        ({"num_frames": 81, "resolution": [256, 512]}, 21504),
        ({"num_frames": 81}, 21504),  # the trainers' default is 512
    ],
)
def test_tokens_of_a_clip(tmp_path: Path, clip: dict[str, Any], tokens: int) -> None:
    assert value(recorded(tmp_path, datasets=[clip]), "dataset.tokens", SET) == tokens


@pytest.mark.parametrize(
    "clip",
    [
        {**CLIP, "resolution": "large"},
        {**CLIP, "resolution": [512, None]},
        {**CLIP, "resolution": 2**16 + 1},
        {**CLIP, "num_frames": 10_001},
        {**CLIP, "num_frames": 0},
    ],
)
def test_tokens_are_unknown(tmp_path: Path, clip: dict[str, Any]) -> None:
    fact = facts_of(recorded(tmp_path, datasets=[clip])).get(("dataset.tokens", SET))
    assert fact is None or not fact.known


@pytest.mark.parametrize(
    ("trainer", "longest", "tokens"),
    [(AI_TOOLKIT, None, None), (AI_TOOLKIT, 121, 31744), (RELAXIS, 121, 21504)],
)
def test_clips_of_their_own_length(tmp_path: Path, trainer: str, longest: float | None, tokens: int | None) -> None:
    """The fork does not read auto_frame_count."""
    record, config = recorder(), config_of(tmp_path, trainer, model=WAN, datasets=[{**CLIP, "auto_frame_count": True}])
    if longest is not None:
        record.known("dataset.longest_frames", longest, subject=SET)
    record_passes(evidence(config), config, record)
    assert value(record, "dataset.tokens", SET) == tokens


def test_another_model_has_no_tokens(tmp_path: Path) -> None:
    assert ("dataset.tokens", SET) not in facts_of(recorded(tmp_path, model={"arch": "flux"}))


def test_tokens_of_a_wide_clip() -> None:
    network = KNOWLEDGE.domain.network
    assert network is not None
    assert network.tokens(81, 832, 480) == 32760
    assert network.tokens(81, 1280, 720) == 75600


@pytest.mark.parametrize(
    ("sections", "files", "passes"),
    [
        ({"train": {"steps": 3000, "switch_boundary_every": 10}}, 30, (50, 50)),
        ({"train": {"steps": 3000, "switch_boundary_every": 10, "batch_size": 2}}, 30, (100, 100)),
        ({"train": {"steps": 3000, "switch_boundary_every": 10, "gradient_accumulation": 2}}, 30, (100, 100)),
        ({"train": {"steps": 3000, "switch_boundary_every": 10}, "datasets": [REPEATED]}, 30, (10, 10)),
        ({"train": {"steps": 30}, "datasets": [{**CLIP, "resolution": [256, 512]}]}, 5, (1.5, 1.5)),
        ({"train": {"steps": 300}, "model": {**WAN, "model_kwargs": {"train_low_noise": False}}}, 30, (10, None)),
    ],
)
def test_passes_over_the_data(
    tmp_path: Path, sections: dict[str, Any], files: int, passes: tuple[float | None, float | None]
) -> None:
    record = recorded(tmp_path, files, **sections)
    assert (value(record, "needs.passes", "high"), value(record, "needs.passes", "low")) == passes


def test_passes_are_unknown_where_nobody_counted_the_clips(tmp_path: Path) -> None:
    assert value(recorded(tmp_path), "needs.passes", "high") is None
