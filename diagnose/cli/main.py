"""The command: parse the arguments, run one subcommand, turn failures into exit statuses.

0 done; 1 findings at or above --fail-on; 2 the user's input; 3 a bug of ours; 130 interrupted.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from errno import ENOMEM
from importlib import import_module

from diagnose.cli.parser import Parser, formatter
from diagnose.cli.streams import drop, output_fault, prepare, put_error
from diagnose.core.errors import DiagnoseError
from diagnose.core.temporary import clean_up_when_ended
from diagnose.core.version import __version__

UNMAPPED = ("failed to map segment", "cannot allocate memory", "Cannot allocate memory")
"""What the C library says of a library for which there is no memory."""
COMMANDS = {
    "postmortem": ("judge_commands", "add_postmortem", "judge a finished, dead or running run from its folder"),
    "log": ("log_command", "add_log", "judge a run by nothing but its console, pasted or in a file"),
    "preflight": ("judge_commands", "add_preflight", "check a config, and its data set, before it is run"),
    "next": ("next_command", "add_next", "write the config for the next run"),
    "runs": ("runs_command", "add_runs", "list the runs in a folder, or judge several: one line each, worst first"),
    "weights": ("weights_command", "add_weights", "measure LoRA checkpoints: magnitude, learned part, update norm"),
    "motion": ("motion_command", "add_motion", "measure how much things move in clips or previews"),
    "explain": ("explain_command", "add_explain", "explain a rule, a claim or a fact; with a run: why, or why not"),
    "rules": ("rules_command", "add_rules", "list, check or test the rules, or see which claims they cover"),
    "demo": ("demo_command", "add_demo", "write a complete example run and diagnose it"),
    "completion": ("completion_command", "add_completion", "print a script that completes commands in your shell"),
}
"""The module of each command, the function in it that adds its arguments, and what the command is for."""
PURPOSE = "Reads a LoRA training run, says what went wrong and how it knows, and writes the next config."
EXAMPLES = """\
  diagnose output/my_lora                      what happened in this run, and what to change
  diagnose log -                               what ended a run, from the console that you paste
  diagnose my_config.yaml                      check a config before you spend a day of GPU on it
  diagnose next output/my_lora -o next.yaml    write the config for the next run
"""
MORE = "diagnose --help lists all commands; diagnose demo writes an example run and judges it."
GC_THRESHOLD = 200_000
EXIT_FOUND, EXIT_USER, EXIT_BUG, EXIT_INTERRUPTED = 1, 2, 3, 130


def build_parser(*commands: str, others: bool = True) -> argparse.ArgumentParser:
    """Return the parser: the arguments of these commands, and of the others only their names, if that.

    Only those commands' modules are imported: `--help` waits for none, and a pre-flight not for what measures
    checkpoints.
    """
    parser = Parser(
        prog="diagnose",
        description=PURPOSE,
        epilog=f"examples:\n{EXAMPLES}\nA path without a command chooses the command that fits.",
        formatter_class=formatter,
    )
    parser.add_argument("--version", action="version", version=f"diagnose {__version__}")
    _add_volume(parser)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    for name, (module, adds_arguments, purpose) in COMMANDS.items():
        if name not in commands and not others:
            continue
        subparser = subparsers.add_parser(name, help=purpose, description=purpose, formatter_class=formatter)
        if name in commands:
            getattr(import_module(f"diagnose.cli.{module}"), adds_arguments)(subparser)
            _add_volume(subparser)
            subparser.set_defaults(parser=subparser)
    return parser


def _add_volume(parser: argparse.ArgumentParser) -> None:
    """Add -q and -v, which may come before the command or after it."""
    for short, long, volume, text in (
        ("-q", "--quiet", 0, "say nothing on standard error but warnings and errors"),
        ("-v", "--verbose", 2, "say what was read, and how long it took"),
    ):
        parser.add_argument(
            short, long, dest="volume", action="store_const", const=volume, default=argparse.SUPPRESS, help=text
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    try:
        status = _run(list(sys.argv[1:] if argv is None else argv))
    except SystemExit as stop:  # argparse, after --help and --version
        status = int(stop.code or 0)
    except DiagnoseError as error:
        from diagnose.cli.messages import warn  # noqa: PLC0415 - only a failure needs it

        warn(f"diagnose: {error}")
        return EXIT_USER
    except KeyboardInterrupt:
        put_error("diagnose: interrupted; nothing was written")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        drop(sys.stdout)  # the reader left, as `head` does: there is nobody to tell
        return 0
    except Exception as error:  # noqa: BLE001 - the one door for bugs of ours
        if _lacks_memory(error):
            put_error("diagnose: not enough memory; close other programs, or raise the limit that is set for this one")
            return EXIT_USER
        fault = output_fault(error)
        return _report_bug() if fault is None else _no_output(fault)
    fault = output_fault()
    return status if fault is None else _no_output(fault)


def _run(arguments: list[str]) -> int:
    if not arguments:
        print(f"{PURPOSE}\n\n{EXAMPLES}\n{MORE}")
        return 0
    first = next((each for each in arguments if not each.startswith("-") or each == "-"), None)
    if first is not None and sys.version_info >= (3, 11):
        _load_msgspec()
    if first is not None and first not in COMMANDS:
        from diagnose.cli.targets import command_for  # noqa: PLC0415 - only where the command is left out

        first = command_for(arguments, COMMANDS)
        arguments.insert(0, first)
    # what comes before a command may ask for help on all of them
    options = build_parser(*filter(None, [first]), others=arguments[0] != first).parse_args(arguments)
    from diagnose.cli.messages import Volume, set_volume  # noqa: PLC0415 - --version says nothing on the side

    set_volume(Volume(getattr(options, "volume", Volume.NORMAL)))
    status: int = options.run(options)
    return status


def _load_msgspec() -> None:
    """Load msgspec without typing_extensions, which loads inspect: 9 ms of every start.

    It asks for that first, and takes what it needs from `typing` where there is none; both have the same since 3.11.
    """
    if "typing_extensions" not in sys.modules:
        sys.modules["typing_extensions"] = None  # type: ignore[assignment] # so that its import fails
        try:
            import_module("msgspec")
        finally:
            del sys.modules["typing_extensions"]


def _lacks_memory(error: Exception) -> bool:
    """Return whether an error says that the system gives no more memory, for a library that is loaded late too."""
    unloaded = isinstance(error, ImportError) and any(sign in str(error) for sign in UNMAPPED)
    return isinstance(error, MemoryError) or getattr(error, "errno", None) == ENOMEM or unloaded


def _report_bug() -> int:
    import traceback  # noqa: PLC0415 - only a bug needs it

    put_error(traceback.format_exc().rstrip().encode("ascii", "backslashreplace").decode())
    version = ".".join(str(part) for part in sys.version_info[:3])
    put_error(
        f"diagnose: this is a bug; please report the lines above "
        f"(diagnose {__version__}, Python {version}, {sys.platform})"
    )
    return EXIT_BUG


def _no_output(fault: str) -> int:
    put_error(f"diagnose: standard output takes no more ({fault}); use -o FILE to write to a file")
    return EXIT_USER


def entry() -> None:
    """Run as a command."""
    # classes, rules and facts all live to the end: the collector would look through them again and again for nothing
    gc.set_threshold(GC_THRESHOLD)
    prepare()
    clean_up_when_ended()
    status = main()
    # and on its way out Python collects once more, for memory that goes with the process anyway: 20 ms
    gc.freeze()
    sys.exit(status)
