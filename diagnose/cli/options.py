"""Arguments that several commands share, and what they mean."""

from __future__ import annotations

import argparse
from pathlib import Path

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import knowledge_dir
from diagnose.core.values import CONFIDENCES, LEVELS, Intent
from diagnose.report.formats import formats
from diagnose.rulebase.descriptions import trainer_names
from diagnose.settings import STRATEGIES, Settings

LONGEST_WORD = 80


def add_judging(parser: argparse.ArgumentParser) -> None:
    """Add what decides how a run is judged."""
    group = parser.add_argument_group("how to judge")
    group.add_argument("--intent", choices=[i.value for i in Intent], help="what the LoRA is to learn")
    trainers = sorted(trainer_names(knowledge_dir()))
    group.add_argument("--trainer", choices=trainers, help="default: concluded from the evidence")
    group.add_argument("--strategy", choices=STRATEGIES, default=STRATEGIES[0], help="how bold the next config is")
    group.add_argument(
        "--set", dest="parameters", metavar="PARAM=VALUE", action="append", default=[], help="override a threshold"
    )
    group.add_argument(
        "--motion-word",
        dest="motion_words",
        metavar="WORD",
        action="append",
        default=[],
        help="a word for the motion, to look for in captions (repeatable)",
    )
    group.add_argument("--agreement", metavar="P", type=float, help="sign agreement for the forecast, 0 to 1")
    group.add_argument("--rules", metavar="DIR", type=Path, action="append", default=[], help="more rules")
    why = "leave a rule's findings out; the report names them with the reason (repeatable)"
    group.add_argument("--ignore", metavar="RULE[=WHY]", action="append", default=[], help=why)
    unmeasured = "do not measure the motion in a run's previews, which takes a minute or two the first time"
    group.add_argument("--no-motion", dest="motion", action="store_false", help=unmeasured)


def add_dataset(parser: argparse.ArgumentParser, otherwise: str) -> None:
    """Add where the data set lies; `otherwise` says what happens without it."""
    parser.add_argument(
        "--dataset", metavar="DIR", type=Path, help=f"the folder of the clips and captions; {otherwise}"
    )


def add_machine(parser: argparse.ArgumentParser) -> None:
    """Add the memory that the run will have."""
    group = parser.add_argument_group("will it fit")
    group.add_argument("--vram", metavar="GB", type=float, help="memory of the GPU, as it is sold: 24")
    add_card(group, "for the time of a step, and for --vram where it is sold in one size")
    group.add_argument("--ram", metavar="GB", type=float, help="main memory of the machine: 64")


def add_card(group: argparse._ActionsContainer, serves: str) -> None:
    """Add the graphics card; `serves` says what it is asked for."""
    group.add_argument("--card", metavar="NAME", help=f"the graphics card, {serves}: 'RTX 4090'")


def add_output(parser: argparse.ArgumentParser, *, fail_on: str, otherwise: str | None = None) -> None:
    """Add where the report goes, in which format, and which findings make the exit status 1.

    `otherwise` is the format where none is asked for; None: what fits where the report goes.
    """
    group = parser.add_argument_group("output")
    said = otherwise or "terminal on a terminal, markdown in a pipe, in a file by its ending"
    group.add_argument("--format", choices=formats(), help=f"default: {said}")
    group.add_argument("--full", action="store_true", help="leave nothing out of a text for reading")
    add_place(group, "write there instead of standard output")
    group.add_argument("--open", action="store_true", help="show the HTML in the browser")
    add_gate(parser, fail_on)
    parser.set_defaults(format_otherwise=otherwise)


def add_gate(parser: argparse.ArgumentParser, fail_on: str) -> None:
    """Add which findings make the exit status 1."""
    group = parser.add_argument_group("when the exit status is 1")
    group.add_argument("--fail-on", choices=LEVELS, default=fail_on, help=f"default: {fail_on}")
    group.add_argument("--min-confidence", choices=CONFIDENCES, help="only findings at least so sure; default: any")
    known = "an earlier report (-o known.json): what it found already does not count"
    group.add_argument("--baseline", metavar="FILE", type=Path, help=known)


def add_place(group: argparse._ActionsContainer, text: str, name: str = "FILE") -> None:
    """Add -o, and what allows to replace a file."""
    group.add_argument("-o", "--output", metavar=name, type=place, help=text)
    group.add_argument("--force", action="store_true", help="replace a file that is there already")


def place(text: str) -> Path | None:
    """Return the file that -o names; None for "-", standard output."""
    return None if text == "-" else Path(text)


def settings_of(options: argparse.Namespace) -> Settings:
    """Return the settings the arguments ask for.

    Raises:
        DiagnoseError: a --set without "=", or a --motion-word that is none.
    """
    parameters = {}
    for text in options.parameters:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise DiagnoseError(f"--set {text}: write PARAM=VALUE, like lr_ratio_min=2.5")
        parameters[name] = value
    return Settings(
        trainer=options.trainer,
        intent=options.intent,
        strategy=options.strategy,
        parameters=parameters,
        rules=tuple(options.rules),
        agreement=options.agreement,
        vram=getattr(options, "vram", None),
        card=getattr(options, "card", None),
        ram=getattr(options, "ram", None),
        motion_words=tuple(map(_word, options.motion_words)),
        dataset=getattr(options, "dataset", None),
        motion=options.motion,
        ignore={name.strip(): why.strip() for name, _, why in (each.partition("=") for each in options.ignore)},
        command_line=True,
    )


def _word(text: str) -> str:
    word = text.strip()
    if not word or len(word) > LONGEST_WORD:
        raise DiagnoseError(f'--motion-word {text[:LONGEST_WORD]!r}: give a word or a few, like spin or "head turn"')
    return word
