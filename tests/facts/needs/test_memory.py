from pathlib import Path
from typing import Any

import pytest
from builders import config_of, facts_of, recorder, value
from memory_configs import ARA, CACHED, EIGHT, I2V, LORA, LOW, NETWORK, SHAPES, TRAIN
from trainer_names import AI_TOOLKIT

from diagnose.core.values import GIB
from diagnose.facts.needs.memory import FITS, OPEN, SHORT, Estimate, estimate, record_memory, verdict, with_error
from diagnose.facts.recorder import Recorder
from diagnose.facts.targets import Machine


def found(folder: Path, shape: str = "512x41", model: Any = (), **sections: Any) -> Estimate:
    given = {"network": LORA, "train": TRAIN, "datasets": [SHAPES[shape]], "model": {**I2V, **dict(model)}, **sections}
    result = estimate(config_of(folder, AI_TOOLKIT, **given), NETWORK, recorder())
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ({**ARA, **LOW}, (17, 18, 24, 25, 34)),
        ({**EIGHT, **LOW}, (23, 24, 30, 31, 40)),
        (EIGHT, (38, 39, 45, 45, 55)),
        (LOW, (36, 38, 43, 44, 53)),
        ({}, (65, 66, 72, 73, 82)),
    ],
)
def test_the_table_of_the_research(tmp_path: Path, model: dict[str, Any], expected: tuple[int, ...]) -> None:
    """These were worked out apart from this code, in GB of 10^9 bytes."""
    for shape, gigabytes in zip(SHAPES, expected, strict=True):
        assert found(tmp_path, shape, model).training / 1e9 == pytest.approx(gigabytes, abs=0.6)


@pytest.mark.parametrize(("model", "loading"), [(ARA, 57.2), (EIGHT, 43.1), ({}, 68.6), ({**EIGHT, **LOW}, 11.4)])
def test_the_peaks_of_loading(tmp_path: Path, model: dict[str, Any], loading: float) -> None:
    assert found(tmp_path, model=model).loading / 1e9 == pytest.approx(loading + 0.8, abs=0.1)


@pytest.mark.parametrize(
    ("model", "main"), [({**ARA, **LOW}, 57.2), ({**EIGHT, **LOW}, 43.1), (LOW, 57.2), (EIGHT, None)]
)
def test_the_main_memory(tmp_path: Path, model: dict[str, Any], main: float | None) -> None:
    peak = found(tmp_path, model=model).use.main
    assert peak is None if main is None else peak is not None and peak / 1e9 == pytest.approx(main, abs=0.1)


def test_the_text_encoder_stays_unless_its_texts_are_cached(tmp_path: Path) -> None:
    bare = found(tmp_path, model=LOW, train={"optimizer": "adamw8bit"})
    assert bare.parts["text encoder"] / 1e9 == pytest.approx(11.36, abs=0.01)
    packed = found(tmp_path, model={**EIGHT, **LOW}, train={"optimizer": "adamw8bit"})
    assert packed.parts["text encoder"] / 1e9 == pytest.approx(6.7, abs=0.1)
    for gone in ({"unload_text_encoder": True}, {"cache_text_embeddings": True}):
        assert "text encoder" not in found(tmp_path, model=LOW, train={"optimizer": "adamw8bit", **gone}).parts
    clip = {**SHAPES["512x41"], "cache_text_embeddings": True}
    assert "text encoder" not in found(tmp_path, train={"optimizer": "adamw8bit"}, datasets=[clip]).parts


@pytest.mark.parametrize(
    ("sections", "why"),
    [
        ({"datasets": [{"num_frames": 81, "resolution": 512, "auto_frame_count": True}]}, "its own length"),
        ({"datasets": []}, "length and the size"),
        ({"train": {**TRAIN, "optimizer": "came"}}, "optimizer came"),
        ({"network": {"type": "lokr", "linear": 16}}, "no plain LoRA"),
        ({"model": {**I2V, "quantize": True, "qtype": "int7"}}, "how large int7 weights are"),
    ],
)
def test_no_figure_where_nothing_was_measured(tmp_path: Path, sections: dict[str, Any], why: str) -> None:
    given = {"network": LORA, "train": TRAIN, "datasets": [SHAPES["512x41"]], "model": I2V, **sections}
    record = recorder()
    record_memory(config_of(tmp_path, AI_TOOLKIT, **given), NETWORK, Machine(24), record)
    assert why in value(record, "needs.gpu_unknown")
    assert value(record, "needs.gpu_most") is None
    assert value(record, "machine.fits") is None


@pytest.mark.parametrize(
    ("clip", "batch", "least", "most"),
    [
        ({"num_frames": 5, "resolution": 32, **CACHED}, 1, 0.0, 1.7),
        (SHAPES["still"], 1, 18.6, 63.2),
        (SHAPES["512x41"], 1, 51.2, 171.1),
        (SHAPES["512x41"], 4, 204.8, 684.4),
    ],
)
def test_without_checkpointing(tmp_path: Path, clip: dict[str, Any], batch: int, least: float, most: float) -> None:
    off = {**TRAIN, "gradient_checkpointing": False, "batch_size": batch}
    given = {"network": LORA, "train": off, "datasets": [clip], "model": {**I2V, **ARA, **LOW}}
    record = recorder()
    record_memory(config_of(tmp_path, AI_TOOLKIT, **given), NETWORK, Machine(24), record)
    assert value(record, "config.checkpointing") is False
    assert value(record, "needs.without_checkpointing") == pytest.approx(most, abs=0.1)
    sum_of = found(tmp_path, "still", {**ARA, **LOW}).training / GIB - 4096 * 971_600 / GIB  # all but the activations
    if batch == 1:
        assert value(record, "needs.gpu_least") == pytest.approx(0.9 * max(sum_of + least, 11.4), abs=0.1)
        assert value(record, "needs.gpu_most") == pytest.approx(1.1 * (sum_of + most), abs=0.1)
        assert "simulated only" in facts_of(record)["needs.gpu_most", "run"].note


