"""optimizer.pt: rates as the trainer keeps them, and no harm from strangers' pickles."""

import io
import json
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
from diagnose.weights.optimizer_state import read_optimizer
from diagnose.weights.run_weights import ParamGroup

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
