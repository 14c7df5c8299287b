"""A few stretches stand for a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnose.core.fingerprint import samples


@pytest.mark.parametrize("size", [1, 4096, 4097, 70_000])
def test_sixteen_stretches_of_4096_bytes_stand_for_a_file(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    content = bytes(index * index % 251 for index in range(size))
    path.write_bytes(content)
    stretches = list(samples(path, size))
    assert len(stretches) == 16
    assert {len(each) for each in stretches} == {min(size, 4096)}
    assert (stretches[0], stretches[-1]) == (content[:4096], content[-4096:])
    assert stretches[5] == content[max(0, size - 4096) // 3 :][:4096]