@pytest.mark.parametrize(
    ("offloads", "least", "fits"),
    [
        ({"layer_offloading": True}, 13.1, None),
        ({"layer_offloading": True, "layer_offloading_transformer_percent": 0.5}, 16.8, None),
        ({"auto_memory": True}, 13.1, None),
        ({"layer_offloading": False}, 20.4, OPEN),
        ({"layer_offloading": True, "layer_offloading_transformer_percent": 0}, 20.4, OPEN),
    ],
)
def test_offloaded_layers_have_a_least_only(
    tmp_path: Path, offloads: dict[str, Any], least: float, fits: str | None
) -> None:
    for card, expected in ((24, fits), (8, SHORT)):
        record = recorded(tmp_path, Machine(card), offloads)
        assert value(record, "needs.gpu_least") == pytest.approx(least, abs=0.1)
        assert value(record, "machine.fits") == expected
        assert ("layer offloading" in value(record, "needs.gpu_unknown")) is (fits is None)
        assert (value(record, "needs.gpu_most") is None) is (fits is None)


@pytest.mark.parametrize(("frames", "side", "batch"), [(81, 720, 1), (121, 960, 1), (41, 512, 4)])
def test_of_huge_batches_the_least_is_known(tmp_path: Path, frames: int, side: int, batch: int) -> None:
    """It is what the largest batch takes that the figures are for."""
    for card, fits in ((24, SHORT), (80, None)):
        clips = [{"num_frames": frames, "resolution": side}]
        given = {"network": LORA, "train": {**TRAIN, "batch_size": batch}, "datasets": clips}
        record = recorder()
        config = config_of(tmp_path, AI_TOOLKIT, **given, model={**I2V, **ARA, **LOW})
        record_memory(config, NETWORK, Machine(card), record)
        assert "tokens in a batch nothing was measured" in value(record, "needs.gpu_unknown")
        assert value(record, "needs.gpu_least") == pytest.approx(43.8, abs=0.2)
        assert (value(record, "needs.gpu_most"), value(record, "machine.fits")) == (None, fits)


def test_the_text_encoder_is_offloaded_but_for_its_table(tmp_path: Path) -> None:
    for share, left in ((1.0, 2.1), (0.0, 11.36)):
        offloads = {**LOW, "layer_offloading": True, "layer_offloading_text_encoder_percent": share}
        bare = found(tmp_path, model=offloads, train={"optimizer": "adamw8bit"})
        assert bare.parts["text encoder"] / 1e9 == pytest.approx(left, abs=0.05)


def test_what_checkpointing_saves_is_told_only_where_it_is_off(tmp_path: Path) -> None:
    record = recorded(tmp_path, Machine(24))
    assert value(record, "config.checkpointing") is True
    assert value(record, "needs.without_checkpointing") is None


def test_another_model_has_no_estimate(tmp_path: Path) -> None:
    assert estimate(config_of(tmp_path, model={"arch": "flux"}), NETWORK, recorder()) is None


@pytest.mark.parametrize(
    ("most", "says"),
    [
        (20, FITS),
        (21.22, FITS),
        (21.23, OPEN),
        (26.6, OPEN),
        (26.7, SHORT),
    ],
)
def test_a_card_of_24_gb(most: float, says: str) -> None:
    assert verdict(with_error(most * GIB, most * GIB), 24, encodes=False) == says


def test_previews_decide_on_a_crowded_card() -> None:
    assert verdict(with_error(19.6 * GIB, 19.6 * GIB), 24, encodes=True) == FITS
    assert verdict(with_error(20 * GIB, 20 * GIB), 24, encodes=True) == OPEN


def test_the_band_and_its_parts(tmp_path: Path) -> None:
    record = recorded(tmp_path, Machine(24, 32))
    assert value(record, "needs.gpu_least") / 0.9 == pytest.approx(value(record, "needs.gpu_most") / 1.1)
    assert value(record, "machine.fits") == OPEN
    assert value(record, "needs.main_least") == pytest.approx(47.9, abs=0.1)
    note = facts_of(record)["needs.gpu_most", "run"].note
    assert note.startswith("weights of one expert 7.6 GB, recovery adapters 0.6 GB, LoRA and optimizer 2.9 GB")
    assert value(recorded(tmp_path, Machine()), "machine.fits") is None


def recorded(folder: Path, machine: Machine, model: Any = ()) -> Recorder:
    record = recorder()
    given = {
        "network": LORA,
        "train": TRAIN,
        "datasets": [SHAPES["512x41"]],
        "model": {**I2V, **ARA, **LOW, **dict(model)},
    }
    record_memory(config_of(folder, AI_TOOLKIT, **given), NETWORK, machine, record)
    return record
