"""LoRA tensors for tests: small modules, and matrices of a given condition."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch

from diagnose.core.cache import Cache
from diagnose.core.errors import DiagnoseError
from diagnose.sources.readings import CheckpointFile
from diagnose.weights.instrument import Processes, Progress
from diagnose.weights.measure import measure_run
from diagnose.weights.measurement import ExpertMeasurement, FileMeasurement

Save: TypeAlias = Callable[..., CheckpointFile]
"""(tensors, name) -> the checkpoint written; see `tests/weights/conftest.py`."""
Measure: TypeAlias = Callable[..., ExpertMeasurement]
"""(tensors, name) -> their one expert, measured."""


def measure_file(
    checkpoint: CheckpointFile, *, cache: Cache, processes: Processes | None = None, progress: Progress | None = None
) -> FileMeasurement:
    """Measure one file by itself; what would be a remark in a run is raised."""
    (found,) = measure_run([checkpoint], cache=cache, processes=processes, progress=progress)
    for remark in found.remarks:
        raise DiagnoseError(remark.text)
    return found


def factors(
    rank: int = 4,
    fan_in: int = 24,
    fan_out: int = 16,
    *,
    module: str = "diffusion_model.blocks.0.self_attn.q",
    dtype: torch.dtype = torch.float32,
    seed: int = 0,
) -> dict[str, torch.Tensor]:
    """One module: down as the trainers initialise it, up as if trained."""
    random = torch.Generator().manual_seed(seed)
    down = (torch.rand(rank, fan_in, generator=random) * 2 - 1) / fan_in**0.5
    up = torch.randn(fan_out, rank, generator=random) * 0.01
    return {f"{module}.lora_A.weight": down.to(dtype), f"{module}.lora_B.weight": up.to(dtype)}


def graded(rows: int, columns: int, decades: float, seed: int) -> torch.Tensor:
    """A float64 matrix whose singular values fall evenly from 1 to 10^-decades."""
    random = torch.Generator().manual_seed(seed)

    def orthonormal(height: int, width: int) -> torch.Tensor:
        columns: torch.Tensor = torch.linalg.qr(torch.randn(height, width, generator=random, dtype=torch.float64))[0]
        return columns

    inner = min(rows, columns)
    values = torch.logspace(0, -decades, inner, dtype=torch.float64)
    return orthonormal(rows, inner) @ torch.diag(values) @ orthonormal(columns, inner).T
