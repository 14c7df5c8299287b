"""Learning rates as written, beside what is usual for the optimizer: how far outside, and what would be sane."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from diagnose.core.model import Scalar
from diagnose.facts.config.declared import AUTOMAGIC, PER_EXPERT_PREFIXES, Config, Setting
from diagnose.facts.record import Recorder
from diagnose.facts.targets import UsualRate
from diagnose.rulebase.message import format_value

ADAM = frozenset({"adam", "adamw", "adam8bit", "adamw8bit", "adam8", "adamw8", "adamw_8bit", "ademamix8bit"})
FITTED = ("prodigy", "dadapt")
"""Optimizers that take `lr` for a factor of the rate that they find."""
BOUNDS = {"max_lr": "ceiling", "min_lr": "floor", "lr_bump": "bump"}
FAR = 10
"""Times outside from which "far" is said."""
BEYOND = 1e12
"""Times outside that are counted at most: so far is a rate of zero below what is usual."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A rate of the config, the path it stands at, and the usual range of its kind; `both` where too low counts."""

    path: str
    setting: Setting
    usual: UsualRate
    both: bool


def record_written_rates(config: Config, usual: Mapping[str, UsualRate], record: Recorder) -> None:
    """Record the facts `config.rate_*` of every rate that the config writes and the optimizer reads.

    Args:
        config: the settings as declared.
        usual: the usual range by kind: "fixed", "fitted", "ceiling", "floor", "bump".
        record: takes the facts.
    """
    for each in _written(config, usual):
        value = float(each.setting.value)
        above = min(BEYOND, max(1.0, value / each.usual.most))
        below = _times_below(value, each.usual.least) if each.both else 1.0
        far = "far " if max(above, below) >= FAR else ""
        side = "above" if above > 1 else "below" if below > 1 else "inside"
        span = " to ".join(format_value(bound) for bound in dict.fromkeys((each.usual.least, each.usual.most)))
        facts: dict[str, Scalar] = {
            "value": value,
            "outside": max(above, below),
            "above": above,
            "usual": f"{far}{side} the usual {span}",
            "sane": each.usual.sane
            if each.usual.sane is not None
            else min(max(value, each.usual.least), each.usual.most),
        }
        for name, known in facts.items():
            record.known(f"config.rate_{name}", known, subject=each.path, places=[each.setting.place])


def _times_below(value: float, least: float) -> float:
    return min(BEYOND, max(1.0, least / value)) if value > least / BEYOND else BEYOND


def _written(config: Config, usual: Mapping[str, UsualRate]) -> Iterator[_Written]:
    optimizer = config.optimizer or ""
    if optimizer == AUTOMAGIC:
        # its own start is a start only, and what is too high for one is another finding
        for prefix in ("", *PER_EXPERT_PREFIXES.values()):
            for key, kind in BOUNDS.items():
                path = f"train.optimizer_params.{prefix}{key}"
                if (bound := _finite(config, path)) is not None:
                    # a floor may be as low as one likes
                    yield _Written(path, bound, usual[kind], both=key != "min_lr" and config.is_wan22_14b)
        return
    rate = _finite(config, "train.lr")
    if rate is not None:
        kind = "fitted" if optimizer.startswith(FITTED) else "fixed"
        # low for adamw on a LoRA of both experts; another optimizer, model or network, or one expert alone, may want it
        both = optimizer in ADAM and config.is_wan22_14b and bool(config.mapping("network")) and config.trains_both
        yield _Written("train.lr", rate, usual[kind], both=both)


def _finite(config: Config, path: str) -> Setting | None:
    """Return a rate as written; what is no number, absent or below zero is another finding."""
    found = config.number(path)
    written = found is not None and found.written and not math.isnan(found.value) and found.value >= 0
    return found if written else None
