"""Read a training config as ai-toolkit reads it, with the line of every key. Nothing is judged here.

What the trainer's loader would stop at is remarked and read on past where that is possible: a user wants all
that is wrong with a config, not the first thing. Facts: `toolkit/config.py`, the same in
both trainers (upstream 27a03a91, fork 64b3e52); its pattern for floats is that of `diagnose.sources.config.scalars`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_folder, shown
from diagnose.core.values import Place, Remark
from diagnose.sources.config.content import BOM, JSON_ENDINGS, Content, is_json, parse, read_content, read_text
from diagnose.sources.config.dotted import MISSING
from diagnose.sources.config.scalars import shortened
from diagnose.sources.config.tree import Lines
from diagnose.sources.config.yaml_tree import placeholders
from diagnose.sources.file_reader import FileReader, Role
from diagnose.sources.lines import head
from diagnose.sources.readings import ConfigReading
from diagnose.trainers.aitoolkit import ROOM
from diagnose.trainers.aitoolkit.config_frame import FRAME, fill_name, find_roots, name_tags
from diagnose.trainers.other_programs import of_another_program

SNIFFED = 1 << 18
"""Bytes of a file that are searched for the keys of a job."""
_JOB_KEYS = (re.compile(rb"""["']?process["']?\s*:"""), re.compile(rb"""["']?(?:job|config)["']?\s*:"""))
MAX_BYTES = 2 * 1024 * 1024
"""Largest config that is read; a real one has a few kB."""
MAX_REMARKS = 50
"""More than anybody reads; the rest is counted in one last remark."""
_YAML = (".yaml", ".yml")


def read_config(path: Path, *, name: str | None = None) -> ConfigReading:
    """Read a YAML or JSON config; which of the two, the suffix says, as it does for the trainer.

    `name` is the file name to show, the path as given if None.

    Raises:
        DiagnoseError: no such file, a folder, too large, not UTF-8, a syntax error, not a mapping, too large or
            deep once aliases are written out, or no process entry.
    """
    file = path.as_posix() if name is None else name
    if is_folder(path):
        raise DiagnoseError(f"{file}: a folder, not a config; give the YAML or JSON file in it")
    text = read_text(path, file, "a training config", limit=MAX_BYTES)
    body = text.removeprefix(BOM)
    lines = Lines(body)
    try:
        content = read_content(parse(body, json=is_json(path.name)), file, lines)
        root, *others = find_roots(content.data, content.lines)
    except DiagnoseError as error:
        foreign = of_another_program(body)
        raise DiagnoseError(f"{file}: {foreign}" if foreign is not None else f"{file}, {error}") from error
    filled, unfilled = fill_name(content, file)
    remarks: tuple[Remark, ...] = (
        *_about_text(path, file, text, lines),
        *_about_frame(content, file, root, others),
        *unfilled,
        *filled.remarks,
    )
    if len(remarks) > MAX_REMARKS:
        rest = f"{len(remarks) - MAX_REMARKS} more remarks on this file are not shown"
        remarks = (*remarks[:MAX_REMARKS], Remark(Place(file), rest))
    named = {} if filled is content else dict(name_tags(content.data))
    return ConfigReading(file, text, filled.data, root, filled.lines, remarks, named, ROOM, FRAME)


def _about_text(path: Path, file: str, text: str, lines: Lines) -> Iterator[Remark]:
    if not path.name.endswith((*JSON_ENDINGS, *_YAML)):
        yield Remark(Place(file), "the trainer opens .yaml, .yml, .json and .jsonc only; read as YAML here")
    if is_json(path.name) and text.startswith(BOM):
        yield Remark(Place(file, 1), "the trainer stops at the byte order mark of a JSON file; save it without")
    first: dict[str, int] = {}
    for offset, variable in placeholders(text.removeprefix(BOM)):
        first.setdefault(variable, offset)
    for variable, offset in first.items():
        says = f"${{{shortened(variable)}}} comes from the trainer's environment; unknown here and kept as text"
        yield Remark(Place(file, lines.line(offset)), says)


def _about_frame(content: Content, file: str, root: str, others: Sequence[str]) -> Iterator[Remark]:
    """Remark what the trainer requires around the process entry, and further entries that train."""
    data: dict[str, Any] = content.data
    if not root:
        yield Remark(Place(file), "a process entry by itself; the trainer takes it only under config.process")
        return
    name = data["config"].get("name", MISSING)
    at = Place(file, content.lines.get("config.name", content.lines["config"]), "config.name")
    if name is MISSING:
        yield Remark(at, "there is no config.name; the trainer stops unless one is given on its command line")
    for other in others:
        text = f"{other} trains too; only {root} is judged here"
        yield Remark(Place(file, content.lines[other], other), text)


def _is_job(path: Path) -> bool:
    """Return whether a YAML or JSON file may be a training job; reading it will show."""
    start = head(path, SNIFFED)
    return all(key.search(start) for key in _JOB_KEYS)


def _own_first(paths: Sequence[Path], _: str) -> list[Path]:
    """Put `config.yaml` first, which the trainer writes."""
    return sorted(paths, key=lambda path: (path.name != "config.yaml", is_json(path.name), path.name))


READERS = (
    FileReader(
        Role.CONFIG,
        "a YAML or JSON config",
        re.compile(r"(?!.*_alpha_scheduler\.json$)[^/]+\.(?:ya?ml|jsonc?)"),
        lambda path, *, run_dir: read_config(path, name=shown(path, run_dir)),
        _is_job,
        sniffed=True,
        order=lambda path: (is_json(path.name), path.name),
        arrange=_own_first,
    ),
)
