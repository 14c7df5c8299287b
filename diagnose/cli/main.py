"""The command: parse the arguments, run one subcommand, turn failures into exit statuses.

0 done; 1 findings at or above --fail-on; 2 the user's input; 3 a bug of ours; 130 interrupted.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from diagnose.cli.columns import columns_of_terminal
from diagnose.core.errors import DiagnoseError
from diagnose.core.version import __version__

COMMANDS = {
    "postmortem": ("judge_commands", "add_postmortem", "judge a finished, dead or running run from its folder"),
    "preflight": ("judge_commands", "add_preflight", "check a config, and its data set, before it is run"),
    "next": ("next_command", "add_next", "write the config for the next run"),
    "weights": ("weights_command", "add_weights", "measure LoRA checkpoints: magnitude, learned part, update norm"),
    "explain": ("explain_command", "add_explain", "explain a rule, a claim or a fact; with a run: why, or why not"),
    "rules": ("rules_command", "add_rules", "list, check or test the rules, or see which claims they cover"),
    "demo": ("judge_commands", "add_demo", "write a complete example run and diagnose it"),
}
"""The module of each command, the function in it that adds its arguments, and what the command is for."""
GC_THRESHOLD = 200_000
HELP_COLUMNS = 80
"""Of a help text where the terminal's width is unknown; argparse leaves two of the columns free."""
EXIT_USER, EXIT_BUG, EXIT_INTERRUPTED = 2, 3, 130


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser: the arguments of `command`, and of the others only their names.

    Only that command's module is imported: `--help` waits for none, and a pre-flight not for what measures checkpoints.
    """
    parser = argparse.ArgumentParser(
        prog="diagnose",
        description="Reads a LoRA training run, says what went wrong and how it knows, and writes the next config.",
        formatter_class=_formatter,
    )
    parser.add_argument("--version", action="version", version=f"diagnose {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, (module, adds_arguments, purpose) in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=purpose, formatter_class=_formatter)
        if name == command:
            getattr(import_module(f"diagnose.cli.{module}"), adds_arguments)(subparser)
    return parser


def _formatter(prog: str) -> argparse.HelpFormatter:
    return argparse.HelpFormatter(prog, width=columns_of_terminal(HELP_COLUMNS) - 2)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    first = next((each for each in arguments if not each.startswith("-")), None)
    try:
        options = build_parser(first).parse_args(arguments)
        status: int = options.run(options)
        sys.stdout.flush()
    except DiagnoseError as error:
        from diagnose.cli.output import tell  # noqa: PLC0415 - only a failure needs it

        tell(f"diagnose: {error}")
        return EXIT_USER
    except KeyboardInterrupt:
        print("diagnose: interrupted; nothing was written", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # the reader left, as `head` does: there is nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:  # noqa: BLE001 - the one door for bugs of ours
        _report_bug()
        return EXIT_BUG
    return status


def _report_bug() -> None:
    import traceback  # noqa: PLC0415 - only a bug needs it

    traceback.print_exc()
    version = ".".join(str(part) for part in sys.version_info[:3])
    print(
        f"diagnose: this is a bug; please report the lines above "
        f"(diagnose {__version__}, Python {version}, {sys.platform})",
        file=sys.stderr,
    )


def entry() -> None:
    """Run as a command."""
    # classes, rules and facts all live to the end: the collector would look through them again and again for nothing
    gc.set_threshold(GC_THRESHOLD)
    status = main()
    # and on its way out Python collects once more, for memory that goes with the process anyway: 20 ms
    gc.freeze()
    sys.exit(status)
