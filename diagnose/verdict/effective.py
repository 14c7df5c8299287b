"""The table "you wrote / what happens / why": the settings whose effect is not what the file says."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.facts.collect import Known
from diagnose.facts.declared import PER_EXPERT_PREFIXES, Config
from diagnose.facts.effective import BOUNDS, EffectiveRates, PerExpert
from diagnose.model import Expert
from diagnose.sources.config import access as reader
from diagnose.verdict.report import EffectiveSetting


def effective_settings(known: Known) -> tuple[EffectiveSetting, ...]:
    """Return the settings whose effect differs from what was written."""
    if known.config is None:
        return ()
    rows = [*_rates(known.config, known.rates), *_flags(known, known.config)]
    return tuple(rows)


def _rates(config: Config, rates: EffectiveRates | None) -> Iterator[EffectiveSetting]:
    if rates is None or rates.fate in {PerExpert.NONE, PerExpert.IN_EFFECT}:
        return
    for expert in Expert:
        for bound in BOUNDS:
            path = f"train.optimizer_params.{PER_EXPERT_PREFIXES[expert]}{bound}"
            found = config.setting(path)
            taken = rates.bounds.get((expert, bound))
            if found.written and found.value != taken:
                yield EffectiveSetting(path, found.value, taken, f"{rates.fate.value}: {rates.why}", found.place)


def _flags(known: Known, config: Config) -> Iterator[EffectiveSetting]:
    excess = known.value("effective.scale_excess")
    scale = known.value("effective.training_scale")
    if excess is not None and scale is not None and excess.value != 1:
        path = "network.alpha_schedule.linear_alpha"
        place = excess.places[0] if excess.places else None
        yield EffectiveSetting(path, config.setting(path).value, scale.value, f"scale {scale.note}", place)
    phases = known.value("effective.alpha_phases_act")
    if phases is not None and phases.value is False:
        path = "network.alpha_schedule.conv_alpha_phases"
        yield EffectiveSetting(path, "phases", "no effect", phases.note, reader.place(config.reading, path))
    adapts = known.value("effective.lr_adapts")
    if adapts is not None and adapts.value is False:
        path = "train.switch_boundary_every"
        found = config.setting(path)
        yield EffectiveSetting(path, found.value, "rates never move", adapts.note, found.place)
