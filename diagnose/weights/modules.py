"""Read modules, of one checkpoint or of two side by side, and put their figures together.

Imports numpy with `diagnose.weights.formats`: import it where numbers are needed, not before.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from math import isfinite
from pathlib import Path

from diagnose.weights.factor_reader import FactorReader
from diagnose.weights.factors import measure_factors, overlap
from diagnose.weights.lora_pairs import LoraPair
from diagnose.weights.measurement import ModuleMeasurement
from diagnose.weights.threads import over_modules
from diagnose.weights.update import update_figures


def measure_modules(path: Path, pairs: Sequence[LoraPair], *, workers: int) -> Generator[ModuleMeasurement, None, None]:
    """Yield every module's measurement, in order.

    Raises:
        DiagnoseError: the file cannot be read to its end.
    """
    return over_modules(_measure, pairs, paths=[path], workers=workers)


def measure_overlaps(
    paths: tuple[Path, Path], pairs: Sequence[tuple[LoraPair, LoraPair]], *, workers: int
) -> Generator[float, None, None]:
    """Yield the inner product of every two modules' updates, without their scales, in order.

    Raises:
        DiagnoseError: a file cannot be read to its end.
    """
    return over_modules(overlap, pairs, paths=paths, workers=workers)


def _measure(readers: Sequence[FactorReader], pair: LoraPair) -> ModuleMeasurement:
    (reader,) = readers
    alpha = float(pair.rank) if pair.alpha is None else reader.number(pair.alpha)
    scale = alpha / pair.rank if isfinite(alpha) else None
    down, up, singular_values = measure_factors(reader, pair)
    update = update_figures(singular_values, scale)
    return ModuleMeasurement(
        name=pair.name,
        block=pair.block,
        kind=pair.kind,
        rank=pair.rank,
        fan_in=pair.fan_in,
        fan_out=pair.fan_out,
        dtype=pair.dtype,
        scale=scale,
        down=down,
        up=up,
        update_norm=update.norm,
        spectral_norm=update.spectral_norm,
        stable_rank=update.stable_rank,
        effective_rank=update.effective_rank,
        spectral_gap=update.spectral_gap,
    )
