"""A file of torch.save: its values and numbers as torch reads them, and no harm from strangers' pickles."""

import io
import os
import pickle
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch

from diagnose.core.errors import DiagnoseError
from diagnose.weights import torch_file
from diagnose.weights.torch_file import Tensor, saved_state

STATE: dict[str, Any] = {
    "steps": [12, 1.5, None, "x", {"y": (True,)}],
    "rates": torch.arange(-90, 70).to(torch.int8).reshape(16, 10),
    "mean": torch.tensor(1.5e-4),
    "type": torch.float32,
}


def saved(state: object, folder: Path) -> Path:
    path = folder / "optimizer.pt"
    torch.save(state, path)
    return path


def figures(found: object) -> object:
    """Values with each tensor replaced by what can be read from it."""
    if isinstance(found, dict):
        return {key: figures(value) for key, value in found.items()}
    return (found.number(), found.mean_of_integers()) if isinstance(found, Tensor) else found


def read(path: Path, *, numbers: bool = True) -> object:
    with saved_state(path, numbers=numbers) as state:
        return figures(state)


def tensor_of(folder: Path, tensor: torch.Tensor) -> tuple[float | None, float | None]:
    """The number and the mean that are read from a tensor."""
    found = read(saved({"it": tensor}, folder))
    assert isinstance(found, dict)
    number, mean = found["it"]
    return number, mean


