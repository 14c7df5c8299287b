"""The config that the trainer prints at its start, read as if it were a file: for a run whose config is not there.

The trainer prints the process entry alone, as JSON, with the job's name filled in. Places are lines of the console.
"""

from __future__ import annotations

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Place, Remark
from diagnose.sources.config.content import parse, read_content
from diagnose.sources.config.tree import Lines
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession
from diagnose.sources.readings import ConfigReading
from diagnose.trainers.aitoolkit import ROOM
from diagnose.trainers.aitoolkit.config_frame import FRAME, find_roots

_ROOT = "config.process[0]"
_NOTE = "read from the config that the console shows: there is no file of it"


def config_of(console: ConsoleReading) -> ConfigReading | None:
    """Return the config that the last start printed; None where it printed none whole."""
    last = next((each for each in reversed(console.sessions) if each.printed is not None), None)
    try:
        return None if last is None else _read(last)
    except DiagnoseError:  # JSON of something else
        return None


def _read(session: ConsoleSession) -> ConfigReading | None:
    printed = session.printed
    if printed is None:
        return None
    content = read_content(parse(printed.text, json=True), session.file, Lines(printed.text))
    find_roots(content.data, content.lines)
    import yaml  # noqa: PLC0415 - most runs have a file

    data = {"job": "extension", "config": {"name": session.job or session.file, "process": [content.data]}}
    lines = {f"{_ROOT}.{path}": line + printed.line - 1 for path, line in content.lines.items()}
    around = dict.fromkeys(("job", "config", "config.name", "config.process", _ROOT), printed.line)
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    note = Remark(Place(session.file, line=printed.line), _NOTE)
    return ConfigReading(session.file, text, data, _ROOT, around | lines, (note,), {}, ROOM, FRAME)
