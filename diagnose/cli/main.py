"""The command: parse the arguments, run one subcommand, turn failures into exit statuses.

0 done; 1 findings at or above --fail-on; 2 the user's input; 3 a bug of ours; 130 interrupted.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

from diagnose.core.errors import DiagnoseError
from diagnose.core.version import __version__

COMMANDS = {
    "postmortem": "diagnose.cli.postmortem",
    "preflight": "diagnose.cli.preflight",
    "next": "diagnose.cli.next_run",
    "weights": "diagnose.cli.weights",
    "explain": "diagnose.cli.explain",
    "rules": "diagnose.cli.rules",
    "demo": "diagnose.cli.demo",
}
GC_THRESHOLD = 200_000
EXIT_USER, EXIT_BUG, EXIT_INTERRUPTED = 2, 3, 130


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser with one subcommand, or with all of them where none is named.

    A command's module is imported only with it: a pre-flight does not wait for what measures checkpoints.
    """
    parser = argparse.ArgumentParser(
        prog="diagnose",
        description="Reads a LoRA training run, says what went wrong and how it knows, and writes the next config.",
    )
    parser.add_argument("--version", action="version", version=f"diagnose {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        if command in {None, name}:
            import_module(module).add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    named = arguments[0] if arguments and arguments[0] in COMMANDS else None
    try:
        options = build_parser(named).parse_args(arguments)
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
        version = ".".join(str(part) for part in sys.version_info[:3])
        print(
            f"diagnose: this is a bug; please report the lines above "
            f"(diagnose {__version__}, Python {version}, {sys.platform})",
            file=sys.stderr,
        )
        return EXIT_BUG
    return status


def entry() -> None:
    """Run as a command."""
    # classes, rules and facts all live to the end: the collector would look through them again and again for nothing
    gc.set_threshold(GC_THRESHOLD)
    sys.exit(main())
