"""optimizer.pt: rates as the trainer keeps them, and no harm from strangers' pickles."""

import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec.structs import replace

from diagnose.core.errors import DiagnoseError
from diagnose.weights import optimizer_state
from diagnose.weights.measurement import ParamGroup
from diagnose.weights.optimizer_state import load_state, mean_rate, read_optimizer, scalar

REAL = Path(__file__).parents[3] / "shared" / "cases" / "real" / "fork-a_ratio135"


def mask(*rates: float) -> dict[str, Any]:
    """Quantise rates as the fork does: int8 times the largest over 127."""
    scale = max(rates) / 127
    quantized = (torch.tensor([rates]) / scale).round().to(torch.int8)
    return {"quantized": quantized, "scale": scale, "orig_dtype": torch.float32}


def automagic() -> dict[str, Any]:
    bounds = {"eps": (1e-30, 1e-3), "min_lr": 1e-6, "max_lr": 3e-4}
    return {
        "state": {
            0: {"step": 12, "lr_mask": mask(1e-4, 2e-4), "avg_lr": torch.tensor(1.5e-4)},
            1: {"step": 11, "lr_mask": mask(3e-4, 3e-4)},
            2: {"step": 10, "lr_mask": mask(5e-5, 5e-5), "last_polarity": torch.ones(1, 2, dtype=torch.bool)},
        },
        "param_groups": [
            {"lr": 1e-5, "lr_bump": 2e-5, "params": [0, 1], **bounds},
            {"lr": 1e-5, "lr_bump": 5e-6, "params": [2, 3], **bounds},
        ],
    }


def saved(state: object, folder: Path) -> Path:
    path = folder / "optimizer.pt"
    torch.save(state, path)
    return path


def test_live_rates_and_bounds_of_both_experts(tmp_path: Path) -> None:
    high, low = read_optimizer(saved(automagic(), tmp_path), live=True).groups
    assert high.rate == pytest.approx(2.25e-4, rel=0.01)
    assert (high.lr_bump, high.min_lr, high.max_lr) == (2e-5, 1e-6, 3e-4)
    assert low.lr_bump == 5e-6


def test_a_tensor_never_updated_has_no_rate_and_is_left_out_of_the_mean(tmp_path: Path) -> None:
    _, low = read_optimizer(saved(automagic(), tmp_path), live=True).groups
    assert low.rate == pytest.approx(5e-5, rel=0.01)


def test_another_optimizer_has_settings_and_no_rates(tmp_path: Path) -> None:
    parameter = torch.nn.Parameter(torch.ones(3))
    optimizer = torch.optim.AdamW([parameter], lr=2e-4)
    parameter.grad = torch.ones(3)
    optimizer.step()
    (group,) = read_optimizer(saved(optimizer.state_dict(), tmp_path), live=True).groups
    assert group == ParamGroup(lr_bump=None, min_lr=None, max_lr=None, rate=None)


def test_the_real_file_agrees_with_the_last_logged_rates() -> None:
    if not REAL.is_dir():
        pytest.skip("the real runs are not here")
    last = json.loads((REAL / "metrics_a_ratio135.jsonl").read_text().splitlines()[-1])
    high, low = read_optimizer(REAL / "optimizer.pt", live=True).groups
    # The log has the mean before quantising to int8.
    assert high.rate == pytest.approx(last["lr_0"], rel=1e-3)
    assert low.rate == pytest.approx(last["lr_1"], rel=1e-3)


def archive(folder: Path, *members: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    path = folder / "optimizer.pt"
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in members:
            file.writestr(name, content)
    return path


def call_of(name: str, argument: int) -> bytes:
    """A pickle, protocol 2, that calls `module\\nname` with one number."""
    return b"\x80\x02c" + name.encode() + b"\nJ" + argument.to_bytes(4, "little") + b"\x85R."


STATES: dict[str, object] = {
    "list": [1, 2],
    "no groups": {"state": {}},
    "groups no list": {"state": {}, "param_groups": 3},
    "no state": {"param_groups": [{"lr": 1}]},
    "groups of numbers": {"state": {}, "param_groups": [1, 2, 3]},
    "no groups in the list": {"state": {}, "param_groups": []},
}


@pytest.mark.parametrize("name", STATES)
def test_a_state_dict_of_something_else_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DiagnoseError, match="no parameter groups"):
        read_optimizer(saved(STATES[name], tmp_path), live=True)


