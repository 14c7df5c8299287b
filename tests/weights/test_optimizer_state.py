"""optimizer.pt: bump, bounds and rates as the trainer keeps them."""

import json
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec.structs import replace

from diagnose.core.errors import DiagnoseError
from diagnose.weights.measurement import ParamGroup
from diagnose.weights.optimizer_state import read_optimizer

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


def test_torch_is_never_loaded_and_numpy_for_live_rates_alone(tmp_path: Path) -> None:
    path = saved(automagic(), tmp_path)
    probe = (
        "import sys; from pathlib import Path; from diagnose.weights.optimizer_state import read_optimizer\n"
        "for live in (False, True):\n"
        f"    read_optimizer(Path({str(path)!r}), live=live); print(*(x in sys.modules for x in ('torch', 'numpy')))"
    )
    out = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True).stdout
    assert out.split() == ["False", "False", "False", "True"]


def group_of(folder: Path, state: object, **group: object) -> ParamGroup:
    """The one group of an optimizer with this state."""
    (found,) = read_optimizer(saved({"state": state, "param_groups": [group]}, folder), live=True).groups
    return found


def rate_of(folder: Path, quantized: object, scale: object = 1e-6) -> float | None:
    return group_of(folder, {0: {"lr_mask": {"quantized": quantized, "scale": scale}}}, params=[0]).rate


@pytest.mark.parametrize("odd", [torch.ones(2), torch.empty(0), torch.tensor(1j), torch.tensor(True), "1", None, True])
def test_what_is_no_single_number_is_unknown(tmp_path: Path, odd: object) -> None:
    assert group_of(tmp_path, {}, max_lr=odd).max_lr is None


@pytest.mark.parametrize("number", [0.25, torch.tensor(0.25), torch.tensor([[0.25]]).bfloat16()])
def test_a_number_is_read_plain_or_from_its_tensor(tmp_path: Path, number: object) -> None:
    assert group_of(tmp_path, {}, max_lr=number).max_lr == 0.25


@pytest.mark.parametrize("number", [3, torch.tensor(3)])
def test_whole_numbers(tmp_path: Path, number: object) -> None:
    assert group_of(tmp_path, {}, max_lr=number).max_lr == 3.0


def test_the_rate_is_the_mean_of_the_numbers_times_their_scale(tmp_path: Path) -> None:
    numbers = torch.tensor([[100, 27], [-128, 127]], dtype=torch.int8)
    assert rate_of(tmp_path, numbers) == pytest.approx(31.5e-6, rel=1e-12)
    assert rate_of(tmp_path, numbers, torch.tensor(2e-6)) == pytest.approx(63e-6, rel=1e-6)


def test_each_tensor_counts_once(tmp_path: Path) -> None:
    mask: dict[object, Any] = {
        at: {"lr_mask": {"quantized": torch.ones(at, dtype=torch.int8), "scale": float(at)}} for at in (1, 3)
    }
    assert group_of(tmp_path, mask, params=[1, 3]).rate == 2.0
    assert group_of(tmp_path, mask, params=[3, 4]).rate == 3.0, "4 was never updated"
    assert group_of(tmp_path, mask, params=[4]).rate is None


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
def test_other_masks_have_no_rate(tmp_path: Path, quantized: object, scale: object) -> None:
    assert rate_of(tmp_path, quantized, scale) is None


@pytest.mark.parametrize("params", [None, "01", ["0"], [torch.ones(2)], []])
def test_groups_that_name_no_tensor_have_no_rate(tmp_path: Path, params: object) -> None:
    state = {0: {"lr_mask": {"quantized": torch.ones(1).char(), "scale": 1.0}}}
    assert group_of(tmp_path, state, params=params).rate is None
