"""What a path leads to. A path that cannot even be looked at is one clear line, never a traceback.

`Path.exists` and its like raise on a folder that may not be searched and on a name that is too long, and say nothing
of the reason where they do not.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from diagnose.core.errors import DiagnoseError


def status_of(path: Path) -> os.stat_result | None:
    """Return the status of what a path leads to, None where there is nothing.

    Raises:
        DiagnoseError: it cannot be looked at, for want of rights or because no path can be like that.
    """
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DiagnoseError(f"{path}: cannot be looked at ({reason}); check the path and its permissions") from error


def is_folder(path: Path) -> bool:
    """Return whether a path leads to a folder; raises as `status_of`."""
    status = status_of(path)
    return status is not None and stat.S_ISDIR(status.st_mode)


def is_regular(path: Path) -> bool:
    """Return whether a path leads to a regular file: no folder, pipe or device; raises as `status_of`."""
    status = status_of(path)
    return status is not None and stat.S_ISREG(status.st_mode)


def shown(path: Path, run_dir: Path) -> str:
    """Return the path relative to the run folder in POSIX form, or as it was given when it lies elsewhere."""
    for file, folder in ((path, run_dir), (path.absolute(), run_dir.absolute())):
        if file.is_relative_to(folder):
            return file.relative_to(folder).as_posix()
    return path.as_posix()
