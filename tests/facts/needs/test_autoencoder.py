"""What the GPU holds while previews are decoded, and clips encoded."""

from pathlib import Path
from typing import Any

import pytest
from builders import config_of, facts_of, recorder, value
from memory_configs import ARA, EIGHT, I2V, LORA, LOW, NETWORK, SHAPES, TRAIN
from trainer_names import AI_TOOLKIT

from diagnose.core.values import GIB
from diagnose.facts.needs.autoencoder import DECODING, ENCODING, preview_area
from diagnose.facts.needs.memory import Estimate, estimate, record_memory
from diagnose.facts.targets import Machine

SMALL, LARGE = ({"width": side, "height": side, "num_frames": 41, "samples": [{"prompt": "a"}]} for side in (512, 1024))


def found(folder: Path, model: Any, clip: Any = (), **sections: Any) -> Estimate:
    given = {"network": LORA, "train": TRAIN, "datasets": [{**SHAPES["512x41"], **dict(clip)}], "sample": SMALL}
    config = config_of(folder, AI_TOOLKIT, **{**given, "model": {**I2V, **model}, **sections})
    result = estimate(config, NETWORK, recorder())
    assert result is not None
    return result


def test_the_experts_leave_before_a_preview_is_decoded_with_low_vram(tmp_path: Path) -> None:
    work = 30000 * 512**2
    low, both = found(tmp_path, {**ARA, **LOW}), found(tmp_path, EIGHT)
    held = low.parts["LoRA and optimizer"] + low.parts["the GPU's own"]
    assert low.beside == {DECODING: pytest.approx(held + work)}
    assert both.beside == {DECODING: pytest.approx(both.training - both.parts["activations"] + work)}


def test_a_large_preview_raises_the_most_and_not_the_least(tmp_path: Path) -> None:
    small, large = found(tmp_path, {**ARA, **LOW}), found(tmp_path, {**ARA, **LOW}, sample=LARGE)
    assert small.most == small.training
    assert large.most == large.beside[DECODING] > small.most
    assert large.band[0] == small.band[0]
    record = recorder()
    sections = {"network": LORA, "train": TRAIN, "datasets": [SHAPES["512x41"]], "sample": LARGE}
    record_memory(config_of(tmp_path, AI_TOOLKIT, **sections, model={**I2V, **ARA, **LOW}), NETWORK, Machine(), record)
    assert facts_of(record)["needs.gpu_most", "run"].note.endswith(
        "33.6 GB while previews are decoded; not counted: caching latents before the training"
    )
    assert value(record, "needs.gpu_most") == pytest.approx(1.1 * large.most / GIB)


def test_what_no_figure_shows_is_not_told(tmp_path: Path) -> None:
    record = recorder()
    tiny = {"num_frames": 5, "resolution": 32}
    sections = {"network": LORA, "train": TRAIN, "datasets": [tiny], "model": {**I2V, **ARA, **LOW}}
    record_memory(config_of(tmp_path, AI_TOOLKIT, **sections), NETWORK, Machine(), record)
    assert facts_of(record)["needs.gpu_most", "run"].note.endswith("a tenth less or more")


@pytest.mark.parametrize(
    "sample",
    [{**SMALL, "num_frames": 1}, {**SMALL, "width": None}, {**SMALL, "height": 2**17}, {**SMALL, "samples": []}, {}],
)
def test_previews_whose_size_is_not_known_are_not_counted(tmp_path: Path, sample: dict[str, Any]) -> None:
    assert found(tmp_path, {**ARA, **LOW}, sample=sample).beside == {}


def test_clips_that_are_not_cached_are_encoded_in_every_step(tmp_path: Path) -> None:
    bare = found(tmp_path, LOW, {"cache_latents": False})
    assert bare.parts["autoencoder"] == pytest.approx(0.254e9)
    held = bare.training - bare.parts["activations"]
    assert bare.beside[ENCODING] == pytest.approx(held + 9800 * 512**2)
    stills = found(tmp_path, LOW, {"cache_latents": False, "num_frames": 1})
    assert ENCODING not in stills.beside


def test_what_has_no_figure_is_named(tmp_path: Path) -> None:
    assert found(tmp_path, LOW).uncounted == ("caching latents before the training",)
    stills = {"cache_latents": False, "num_frames": 1}
    assert found(tmp_path, LOW, stills).uncounted == ("encoding what is not cached",)
    assert found(tmp_path, LOW, {"cache_latents": False}).uncounted == ()
    still_previews = {**SMALL, "num_frames": 1}
    assert "decoding previews" in found(tmp_path, LOW, sample=still_previews).uncounted


def test_the_area_of_previews(tmp_path: Path) -> None:
    assert preview_area(config_of(tmp_path, AI_TOOLKIT, model=I2V, sample=SMALL)) == 512**2
    off = {"disable_sampling": True}
    assert preview_area(config_of(tmp_path, AI_TOOLKIT, model=I2V, sample=SMALL, train=off)) is None
