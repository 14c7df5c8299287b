from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.sources.readings import PhaseTransition
from diagnose.trainers.aitoolkit.alpha_state import LARGEST, read_alpha_state

Write = Callable[[str, str | bytes], Path]

STATE = {
    "enabled": True,
    "current_phase_idx": 1,
    "steps_in_phase": 9,
    "total_steps": 140,
    "transition_history": [
        {"step": 130, "from_phase": "foundation", "to_phase": "balance", "from_alpha": 8, "to_alpha": 14}
    ],
}


def test_a_state_with_its_step(write: Write, tmp_path: Path) -> None:
    state = read_alpha_state(write("job_000000140_alpha_scheduler.json", json.dumps(STATE)), run_dir=tmp_path)
    assert (state.file, state.step, state.enabled) == ("job_000000140_alpha_scheduler.json", 140, True)
    assert (state.phase_index, state.steps_in_phase, state.total_steps) == (1, 9, 140)
    assert state.transitions == (PhaseTransition(130, "foundation", "balance"),)


def test_the_final_state_has_no_step(write: Write, tmp_path: Path) -> None:
    path = write("job_alpha_scheduler.json", '{"enabled": false}')
    state = read_alpha_state(path, run_dir=tmp_path)
    assert (state.step, state.enabled, state.total_steps, state.transitions) == (None, False, None, ())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (json.dumps(STATE)[:-9], "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[1]", "got `array`"),
        ("{}", "missing required field `enabled`"),
        (json.dumps({**STATE, "total_steps": "many"}), r"got `str` - at `\$\.total_steps`"),
        (
            json.dumps({**STATE, "transition_history": [{"step": 1}]}),
            r"`from_phase` - at `\$\.transition_history\[0\]`",
        ),
        (b" " * (LARGEST + 1), "too large"),
    ],
)
def test_what_is_no_state_is_one_clear_line(write: Write, tmp_path: Path, content: str | bytes, reason: str) -> None:
    with pytest.raises(DiagnoseError, match=reason) as caught:
        read_alpha_state(write("job_alpha_scheduler.json", content), run_dir=tmp_path)
    assert str(caught.value).startswith("job_alpha_scheduler.json: ")


def test_the_real_runs(real: Path) -> None:
    run = real / "fork-d_high_only"
    state = read_alpha_state(run / "d_high_only_alpha_scheduler.json", run_dir=run)
    assert state.total_steps == 159
    assert state.transitions == (PhaseTransition(130, "foundation", "balance"),)
    assert read_alpha_state(run / "d_high_only_000000020_alpha_scheduler.json", run_dir=run).step == 20
