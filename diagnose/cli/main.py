"""The command: parse the arguments, run one subcommand, turn failures into exit statuses.

0 done; 1 findings at or above --fail-on; 2 the user's input; 3 a bug of ours; 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version

from diagnose.cli import demo, next_run, postmortem, rules, weights
from diagnose.errors import DiagnoseError

COMMANDS = (postmortem, next_run, weights, rules, demo)
EXIT_USER, EXIT_BUG, EXIT_INTERRUPTED = 2, 3, 130


def build_parser() -> argparse.ArgumentParser:
    """Return the parser with every subcommand."""
    parser = argparse.ArgumentParser(
        prog="diagnose",
        description="Reads a LoRA training run, says what went wrong and how it knows, and writes the next config.",
    )
    parser.add_argument("--version", action="version", version=f"diagnose {version('diagnose')}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = build_parser().parse_args(argv)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except DiagnoseError as error:
        print(f"diagnose: {error}", file=sys.stderr)
        return EXIT_USER
    except KeyboardInterrupt:
        print("diagnose: interrupted; nothing was written", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # the reader left, as `head` does: there is nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:  # noqa: BLE001 - the one door for bugs of ours
        traceback.print_exc()
        print(
            f"diagnose: this is a bug; please report the lines above "
            f"(diagnose {version('diagnose')}, Python {platform.python_version()}, {platform.system()})",
            file=sys.stderr,
        )
        return EXIT_BUG
    return status


def entry() -> None:
    """Run as a command."""
    sys.exit(main())