def test_odd_values_are_unknown(tmp_path: Path) -> None:
    state = automagic()
    odd = {"quantized": torch.zeros(2, 2), "scale": "big"}
    state["state"] = {0: {"step": "many", "lr_mask": odd}, 1: 7, 2: {"lr_mask": {"quantized": torch.empty(0).char()}}}
    state["param_groups"][0] |= {"lr": float("nan"), "lr_bump": True, "min_lr": torch.ones(2), "max_lr": 10**400}
    state["param_groups"][0]["params"] = [0, 1, "x", [2], torch.ones(2)]
    state["param_groups"][1]["params"] = None
    high, low = read_optimizer(saved(state, tmp_path), live=True).groups
    assert (high.lr_bump, high.min_lr, high.max_lr, high.rate, low.rate) == (None,) * 5


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("builtins\nbytearray", "bytearray"),
        ("os\nsystem", "os system"),
        ("torch.storage\nUntypedStorage", "UntypedStorage"),
        ("torch\nload", "torch load"),
        ("builtins\neval", "eval"),
    ],
)
def test_a_pickle_that_names_more_than_tensors_is_not_loaded(tmp_path: Path, name: str, word: str) -> None:
    path = archive(tmp_path, ("archive/data.pkl", call_of(name, 2**31 - 1)), ("archive/version", b"3\n"))
    with pytest.raises(DiagnoseError, match=word):
        read_optimizer(path, live=True)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("place", [b"r\xff\xff\xff\x7f", b"p2147483647\n", b"p-1\n", b"r\x09\0\0\0"])
def test_a_memo_larger_than_its_pickle_is_not_made(tmp_path: Path, place: bytes, live: bool) -> None:
    pickled = b"\x80\x02}" + place + b"."
    with pytest.raises(DiagnoseError, match="PUT"):
        read_optimizer(archive(tmp_path, ("archive/data.pkl", pickled)), live=live)


@pytest.mark.parametrize("place", [0, 8])
def test_the_first_and_the_last_place_that_a_pickle_of_nine_bytes_may_fill(tmp_path: Path, place: int) -> None:
    pickled = b"\x80\x02}r" + place.to_bytes(4, "little") + b"."
    with pytest.raises(DiagnoseError, match="no parameter groups"):
        read_optimizer(archive(tmp_path, ("archive/data.pkl", pickled)), live=False)


def test_a_file_of_more_than_32_gib_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "optimizer.pt"
    for size, word in ((32 << 30, "not a torch.save file"), ((32 << 30) + 1, "more than 32 GiB")):
        with path.open("wb") as file:
            file.truncate(size)
        with pytest.raises(DiagnoseError, match=word):
            read_optimizer(path, live=True)


def test_files_that_are_no_torch_archive(tmp_path: Path) -> None:
    legacy = io.BytesIO()
    torch.save(automagic(), legacy, _use_new_zipfile_serialization=False)
    path = tmp_path / "optimizer.pt"
    for content in (b"", b"text", b"\0" * 1000, legacy.getvalue(), pickle.dumps([1])):
        path.write_bytes(content)
        with pytest.raises(DiagnoseError, match=str(path)):
            read_optimizer(path, live=True)
    for missing in (tmp_path / "absent.pt", tmp_path):
        with pytest.raises(DiagnoseError):
            read_optimizer(missing, live=True)


def test_archives_built_to_fill_the_memory(tmp_path: Path) -> None:
    pickled, deflated = ("a/data.pkl", b"N."), zipfile.ZIP_DEFLATED
    bomb = ("a/data.pkl", b"\0" * (64 << 20))
    for members, compression, word in (
        ([bomb], deflated, "not one pickle of at most 16 MiB"),
        ([pickled, ("a/data/0", b"0" * 99)], deflated, "compressed"),
        ([pickled, ("b/data.pkl", b"N.")], zipfile.ZIP_STORED, "not one pickle"),
        ([("a/other", b"N.")], zipfile.ZIP_STORED, "not one pickle"),
    ):
        with pytest.raises(DiagnoseError, match=word):
            read_optimizer(archive(tmp_path, *members, compression=compression), live=True)


