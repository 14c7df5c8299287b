"""Read the fork's `*_alpha_scheduler.json`: the alpha scheduler as it stood at one save.

One is written per save and never removed with its checkpoint, so a state without a checkpoint is normal.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from msgspec import Struct, ValidationError, convert

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import shown
from diagnose.sources.file_reader import FileReader, Role
from diagnose.sources.lines import head
from diagnose.sources.readings import AlphaState, PhaseTransition
from diagnose.trainers.aitoolkit import FORK
from diagnose.trainers.aitoolkit.file_names import ALPHA_STATE

LARGEST = 1 << 20
"""Bytes; 200 losses and 200 stabilities take 12 kB."""


class _State(Struct, frozen=True):
    enabled: Any
    current_phase_idx: int | None = None
    steps_in_phase: int | None = None
    total_steps: int | None = None
    transition_history: tuple[PhaseTransition, ...] = ()


def read_alpha_state(path: Path, *, run_dir: Path) -> AlphaState:
    """Read one state. `step` is the one in the name; the final file has none there.

    Raises:
        DiagnoseError: the file cannot be read, or is not what the fork writes.
    """
    file, name, text = shown(path, run_dir), ALPHA_STATE.fullmatch(path.name), head(path, LARGEST + 1)
    if len(text) > LARGEST:
        raise DiagnoseError(f"{file}: over {LARGEST >> 20} MB, too large for a state of the alpha scheduler")
    try:
        state = convert(json.loads(text), _State)  # msgspec's own reader takes no NaN
    except ValidationError as error:
        raise DiagnoseError(f"{file}: is not a state of the alpha scheduler ({error})") from error
    except (ValueError, RecursionError) as error:
        raise DiagnoseError(f"{file}: is not JSON; it was probably cut off while being written") from error
    return AlphaState(
        file=file,
        step=int(name["step"]) if name and name["step"] else None,
        enabled=bool(state.enabled),
        phase_index=state.current_phase_idx,
        steps_in_phase=state.steps_in_phase,
        total_steps=state.total_steps,
        transitions=state.transition_history,
    )


READERS = (
    FileReader(
        Role.ALPHA_STATE,
        "*_alpha_scheduler.json",
        ALPHA_STATE,
        read_alpha_state,
        sign=(FORK, "only the fork saves alpha scheduler states"),
    ),
)
