"""`diagnose motion FILE|DIR|RUN_DIR ...`: how much things move in clips, or in a run's previews; no judgement."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path

from msgspec import to_builtins

from diagnose.cli.messages import tell
from diagnose.cli.options import add_dataset
from diagnose.cli.output import deliver, deliver_blocks
from diagnose.cli.progress import working
from diagnose.cli.targets import existing, leaves_more
from diagnose.core.cache import default_cache
from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_folder
from diagnose.motion.measure import MOTION, measure_clips
from diagnose.motion.measured import TRUST_LEAST, ClipMotion, Unmeasured
from diagnose.report.blocks import Block, paragraph, table
from diagnose.report.spans import Piece, code, printable
from diagnose.sources.dataset.listing import CLIPS, MOST_ENTRIES

SCHEMA = "diagnose/clips/1"
FILMS = CLIPS | {".webp", ".gif"}
_COLUMNS: Mapping[str, Callable[[ClipMotion], str]] = {
    "trust": lambda each: f"{each.trust:.2f}",
    "amount": lambda each: _rate(each, each.amount),
    "strong": lambda each: _rate(each, each.strong),
    "camera": lambda each: _rate(each, each.camera),
    "object": lambda each: _rate(each, each.object),
    "camera share": lambda each: _share(each.camera_share),
    "coarse share": lambda each: _share(each.coarse_share),
    "frames": lambda each: str(each.frames),
    "seconds": lambda each: "unknown" if each.seconds is None else f"{each.seconds:.1f}",
}
LEGEND = (
    "Speeds are in short sides of the picture per second. amount: mean over the picture; strong: its fastest 5 %; "
    "camera: what the whole picture does; object: what is left without it; coarse share: how much of it large parts do "
    f"together; trust: share of the pixels that could be followed, below {TRUST_LEAST:g} there is no figure. Compare "
    "only like with like: the same prompt and seed, the same size and length."
)


def add_motion(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `motion`."""
    what = "a clip, a folder of clips, or a run, whose previews are followed over the steps"
    parser.add_argument("targets", metavar="FILE|DIR|RUN_DIR", type=Path, nargs="+", help=what)
    add_dataset(parser, "for a run, to hold its previews against")
    parser.add_argument("--format", choices=("terminal", "json", "csv", "markdown"), default="terminal")
    parser.set_defaults(run=motion)


def motion(options: argparse.Namespace) -> int:
    """Measure the motion in the targets and print it; what is skipped is named on standard error.

    Raises:
        DiagnoseError: a package is missing, a named file cannot be measured, or the folders hold no clip that can.
    """
    targets = [existing(target) for target in options.targets]
    if MOTION.lacking is not None:
        raise DiagnoseError(MOTION.lacking.reason)
    if is_folder(targets[0]) and leaves_more(targets[0]):
        if targets[1:]:
            raise DiagnoseError(f"{targets[0]}: is a run, and one is shown at a time; give it alone")
        from diagnose.cli.motion_run import show_run  # noqa: PLC0415 - loads what reads a run

        show_run(targets[0], options.format, options.dataset)
        return 0
    paths = list(dict.fromkeys(path for target in targets for path in _clips(target)))
    with working("measuring motion"):
        found = measure_clips(paths, default_cache())
    unmeasured = [each for each in found if isinstance(each, Unmeasured)]
    for each in unmeasured:
        fault = f"{printable(each.file)}: {each.reason}"
        if Path(each.file) in targets:
            raise DiagnoseError(fault)
        tell(f"skipped: {fault}")
    measured = [each for each in found if isinstance(each, ClipMotion)]
    if not measured:
        raise DiagnoseError(f"{targets[0]}: no clip that can be measured; give a video, or a folder of them")
    _show(measured, unmeasured, options.format)
    return 0


def _clips(target: Path) -> list[Path]:
    """Return a file by itself, or the films in a folder and those below it."""
    if not is_folder(target):
        return [target]
    entries = islice(target.rglob("*"), MOST_ENTRIES)
    return sorted(path for path in entries if path.suffix.lower() in FILMS and path.name[0] != "." and path.is_file())


def _show(measured: Sequence[ClipMotion], unmeasured: Sequence[Unmeasured], form: str) -> None:
    if form == "json":
        found = {"schema": SCHEMA, "clips": to_builtins(measured), "skipped": to_builtins(unmeasured)}
        deliver(json.dumps(found, indent=2, allow_nan=False), form, None)
    elif form == "csv":
        deliver(_csv(measured), form, None)
    else:
        deliver_blocks([_table(measured)], form, None)


def _csv(measured: Sequence[ClipMotion]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, ClipMotion.__struct_fields__, lineterminator="\n")
    writer.writeheader()
    writer.writerows(to_builtins(each) for each in measured)
    return text.getvalue()


def _table(measured: Sequence[ClipMotion]) -> list[Block]:
    rows: list[list[Piece]] = [[code(each.file), *(show(each) for show in _COLUMNS.values())] for each in measured]
    return [table(("file", *_COLUMNS), rows, numbers_from=1), paragraph(LEGEND)]


def _rate(clip: ClipMotion, value: float | None) -> str:
    return "unknown" if value is None else "still" if clip.still else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
