import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import config_of, model
from logged_rates import DATA, LoggedRun, logged_runs
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.core.paths import knowledge_dir
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.outlook.forecast import DOCUMENT_AGREEMENT, EXPERT_ERROR, MODEL_ERROR, Forecast, forecast
from diagnose.trainers.aitoolkit.metrics_log import read_metrics

WAN = {"arch": "wan22_14b_i2v"}
SHARED = {"lr_bump": 5e-6, "min_lr": 8e-6, "max_lr": 3e-4}
DOUBLE = {**SHARED, "high_noise_lr_bump": 1e-5, "low_noise_lr_bump": 5e-6}
RUNS = {run.name: run for run in logged_runs()}
FELL_LATE = {"fork-y_healthy4x": 0.16}
"""How far the rates are missed where the agreement fell late, from 0.62 to 0.55: a mean over the run does not say so."""
REAL = Path(__file__).parents[4] / "shared" / "cases" / "real"


def forecast_of(
    folder: Path,
    params: Mapping[str, float] = DOUBLE,
    *,
    trainer: str = RELAXIS,
    agreement: Mapping[Expert, float] | float = DOCUMENT_AGREEMENT,
    steps: int = 2400,
    arch: Mapping[str, Any] = WAN,
    **train: Any,
) -> Forecast | None:
    section = {"optimizer": "automagic", "lr": 1e-5, "switch_boundary_every": 100, "optimizer_params": dict(params)}
    config = config_of(folder, trainer, train={**section, **train}, model=dict(arch))
    rates = model(trainer).rates(config)
    assert rates is not None
    return forecast(config, rates, model(trainer), agreement, steps)


def known(found: Forecast | None) -> Forecast:
    assert found is not None
    return found


@pytest.mark.parametrize("per_expert", [False, True], ids=["one agreement", "per expert"])
@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_ratio_is_within_15_percent_of_the_log(run: LoggedRun, *, per_expert: bool) -> None:
    agreement = run.by_expert if per_expert else run.agreement
    for row in {100, 200, run.last} & run.rows.keys():
        assert run.at(row, agreement).lr_ratio == pytest.approx(run.ratio(row), rel=0.15)


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_rates_themselves_are_within_10_percent_at_the_end(run: LoggedRun) -> None:
    point, row = run.at(run.last), run.rows[run.last]
    assert (point.lr_high, point.lr_low) == pytest.approx(
        (row.rates[Expert.HIGH], row.rates[Expert.LOW]), rel=FELL_LATE.get(run.name, 0.1)
    )


def test_no_run_is_missed_in_one_direction_by_all() -> None:
    """Before the experts' agreements were told apart, all seven newer runs came out 3 to 12 % too high."""
    misses = [math.log(run.at(run.last).lr_ratio / run.ratio(run.last)) for run in RUNS.values()]
    assert abs(math.fsum(misses) / len(misses)) < 0.02
    assert min(misses) < 0 < max(misses)


def test_nine_of_ten_logged_ratios_lie_in_the_band() -> None:
    rows = [(run, row) for run in RUNS.values() for row in run.rows if (row + 1) % 10 == 0 and row >= 19]
    inside = sum(run.at(row).band[0] <= run.ratio(row) <= run.at(row).band[1] for run, row in rows)
    assert inside >= 0.9 * len(rows)


def test_the_high_noise_expert_agrees_less_above_chance_only(tmp_path: Path) -> None:
    above, below = (known(forecast_of(tmp_path, agreement=mean)).agreement for mean in (0.7, 0.486))
    assert above[Expert.HIGH] < 0.7 < above[Expert.LOW]
    assert (below[Expert.HIGH], below[Expert.LOW]) == (0.486, 0.486)


def test_the_band_takes_what_the_logs_show() -> None:
    misses = [
        math.log(run.at(row, agreement).lr_ratio / run.ratio(row))
        for run in RUNS.values()
        for row in {49, 99, 149, 199, run.last} & run.rows.keys()
        for agreement in (run.agreement, run.by_expert)
    ]
    assert 0.5 * MODEL_ERROR < math.sqrt(math.fsum(miss**2 for miss in misses) / len(misses)) < MODEL_ERROR
    offsets = [
        (own - run.forecast(run.agreement, run.last + 1).agreement[expert]) / (run.agreement - 0.5)
        for run in RUNS.values()
        for expert, own in run.by_expert.items()
    ]
    assert math.sqrt(math.fsum(offset**2 for offset in offsets) / len(offsets)) < 1.1 * EXPERT_ERROR


def test_a_run_that_switches_at_every_step_stays_where_it_started() -> None:
    run = RUNS["fork-r_switch1"]
    found = run.forecast(run.agreement, 2000)
    for point in found.points:
        assert (point.lr_high, point.lr_low) == pytest.approx((1.75e-5, 1.325e-5))
    assert any("no rate moves" in assumption for assumption in found.assumptions)


def test_the_documents_run_has_the_documents_ratio(tmp_path: Path) -> None:
    point = known(forecast_of(tmp_path)).points[-1]
    assert point.step == 2400
    assert point.lr_ratio == pytest.approx(1.35, abs=0.15)
    assert point.band[0] < 1.35 < point.band[1]


def test_the_demo_config_of_the_document_is_that_run(tmp_path: Path) -> None:
    case = yaml.safe_load((knowledge_dir() / "cases" / "run-v15.yaml").read_text(encoding="utf-8"))
    process = yaml.safe_load(case["config"])["config"]["process"][0]
    train = {key: process["train"][key] for key in ("lr", "switch_boundary_every", "optimizer", "optimizer_params")}
    assert forecast_of(tmp_path, **train) == forecast_of(tmp_path)


