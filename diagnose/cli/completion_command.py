"""`diagnose completion SHELL`: print a script with which a shell completes our commands, options and paths.

The script is made once and then costs nothing: the shell does not start us at each press of the Tab key.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from diagnose.cli.main import COMMANDS, build_parser
from diagnose.cli.options import place
from diagnose.core.errors import DiagnoseError
from diagnose.core.extras import is_here, missing

SHELLS = ("bash", "tcsh", "zsh")
_USE = """examples:
  diagnose completion bash > ~/.local/share/bash-completion/completions/diagnose
  diagnose completion zsh > ~/.zfunc/_diagnose     # with fpath+=~/.zfunc before compinit
"""


def add_completion(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `completion`."""
    parser.epilog = _USE
    parser.add_argument("shell", choices=SHELLS, help="the shell that reads the script")
    parser.set_defaults(run=completion)


def completion(options: argparse.Namespace) -> int:
    """Print the script.

    Raises:
        DiagnoseError: the library that writes it is not installed.
    """
    if not is_here("shtab"):
        raise DiagnoseError(f"completion: {missing('shtab')}")
    import shtab  # noqa: PLC0415 - for this command alone

    parser = build_parser(*COMMANDS)
    _mark_paths(parser)
    sys.stdout.write(shtab.complete(parser, options.shell))
    return 0


def _mark_paths(parser: argparse.ArgumentParser) -> None:
    """Say of each argument that takes a path that it is completed as one."""
    import shtab  # noqa: PLC0415 - as above

    for action in parser._actions:  # noqa: SLF001 - argparse has no other list of them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
            for each in action.choices.values():
                _mark_paths(each)
        elif action.type in {Path, place}:
            kind = shtab.DIRECTORY if action.metavar == "DIR" else shtab.FILE
            action.complete = kind  # type: ignore[attr-defined]
