"""optimizer.pt without its tensors: what the groups hold, read without torch."""

import sys
from pathlib import Path

import pytest
import torch

from diagnose.core.errors import DiagnoseError
from diagnose.domains.wan22.experts import Expert
from diagnose.weights.optimizer_state import read_optimizer, read_optimizer_settings


def saved(folder: Path, groups: int = 2) -> Path:
    bounds = {"eps": (1e-30, 1e-3), "min_lr": 1e-6, "max_lr": 3e-4}
    state = {
        "state": {0: {"step": 12, "RMS": torch.tensor(0.5), "lr_mask": {"quantized": torch.ones(2, dtype=torch.int8)}}},
        "param_groups": [{"lr": 1e-5, "lr_bump": 2e-5 / (at + 1), "params": [at], **bounds} for at in range(groups)],
    }
    torch.save(state, folder / "optimizer.pt")
    return folder / "optimizer.pt"


def test_the_groups_are_those_that_torch_reads(tmp_path: Path) -> None:
    path = saved(tmp_path)
    light, whole = read_optimizer_settings(path), read_optimizer(path)
    assert [(g.expert, g.lr, g.lr_bump, g.min_lr, g.max_lr) for g in light.groups] == [
        (g.expert, g.lr, g.lr_bump, g.min_lr, g.max_lr) for g in whole.groups
    ]
    assert [group.expert for group in light.groups] == [Expert.HIGH, Expert.LOW]
    assert light.groups[0].tensors == ()
    assert [group.expert for group in read_optimizer_settings(saved(tmp_path, 1)).groups] == [None]


def test_a_pickle_that_names_more_than_an_optimizer_is_refused(tmp_path: Path) -> None:
    torch.save({"param_groups": [], "state": sys.exit}, tmp_path / "optimizer.pt")
    with pytest.raises(DiagnoseError, match="which no optimizer state needs"):
        read_optimizer_settings(tmp_path / "optimizer.pt")


def test_what_is_no_optimizer_is_said_so(tmp_path: Path) -> None:
    torch.save({"param_groups": []}, tmp_path / "optimizer.pt")
    with pytest.raises(DiagnoseError, match="holds no parameter groups"):
        read_optimizer_settings(tmp_path / "optimizer.pt")
    (tmp_path / "optimizer.pt").write_bytes(b"torn")
    with pytest.raises(DiagnoseError):
        read_optimizer_settings(tmp_path / "optimizer.pt")
