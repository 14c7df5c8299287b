"""How a config of Kiln is read: a mapping of settings, with nothing around it."""

from __future__ import annotations

import re
from pathlib import Path

from diagnose.sources.config.content import parse, read_content
from diagnose.sources.config.tree import Lines
from diagnose.sources.file_reader import FileReader, Role
from diagnose.sources.readings import ConfigReading


def read_config(path: Path, *, run_dir: Path) -> ConfigReading:
    """Read a config."""
    text, file = path.read_text(encoding="utf-8"), path.relative_to(run_dir).as_posix()
    content = read_content(parse(text, json=False), file, Lines(text))
    return ConfigReading(file, text, content.data, "", content.lines, content.remarks, room="kiln")


def _is_config(path: Path) -> bool:
    return path.name.endswith("kiln.yaml")


READERS = (FileReader(Role.CONFIG, "kiln.yaml", re.compile(r"kiln\.yaml"), read_config, _is_config),)
