"""Read the fork's `*_alpha_scheduler.json`: the alpha scheduler as it stood at one save.

One is written per save and never removed with its checkpoint, so a state without a checkpoint is normal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import shown
from diagnose.sources.file_reader import FileReader, Role
from diagnose.sources.lines import head
from diagnose.sources.readings import AlphaState, PhaseTransition
from diagnose.trainers.aitoolkit import FORK
from diagnose.trainers.aitoolkit.file_names import ALPHA_STATE

LARGEST = 1 << 20
"""Bytes; 200 losses and 200 stabilities take 12 kB."""


def read_alpha_state(path: Path, *, run_dir: Path) -> AlphaState:
    """Read one state. `step` is the one in the name; the final file has none there.

    Raises:
        DiagnoseError: the file cannot be read, or is not what the fork writes.
    """
    file = shown(path, run_dir)
    name = ALPHA_STATE.fullmatch(path.name)
    step = name["step"] if name else None
    state = _state(path, file)
    return AlphaState(
        file=file,
        step=None if step is None else int(step),
        enabled=bool(state.get("enabled")),
        phase_index=_count(state, "current_phase_idx", file),
        steps_in_phase=_count(state, "steps_in_phase", file),
        total_steps=_count(state, "total_steps", file),
        transitions=_transitions(state, file),
    )


def _state(path: Path, file: str) -> Mapping[str, Any]:
    text = head(path, LARGEST + 1)
    if len(text) > LARGEST:
        raise DiagnoseError(f"{file}: over {LARGEST >> 20} MB, too large for a state of the alpha scheduler")
    try:
        state = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DiagnoseError(f"{file}: is not JSON; it was probably cut off while being written") from error
    if not isinstance(state, dict) or "enabled" not in state:
        raise DiagnoseError(f"{file}: has no key 'enabled', so it is not a state of the alpha scheduler")
    return state


def _count(state: Mapping[str, Any], key: str, file: str) -> int | None:
    value = state.get(key)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise DiagnoseError(f"{file}: {key} is not a whole number, so it is not a state of the alpha scheduler")


def _transitions(state: Mapping[str, Any], file: str) -> tuple[PhaseTransition, ...]:
    return tuple(_transition(entry, file) for entry in _list(state, "transition_history", file))


def _transition(entry: object, file: str) -> PhaseTransition:
    match entry:
        case {"step": int(step), "from_phase": str(before), "to_phase": str(after)}:
            return PhaseTransition(step, before, after)
    raise DiagnoseError(f"{file}: transition_history holds something that is not a transition")


def _list(state: Mapping[str, Any], key: str, file: str) -> list[Any]:
    value = state.get(key, [])
    if not isinstance(value, list):
        raise DiagnoseError(f"{file}: {key} is not a list, so it is not a state of the alpha scheduler")
    return value


READERS = (
    FileReader(
        Role.ALPHA_STATE,
        "*_alpha_scheduler.json",
        ALPHA_STATE,
        read_alpha_state,
        sign=(FORK, "only the fork saves alpha scheduler states"),
    ),
)