def archive(folder: Path, *members: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    path = folder / "optimizer.pt"
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in members:
            file.writestr(name, content)
    return path


def call_of(name: str, argument: int) -> bytes:
    """A pickle, protocol 2, that calls `module\\nname` with one number."""
    return b"\x80\x02c" + name.encode() + b"\nJ" + argument.to_bytes(4, "little") + b"\x85R."


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
        read(path)


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize("place", [b"r\xff\xff\xff\x7f", b"p2147483647\n", b"p-1\n", b"r\x09\0\0\0"])
def test_a_memo_larger_than_its_pickle_is_not_made(tmp_path: Path, place: bytes, numbers: bool) -> None:
    pickled = b"\x80\x02}" + place + b"."
    with pytest.raises(DiagnoseError, match="PUT"):
        read(archive(tmp_path, ("archive/data.pkl", pickled)), numbers=numbers)


@pytest.mark.parametrize("place", [0, 8])
def test_the_first_and_the_last_place_that_a_pickle_of_nine_bytes_may_fill(tmp_path: Path, place: int) -> None:
    pickled = b"\x80\x02}r" + place.to_bytes(4, "little") + b"."
    assert read(archive(tmp_path, ("archive/data.pkl", pickled))) == {}


def test_a_file_of_more_than_32_gib_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "optimizer.pt"
    for size, word in ((32 << 30, "not a torch.save file"), ((32 << 30) + 1, "more than 32 GiB")):
        with path.open("wb") as file:
            file.truncate(size)
        with pytest.raises(DiagnoseError, match=word):
            read(path)


def test_files_that_are_no_torch_archive(tmp_path: Path) -> None:
    legacy = io.BytesIO()
    torch.save(STATE, legacy, _use_new_zipfile_serialization=False)
    path = tmp_path / "optimizer.pt"
    for content in (b"", b"text", b"\0" * 1000, legacy.getvalue(), pickle.dumps([1])):
        path.write_bytes(content)
        with pytest.raises(DiagnoseError, match=str(path)):
            read(path)
    for missing in (tmp_path / "absent.pt", tmp_path):
        with pytest.raises(DiagnoseError):
            read(missing)


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
            read(archive(tmp_path, *members, compression=compression))


def test_every_torn_copy_is_refused(tmp_path: Path) -> None:
    path = saved(STATE, tmp_path)
    content = path.read_bytes()
    for length in range(0, len(content), max(1, len(content) // 60)):
        path.write_bytes(content[:length])
        with pytest.raises(DiagnoseError):
            read(path)


def test_a_flipped_byte_anywhere_is_read_or_refused(tmp_path: Path) -> None:
    path = saved(STATE, tmp_path)
    content = path.read_bytes()
    directory = content.index(b"PK\x01\x02")
    for index in (*range(0, directory, 41), *range(directory, len(content), 5)):
        path.write_bytes(content[:index] + bytes([content[index] ^ 0x10]) + content[index + 1 :])
        with suppress(DiagnoseError):
            assert read(path)


def test_a_record_that_claims_more_bytes_than_there_are(tmp_path: Path) -> None:
    path = archive(tmp_path, ("a/data.pkl", b"N."))
    content = bytearray(path.read_bytes())
    directory = content.index(b"PK\x01\x02")
    for size_field in (20, 24):
        content[directory + size_field : directory + size_field + 4] = (10_000).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(DiagnoseError, match="damaged"):
        read(path)


def test_limits_of_size_are_of_the_file_and_of_its_pickle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(STATE, tmp_path)
    size = path.stat().st_size
    with zipfile.ZipFile(path) as file:
        (pickled,) = (record.file_size for record in file.infolist() if record.filename.endswith("data.pkl"))
    for name, limit in (("SIZE_LIMIT", size), ("PICKLE_LIMIT", pickled)):
        with monkeypatch.context() as patch:
            patch.setattr(torch_file, name, limit)
            assert read(path)
            patch.setattr(torch_file, name, limit - 1)
            with pytest.raises(DiagnoseError, match="not read"):
                read(path)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_a_number_kept_in_a_tensor_is_read_wherever_it_lies(tmp_path: Path, dtype: torch.dtype) -> None:
    for tensor in (torch.tensor([7.0, -0.1, 9.0], dtype=dtype)[1:2], torch.tensor([[-0.1]], dtype=dtype)):
        assert tensor_of(tmp_path, tensor)[0] == tensor.item()


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64])
def test_whole_numbers_of_every_width(tmp_path: Path, dtype: torch.dtype) -> None:
    for number in (torch.iinfo(dtype).min, torch.iinfo(dtype).max):
        assert tensor_of(tmp_path, torch.tensor([1, number], dtype=dtype)[1])[0] == float(number)


@pytest.mark.parametrize("odd", [torch.ones(2), torch.empty(0), torch.tensor(1j), torch.tensor(True)])
def test_what_is_no_single_number_is_unknown(tmp_path: Path, odd: torch.Tensor) -> None:
    assert tensor_of(tmp_path, odd) == (None, None)


@pytest.mark.parametrize("chunk", [1, 9, 139, 140, 141])
def test_a_mean_in_part_of_a_larger_tensor_and_over_many_chunks(
    tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch_file, "CHUNK", chunk)
    numbers = torch.arange(-120, 120).to(torch.int8).reshape(24, 10)[3:17]
    assert tensor_of(tmp_path, numbers)[1] == pytest.approx(float(numbers.double().mean()), rel=1e-15)


@pytest.mark.parametrize(
    "shape", [lambda it: it[:, :5], lambda it: it.T, lambda it: it[:1, :].expand(3, 10), lambda it: it[::2, :1]]
)
def test_a_tensor_that_is_not_contiguous_has_no_mean(tmp_path: Path, shape: Any) -> None:
    assert tensor_of(tmp_path, shape(STATE["rates"]))[1] is None
    assert tensor_of(tmp_path, shape(STATE["rates"]).contiguous())[1] is not None


def test_plain_values_are_as_they_were_saved_and_tensors_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    path = saved(STATE, tmp_path)
    plain = {"steps": STATE["steps"], "type": "float32"}
    assert read(path) == plain | {"rates": (None, -10.5), "mean": (STATE["mean"].item(), None)}
    found = read(path, numbers=False)
    assert isinstance(found, dict)
    assert (found["steps"], found["rates"], found["mean"]) == (STATE["steps"], None, None)


def test_a_pickle_that_names_a_function_of_the_system_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(DiagnoseError, match="getcwd"):
        read(saved({"state": os.getcwd}, tmp_path))


def test_a_pickle_cannot_change_what_it_names(tmp_path: Path) -> None:
    named = b"\x80\x02c" + b"torch._utils\n_rebuild_tensor_v2\n"
    path = archive(tmp_path, ("a/data.pkl", named + b"}X\x04\0\0\0markK\x01sb."))
    with saved_state(path, numbers=True) as state:
        assert state.__dict__ == {"mark": 1}
    with saved_state(archive(tmp_path, ("a/data.pkl", named + b".")), numbers=True) as state:
        assert state.__dict__ == {}


def test_a_tensor_larger_than_its_storage_is_refused(tmp_path: Path) -> None:
    path = saved(torch.arange(64, dtype=torch.int8), tmp_path)
    content = path.read_bytes()
    assert content.count(b"K@\x85") == 1, "the size, 64, in a tuple of one"
    with zipfile.ZipFile(path) as file:
        members = [(record.filename, file.read(record)) for record in file.infolist()]
    for count, good in ((63, True), (64, True), (65, False)):
        size = b"K" + bytes([count]) + b"\x85"
        changed = [(name, content.replace(b"K@\x85", size)) for name, content in members]
        if good:
            assert read(archive(tmp_path, *changed)) == (None, (count - 1) / 2)
        else:
            with pytest.raises(DiagnoseError, match="damaged"):
                read(archive(tmp_path, *changed))


@pytest.mark.parametrize("left", [0, 2**20])
def test_a_file_cut_off_while_it_is_read_is_one_clear_line(tmp_path: Path, left: int) -> None:
    path = saved({"rates": torch.ones(2**22, dtype=torch.int8)}, tmp_path)
    with pytest.raises(DiagnoseError, match=r"changed while it was read \(EOFError\); save it again"):
        read_cut_off(path, left)


def read_cut_off(path: Path, left: int) -> None:
    with saved_state(path, numbers=True) as state:
        os.truncate(path, left)
        figures(state)