def test_every_torn_copy_is_refused(tmp_path: Path) -> None:
    path = saved(automagic(), tmp_path)
    content = path.read_bytes()
    for length in range(0, len(content), max(1, len(content) // 60)):
        path.write_bytes(content[:length])
        with pytest.raises(DiagnoseError):
            read_optimizer(path, live=True)


def test_a_flipped_byte_anywhere_is_read_or_refused(tmp_path: Path) -> None:
    path = saved(automagic(), tmp_path)
    content = path.read_bytes()
    directory = content.index(b"PK\x01\x02")
    for index in (*range(0, directory, 41), *range(directory, len(content), 5)):
        path.write_bytes(content[:index] + bytes([content[index] ^ 0x10]) + content[index + 1 :])
        with suppress(DiagnoseError):
            assert read_optimizer(path, live=True).groups


def test_a_record_that_claims_more_bytes_than_there_are(tmp_path: Path) -> None:
    path = archive(tmp_path, ("a/data.pkl", b"N."))
    content = bytearray(path.read_bytes())
    directory = content.index(b"PK\x01\x02")
    for size_field in (20, 24):
        content[directory + size_field : directory + size_field + 4] = (10_000).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(DiagnoseError, match="damaged"):
        read_optimizer(path, live=True)


@pytest.mark.parametrize("name", STATES)
def test_without_live_rates_too_something_else_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DiagnoseError, match="no parameter groups"):
        read_optimizer(saved(STATES[name], tmp_path), live=False)


def test_without_live_rates_no_tensor_is_read(tmp_path: Path) -> None:
    state = automagic()
    read, light = (read_optimizer(saved(state, tmp_path), live=live) for live in (True, False))
    assert [replace(group, rate=None) for group in read.groups] == list(light.groups)
    state["param_groups"][0] |= {"max_lr": torch.tensor(0.25), "min_lr": torch.float32, "betas": OrderedDict(a=1)}
    (high, _) = read_optimizer(saved(state, tmp_path), live=False).groups
    assert (high.lr_bump, high.max_lr, high.min_lr) == (2e-5, None, None)


def test_torch_is_loaded_for_live_rates_alone(tmp_path: Path) -> None:
    path = saved(automagic(), tmp_path)
    probe = (
        "import sys; from pathlib import Path; from diagnose.weights.optimizer_state import read_optimizer\n"
        f"for live in (False, True): read_optimizer(Path({str(path)!r}), live=live); print('torch' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True).stdout
    assert out.split() == ["False", "True"]


def test_limits_of_size_are_of_the_file_and_of_its_pickle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(automagic(), tmp_path)
    size = path.stat().st_size
    with zipfile.ZipFile(path) as file:
        (pickled,) = (record.file_size for record in file.infolist() if record.filename.endswith("data.pkl"))
    for name, limit in (("SIZE_LIMIT", size), ("PICKLE_LIMIT", pickled)):
        with monkeypatch.context() as patch:
            patch.setattr(optimizer_state, name, limit)
            assert read_optimizer(path, live=True).groups
            patch.setattr(optimizer_state, name, limit - 1)
            with pytest.raises(DiagnoseError, match="not read"):
                read_optimizer(path, live=True)


def rate_of(quantized: object, scale: object = 1e-6) -> float | None:
    return mean_rate({"params": [0]}, {0: {"lr_mask": {"quantized": quantized, "scale": scale}}})


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_a_number_kept_in_a_tensor_is_read_wherever_it_lies(dtype: torch.dtype) -> None:
    assert scalar(torch.tensor([7.0, 0.25, 9.0], dtype=dtype)[1:2]) == 0.25
    assert scalar(torch.tensor([[0.25]], dtype=dtype)) == 0.25
    assert scalar(torch.tensor(float("inf"), dtype=dtype)) is None


@pytest.mark.parametrize("odd", [torch.ones(2), torch.empty(0), torch.tensor(1j), torch.tensor(True), "1", None, True])
def test_what_is_no_single_number_is_unknown(odd: object) -> None:
    assert scalar(odd) is None


def test_plain_and_whole_numbers() -> None:
    assert (scalar(0.25), scalar(3), scalar(torch.tensor(3))) == (0.25, 3.0, 3.0)


def test_the_rate_is_the_mean_of_the_numbers_times_their_scale() -> None:
    numbers = torch.tensor([[100, 27], [-128, 127]], dtype=torch.int8)
    assert rate_of(numbers) == pytest.approx(31.5e-6, rel=1e-12)
    assert rate_of(numbers, torch.tensor(2e-6)) == pytest.approx(63e-6, rel=1e-6)


def test_each_tensor_counts_once() -> None:
    mask: dict[object, Any] = {
        at: {"lr_mask": {"quantized": torch.ones(at, dtype=torch.int8), "scale": float(at)}} for at in (1, 3)
    }
    assert mean_rate({"params": [1, 3]}, mask) == 2.0
    assert mean_rate({"params": [3, 4]}, mask) == 3.0, "4 was never updated"
    assert mean_rate({"params": [4]}, mask) is None


@pytest.mark.parametrize(
    ("quantized", "scale"),
    [
        (torch.zeros(2, 2), 1.0),
        (torch.empty(0).char(), 1.0),
        (torch.ones(2, dtype=torch.int8), "big"),
        (torch.ones(2, dtype=torch.int8), float("nan")),
        (torch.zeros(1, dtype=torch.int8).expand(2**40), 1.0),
        (torch.arange(6).char().reshape(2, 3).T, 1.0),
        ([1], 1.0),
    ],
)
def test_other_masks_have_no_rate(quantized: object, scale: object) -> None:
    assert rate_of(quantized, scale) is None


@pytest.mark.parametrize("params", [None, "01", ["0"], [torch.ones(2)], []])
def test_groups_that_name_no_tensor_have_no_rate(params: object) -> None:
    assert mean_rate({"params": params}, {0: {"lr_mask": {"quantized": torch.ones(1).char(), "scale": 1.0}}}) is None


@pytest.mark.parametrize("chunk", [1, 9, 139, 140, 141])
def test_rates_in_part_of_a_larger_tensor_and_over_many_chunks(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimizer_state, "CHUNK", chunk)
    numbers = torch.arange(-120, 120).to(torch.int8).reshape(24, 10)[3:17]
    assert rate_of(numbers) == pytest.approx(float(numbers.double().mean()) * 1e-6, rel=1e-12)


def test_a_state_is_loaded_as_plain_values_and_tensors(tmp_path: Path) -> None:
    state: dict[str, Any] = {"state": {0: {"step": 1}}, "param_groups": [{"params": [0], "max_lr": torch.tensor(0.5)}]}
    torch.save(state, tmp_path / "optimizer.pt")
    assert load_state(tmp_path / "optimizer.pt") == state


def test_a_pickle_that_names_anything_else_is_not_loaded(tmp_path: Path) -> None:
    torch.save({"state": os.getcwd}, tmp_path / "optimizer.pt")
    with pytest.raises(Exception, match="Weights only load failed"):
        load_state(tmp_path / "optimizer.pt")


def test_a_tensor_larger_than_its_storage_is_refused(tmp_path: Path) -> None:
    numbers = torch.arange(64, dtype=torch.int8)
    torch.save(numbers, tmp_path / "whole.pt")
    content = (tmp_path / "whole.pt").read_bytes()
    assert content.count(b"K@\x85") == 1, "the size, 64, in a tuple of one"
    (tmp_path / "wrong.pt").write_bytes(content.replace(b"K@\x85", b"K\x7f\x85"))
    assert torch.equal(load_state(tmp_path / "whole.pt"), numbers)
    with pytest.raises(RuntimeError):
        load_state(tmp_path / "wrong.pt")
