"""What the next run comes to: its learning rates beside those of this config, and the disk its saves take."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from msgspec.structs import replace

from diagnose.facts.known import Known
from diagnose.facts.log.logged_rates import ratio_of
from diagnose.facts.needs.disk import saves_of
from diagnose.facts.outlook.expectation import Expectation, expect
from diagnose.trainers.declared import Config
from diagnose.verdict.judgement import Change
from diagnose.verdict.next.next_config import Disk, NextConfig, Outlook, Reach
from diagnose.verdict.next.write_config import revised

THIS = "this config"
SAVES = frozenset({"saves_kept", "save_every"})
"""The settings that decide how many saves there are."""


def expectation_after(known: Known, changes: Sequence[Change]) -> Expectation | None:
    """Return what the rates will do once the changes are made; None where nobody knows what the config comes to."""
    evidence = known.evidence
    if evidence.config is None or evidence.expectation is None:
        return None
    config = revised(evidence.config, changes)
    rates = config.model.rates(config, decided=evidence.model is not None)
    return expect(config, evidence.model, rates, evidence.agreement, evidence.targets.longest)


def outlooks(
    known: Known, after: Mapping[str, Expectation], wanted: tuple[float, float] | None, experts: Sequence[str]
) -> tuple[Outlook, ...]:
    """Return this config's outlook and that of every strategy's next config; nothing without a config.

    A next run is shown at its end, this one no later than that, so that like is set beside like.
    """
    expectation = known.evidence.expectation
    if expectation is None:
        return ()
    ends = [each.forecast.points[-1].step for each in after.values() if each.forecast is not None]
    nothing = dict.fromkeys(experts)
    this = _outlook(THIS, expectation, wanted, min(ends, default=None), nothing)
    return (this, *(_outlook(name, each, wanted, None, nothing) for name, each in after.items()))


def forecast_again(plan: NextConfig, known: Known) -> NextConfig:
    """Return the plan with the forecast of its config as it is now, where its changes have grown since."""
    expected = expectation_after(known, plan.changes)
    if expected is None or not plan.outlook:
        return plan
    experts = tuple(plan.outlook[0].lr)
    rows = {row.config: row for row in outlooks(known, {plan.strategy: expected}, plan.lr_ratio_wanted, experts)}
    return replace(plan, forecast=expected.forecast, outlook=tuple(rows.get(row.config, row) for row in plan.outlook))


def rates_side_by_side(
    name: str, step: int | None, lr: Mapping[str, float | None], wanted: tuple[float, float] | None
) -> Outlook:
    """Return the outlook of two runs of one expert each, from their rates at `step` of either, or all along."""
    ratio = ratio_of(lr)
    if ratio is None:
        return Outlook(name, step, lr, None, None, None, None, "a rate cannot be told from the settings")
    return Outlook(name, step, lr, ratio, None, None, _reach((ratio, ratio), wanted) if wanted else None, "")


def _outlook(
    name: str,
    expected: Expectation,
    wanted: tuple[float, float] | None,
    until: int | None,
    nothing: Mapping[str, None],
) -> Outlook:
    if expected.forecast is None:
        ratio = expected.steady_ratio
        reach = _reach((ratio, ratio), wanted) if ratio is not None and wanted else None
        return Outlook(name, None, nothing, ratio, None, None, reach, expected.why_not)
    points = expected.forecast.points
    last = next((point for point in reversed(points) if until is None or point.step <= until), points[-1])
    reach = _reach(last.band, wanted) if wanted else None
    held = list(takewhile(lambda point: point.lr_ratio >= wanted[0], reversed(points))) if wanted else []
    return Outlook(name, last.step, last.lr, last.lr_ratio, last.band, held[-1].step if held else None, reach, "")


def _reach(band: tuple[float, float], wanted: tuple[float, float]) -> Reach:
    """Return where a ratio lies, which is known to a band: outside only where no part of the band is wanted."""
    (least, most), (lowest, highest) = band, wanted
    return Reach.UNDER if most < lowest else Reach.OVER if least > highest else Reach.WITHIN


def disk_of(known: Known, configs: Sequence[Config]) -> Disk | None:
    """Return what the saves of these configs, of one run or of two, take; None where a figure is missing."""
    pair = known.number("weights.pair_bytes")
    if pair is None or not configs:
        return None
    saves = 0
    for config in configs:
        found = saves_of(config)
        if found is None:
            return None
        saves += found.kept
    each = math.ceil(pair / len(configs))
    return Disk(saves, len(configs) == 1 and configs[0].trains_both, each, saves * each)


def with_disk(changes: Iterable[Change], disk: Disk | None) -> tuple[Change, ...]:
    """Return the changes, those of the saves with the figures of the disk."""
    return tuple(
        replace(change, because=f"{change.because}; {disk.words}") if disk and change.setting in SAVES else change
        for change in changes
    )
