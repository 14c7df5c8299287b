"""A progress bar as tqdm prints it into a captured console."""

from __future__ import annotations

_CELLS = 10
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def progress_bar(name: str, done: int, total: int, seconds_per_step: float, postfix: str) -> str:
    """Return one state of the bar: share, cells, count, elapsed and remaining time, pace, postfix."""
    full, part = divmod(done * _CELLS * 8 // total, 8)
    cells = (_EIGHTHS[8] * full + (_EIGHTHS[part] if full < _CELLS else "")).ljust(_CELLS)
    elapsed, left = (_clock(steps * seconds_per_step) for steps in (done, total - done))
    pace = f"{elapsed}<{left}, {seconds_per_step:5.2f}s/it" if done else "00:00<?, ?it/s"
    return f"{name}: {100 * done / total:3.0f}%|{cells}| {done}/{total} [{pace}, {postfix}]"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"