def test_recommended_bounds_give_a_ratio_of_four_to_five(tmp_path: Path) -> None:
    low = {"lr_bump": 5e-6, "min_lr": 5e-6, "max_lr": 1e-4}
    params = {**low, "high_noise_lr_bump": 2e-5, "high_noise_min_lr": 2e-5, "high_noise_max_lr": 5e-4}
    ratios = [point.lr_ratio for point in known(forecast_of(tmp_path, params, steps=2200)).points]
    assert all(4 < ratio < 5.5 for ratio in ratios)


def test_dropped_keys_give_a_ratio_of_one(tmp_path: Path) -> None:
    dropped = {"high_noise_lr_bump": 2e-5, "low_noise_lr_bump": 5e-6}
    assert {point.lr_ratio for point in known(forecast_of(tmp_path, dropped)).points} == {1.0}


def test_upstream_tells_the_experts_apart_by_their_turns_only(tmp_path: Path) -> None:
    found = known(forecast_of(tmp_path, SHARED, trainer=AI_TOOLKIT, steps=2300))
    assert [point.lr_ratio for point in found.points[:-1]] == pytest.approx([1] * (len(found.points) - 1), rel=0.001)
    assert found.points[-1].lr_ratio > 1
    assert any("one group" in assumption for assumption in found.assumptions)


def test_some_ten_points_at_the_ends_of_cycles_and_the_last(tmp_path: Path) -> None:
    for steps in (200, 300, 2200, 2399, 3070, 10_000):
        shown = [point.step for point in known(forecast_of(tmp_path, steps=steps)).points]
        assert shown[-1] == steps
        assert shown == sorted(set(shown))
        assert all(step % 200 == 0 for step in shown[:-1])
        assert len(shown) <= 12
    assert len(shown) == 10


def test_a_run_of_any_length_is_followed_only_so_far(tmp_path: Path) -> None:
    found = known(forecast_of(tmp_path, steps=10**12))
    assert found.points[-1].step == 20_000
    assert any("first 20000" in assumption for assumption in found.assumptions)


def test_agreement_is_taken_per_expert_or_once(tmp_path: Path) -> None:
    once = known(forecast_of(tmp_path, agreement=0.48))
    each = known(forecast_of(tmp_path, agreement={Expert.HIGH: 0.48, Expert.LOW: 0.48}))
    assert once == each
    assert once.agreement == {Expert.HIGH: 0.48, Expert.LOW: 0.48}
    other = known(forecast_of(tmp_path, agreement={Expert.HIGH: 0.48, Expert.LOW: 0.43}))
    assert other.points[-1].lr_high == once.points[-1].lr_high
    assert other.points[-1].lr_low < once.points[-1].lr_low


@pytest.mark.parametrize("agreement", [0.0, 0.5, 1.0])
def test_the_extremes_of_agreement_have_a_forecast(tmp_path: Path, agreement: float) -> None:
    for point in known(forecast_of(tmp_path, agreement=agreement)).points:
        assert 0 < point.band[0] < point.lr_ratio < point.band[1]


def test_the_band_is_wider_where_the_ratio_hangs_on_the_agreement(tmp_path: Path) -> None:
    def width(agreement: float) -> float:
        low, high = known(forecast_of(tmp_path, agreement=agreement)).points[-1].band
        return high / low

    assert width(0.5) > 1.1 * width(0.8)


def test_lost_bumps_are_said_when_they_come(tmp_path: Path) -> None:
    def said(steps: int) -> bool:
        found = known(forecast_of(tmp_path, {}, agreement=0.7, steps=steps))
        return any("8-bit storage loses bumps" in assumption for assumption in found.assumptions)

    assert said(2200)
    assert not said(202)


def test_a_start_above_a_thousandth_is_forced_down(tmp_path: Path) -> None:
    assert forecast_of(tmp_path, lr=2e-3) == forecast_of(tmp_path, lr=1e-6)


@pytest.mark.parametrize(
    "change",
    [
        {"optimizer": "adamw", "params": SHARED},
        {"steps": 100},
        {"switch_boundary_every": 50_000, "steps": 10**6, "lr": 0},
        {"switch_boundary_every": 0},
        {"gradient_accumulation_steps": 4},
        {"lr": -1e-5},
        {"lr": math.nan},
        {"lr": "high"},
        {"params": {**SHARED, "max_lr": math.inf}},
        {"params": {**SHARED, "lr_bump": 1e-300}},
        {"arch": {"arch": "flux"}},
        {"arch": {}},
        {"arch": {**WAN, "model_kwargs": {"train_high_noise": False}}},
        {"trainer": AI_TOOLKIT},
    ],
    ids=str,
)
def test_there_is_nothing_to_forecast(tmp_path: Path, change: dict[str, Any]) -> None:
    assert forecast_of(tmp_path, **change) is None


def whole_run(name: str) -> Path:
    return next(folder / name for folder in (REAL, REAL.with_name("real2")) if (folder / name).is_dir())


@pytest.mark.skipif(not REAL.is_dir(), reason="the whole runs are not here")
def test_the_reduced_logs_are_the_real_ones() -> None:
    for folder in DATA.iterdir():
        (log,) = folder.glob("metrics_*.jsonl")
        reduced, whole = (
            [
                (row.step, row.expert, *(row.rates.get(each, 0) for each in Expert), row.gradient_stability or 0)
                for row in rows
            ]
            for rows in (
                read_metrics(log, run_dir=folder).rows,
                read_metrics(whole_run(folder.name) / log.name, run_dir=whole_run(folder.name)).rows,
            )
        )
        assert [row[:2] for row in reduced] == [row[:2] for row in whole]
        for left, right in zip(reduced, whole, strict=True):
            assert left[2:] == pytest.approx(right[2:], rel=1e-4)
