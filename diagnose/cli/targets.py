"""What a path leads to, and so which command fits it: a run, its console, a config, a checkpoint, a folder of runs."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from diagnose.cli.messages import tell
from diagnose.core.errors import DiagnoseError, nearest
from diagnose.core.paths import is_folder, status_of

if TYPE_CHECKING:
    from diagnose.sources.file_reader import Role

STDIN = Path("-")
MOST_PIPED = 1 << 28
"""Bytes taken from standard input."""
MOST_FOLDERS = 2000
"""Folders in a folder that are looked into for runs."""
_CONFIG_ENDINGS = {".yaml", ".yml", ".json", ".jsonc", ".toml"}
_CONSOLE_ENDINGS = {".log", ".out", ".err", ".txt"}
_WINDOWS = re.compile(r"[A-Za-z]:.*", re.DOTALL)


class Target(Enum):
    """What can be judged, each with the command that does it."""

    RUN = "postmortem"
    CONSOLE = "log"
    CONFIG = "preflight"
    CHECKPOINT = "weights"
    RUNS = "runs"


def command_for(arguments: Sequence[str], commands: Iterable[str]) -> str:
    """Return the command for arguments that name none: by the paths among them.

    Raises:
        DiagnoseError: there is neither a command nor a path.
    """
    words = [each for each in arguments if not each.startswith("-") or each == str(STDIN)]
    paths = [Path(each) for each in words if each == str(STDIN) or status_of(Path(each)) is not None]
    if not paths:
        given = Path(words[0])
        if given.parent == Path() and not given.suffix and not _WINDOWS.fullmatch(words[0]):
            near = nearest(words[0], commands, most=1) or "; diagnose --help lists the commands"
            raise DiagnoseError(f"{words[0]}: neither a command nor a file or folder here{near}")
        existing(given)
    kinds = {target_of(path) for path in paths}
    return kinds.pop().value if len(kinds) == 1 else Target.RUNS.value


def existing(path: Path) -> Path:
    """Return a path that leads somewhere.

    Raises:
        DiagnoseError: there is nothing; the nearest name is given, and what to do with a path of Windows.
    """
    if path == STDIN or status_of(path) is not None:
        return path
    if os.name != "nt" and _WINDOWS.fullmatch(str(path)):
        raise DiagnoseError(f"{path}: {_on_windows(str(path))}")
    near = ""
    if is_folder(path.parent):
        near = nearest(path.name, os.listdir(path.parent), most=1)  # noqa: PTH208 - only the names
    raise DiagnoseError(f"{path}: no such file or folder{near or '; check the path'}")


def piped(what: str, example: str) -> bytes:
    """Return the bytes of standard input: `what` is expected there, as in `example`.

    Raises:
        DiagnoseError: it is empty, cannot be read, or is longer than anything that is judged.
    """
    if sys.stdin.isatty():
        tell(f"paste the {what}, then press Ctrl-D on an empty line (Windows: Ctrl-Z, Enter)")
    try:
        read = getattr(sys.stdin, "buffer", sys.stdin).read(MOST_PIPED + 1)
    except OSError as error:
        raise DiagnoseError(f"standard input: cannot be read ({error.strerror}); give a file") from error
    text = read.encode("utf-8", "replace") if isinstance(read, str) else bytes(read)
    if len(text) > MOST_PIPED:
        raise DiagnoseError(f"standard input: more than {MOST_PIPED >> 20} MB; save it to a file, and give the file")
    if not text.strip():
        raise DiagnoseError(f"standard input: nothing came; pipe the {what} in, as in {example}")
    return text


def _on_windows(text: str) -> str:
    """Say what to write for a path of Windows on a system that has none."""
    if "\\" not in text and "/" not in text:
        return "looks like a Windows path that lost its backslashes; put it in single quotes"
    windows = PureWindowsPath(text)
    inside = "/".join(["/mnt", windows.drive[0].lower(), *windows.parts[1:]])
    return f"looks like a Windows path, and this is not Windows; in WSL it is {inside}"


def target_of(path: Path) -> Target:
    """Return what a path leads to.

    Raises:
        DiagnoseError: it is nothing that can be judged.
    """
    if path == STDIN:
        return Target.CONFIG
    if is_folder(path):
        return Target.RUN if holds_a_run(path) or not runs_in(path) else Target.RUNS
    if path.suffix.lower() == ".safetensors":
        return Target.CHECKPOINT
    if path.suffix.lower() in _CONFIG_ENDINGS:
        return Target.CONFIG
    if path.suffix.lower() in _CONSOLE_ENDINGS or _sniffs_of_a_console(path):
        return Target.CONSOLE
    raise DiagnoseError(
        f"{path}: neither a config, a checkpoint nor a console; a log is read with its run: "
        f"diagnose postmortem {path.parent} --log {path}"
    )


def _sniffs_of_a_console(path: Path) -> bool:
    from diagnose.sources.file_reader import Role, of_role  # noqa: PLC0415 - a config by itself needs none of it
    from diagnose.trainers.rooms import run_readers  # noqa: PLC0415 - as above

    return any(reader.sniff(path) for reader in of_role(run_readers(), Role.CONSOLE))


def holds_a_run(folder: Path) -> bool:
    """Return whether a folder holds what a run leaves: a log, a checkpoint, the output of its console."""
    from diagnose.sources.file_reader import Role  # noqa: PLC0415 - a config by itself needs none of it

    return any(_found(folder, role) for role in (Role.LOG, Role.CHECKPOINT, Role.CONSOLE))


def leaves_more(folder: Path) -> bool:
    """Return whether a folder holds more of a run than its console."""
    from diagnose.sources.file_reader import Role  # noqa: PLC0415 - as above

    return any(_found(folder, role) for role in (Role.CONFIG, Role.LOG, Role.CHECKPOINT))


def config_in(folder: Path) -> Path:
    """Return the config in a run folder.

    Raises:
        DiagnoseError: there is none.
    """
    from diagnose.sources.file_reader import Role  # noqa: PLC0415 - as above

    found = _found(folder, Role.CONFIG)
    if not found:
        raise DiagnoseError(f"{folder}: no config in this folder; give the YAML or JSON file")
    return found[0]


def runs_in(folder: Path) -> list[Path]:
    """Return the folders in a folder that hold a run, by name."""
    try:
        entries = sorted(each.name for each in os.scandir(folder) if each.is_dir())
    except OSError:
        return []
    return [folder / name for name in entries[:MOST_FOLDERS] if not name.startswith(".") and _is_run(folder / name)]


def _is_run(folder: Path) -> bool:
    from diagnose.sources.file_reader import Role  # noqa: PLC0415 - as above

    return holds_a_run(folder) or bool(_found(folder, Role.CONFIG))


def _found(folder: Path, role: Role) -> tuple[Path, ...]:
    from diagnose.sources.run_files import find_files  # noqa: PLC0415 - as above
    from diagnose.trainers.rooms import run_readers  # noqa: PLC0415 - as above

    try:
        return find_files(folder, [each for each in run_readers() if each.role is role]).of(role)
    except DiagnoseError:  # nothing of the kind in it, or it cannot be listed
        return ()
