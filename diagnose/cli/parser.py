"""The argument parser: a fault is one line that says what was meant, not a wall of usage."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from diagnose.cli.streams import columns_of_terminal
from diagnose.core.errors import DiagnoseError, nearest

_MOST_HELP_COLUMNS = 160


def formatter(prog: str) -> argparse.HelpFormatter:
    """Return what sets the help text."""
    width = min(columns_of_terminal(), _MOST_HELP_COLUMNS)
    return argparse.RawDescriptionHelpFormatter(prog, width=width - 2)  # as argparse itself leaves two free


class Parser(argparse.ArgumentParser):
    """A parser whose faults are ours: one line, with the nearest name that there is."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 - as the base has it
        """Parse; what is left over is a fault.

        Raises:
            DiagnoseError: an option is unknown, a value is none of those there are, or something is missing.
        """
        options, rest = self.parse_known_args(args, namespace)
        if rest:
            unknown, parser = rest[0].partition("=")[0], getattr(options, "parser", self)
            known = [each for action in parser._actions for each in action.option_strings]  # noqa: SLF001 - no other way
            if not unknown.startswith("-"):
                raise DiagnoseError(f"{unknown}: one argument too many; {parser.prog} --help shows what it takes")
            raise DiagnoseError(
                f"{unknown}: {parser.prog} has no such option{nearest(unknown, known, most=1)}; "
                f"{parser.prog} --help lists them"
            )
        return options

    def error(self, message: str) -> NoReturn:
        """Raise the fault as ours.

        Raises:
            DiagnoseError: always.
        """
        raise DiagnoseError(f"{message[:1].lower()}{message[1:]}; {self.prog} --help shows how")

    def _check_value(self, action: argparse.Action, value: Any) -> None:  # noqa: ANN401 - as the base has it
        if action.choices is None or value in action.choices:
            return
        names = list(map(str, action.choices))
        option = max(action.option_strings, key=len, default="")
        raise DiagnoseError(f"{option} {value}: {listed(str(value), names)}".strip())


def listed(given: str, names: Sequence[str]) -> str:
    """Return what there is, after what was likely meant."""
    *most, last = names
    near = nearest(given, names, most=1).removeprefix("; ")
    choice = f"{', '.join(most)} or {last}" if most else last
    return f"{near} Give {choice}" if near else f"give {choice}"
