"""The next run's config: the user's own file with the changes in it, everything else byte for byte as it was."""

from __future__ import annotations

import contextlib
import copy
import re
from collections.abc import Collection, Iterable, Sequence

from msgspec.structs import replace

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Scalar
from diagnose.rulebase.rule import ChangeOp
from diagnose.sources.config.content import is_json
from diagnose.sources.config.dotted import full_path, get, split
from diagnose.sources.readings import ConfigReading
from diagnose.trainers.declared import Config
from diagnose.verdict.edit.apply import Edit, apply_edits, remove_key, set_value, unified_diff
from diagnose.verdict.edit.text import line_ending
from diagnose.verdict.judgement import Change
from diagnose.verdict.next.next_config import edits

_SAYS = "# diagnose: these wait until this has run: "
_MARK = re.compile(rf"(?:^|(?<=\ufeff)){_SAYS}(?P<paths>[^\r\n]*)\r?\n?", re.MULTILINE)


def edits_of(changes: Iterable[Change], reading: ConfigReading) -> list[Edit]:
    """Return the edits that make the changes. What is advice or to be done by hand is left out.

    A key that is to go makes room for what is to stand below it: a null gives way to a mapping.
    """
    made = [Edit(full_path(reading, each.path), each.new, remove=each.op is ChangeOp.REMOVE) for each in edits(changes)]
    return [edit for edit in made if not edit.remove or not any(o.path.startswith(f"{edit.path}.") for o in made)]


def revised(config: Config, changes: Iterable[Change]) -> Config:
    """Return the config with the changes made to its data, but for those that do not fit it; the writer names these.

    Places still are those of the file as it was read.
    """
    reading = config.reading
    data = copy.deepcopy(reading.data)
    for edit in edits_of(changes, reading):
        if edit.remove:
            remove_key(data, split(edit.path))
        else:
            with contextlib.suppress(DiagnoseError):
                set_value(data, split(edit.path), edit.value)
    return Config(replace(reading, data=data), config.model)


def value_at(config: Config, path: str) -> Scalar | None:
    """Return the value at a key as a change names it; None where the key is absent or holds no single value."""
    value = get(config.reading, path)
    return value if isinstance(value, bool | int | float | str) else None


def written(config: Config, changes: Sequence[Change], waiting: Collection[str] = ()) -> str:
    """Return the config's text with the changes made, and in YAML with a comment that names what waits.

    Raises:
        DiagnoseError: the text cannot be edited safely; it names the rules that want it edited there.
    """
    reading = config.reading
    try:
        json = is_json(reading.file)
        text = apply_edits(reading.text, edits_of(changes, reading), json=json)
        return text if json else marked(text, waiting, line_ending(text))
    except DiagnoseError as error:
        askers = dict.fromkeys(rule for each in changes if each.path and each.path in str(error) for rule in each.rules)
        wanted = f" (asked for by {', '.join(askers)})" if askers else ""
        raise DiagnoseError(f"{error}{wanted}") from error


def difference(config: Config, text: str) -> str:
    """Return what leads from the config's text to another, in unified format."""
    return unified_diff(config.reading.text, text, config.reading.file)


def waiting_in(text: str) -> frozenset[str]:
    """Return the keys that a config's own comment says wait until it has run."""
    found = _MARK.search(text)
    return frozenset(found["paths"].split(", ")) if found is not None else frozenset()


def marked(text: str, waiting: Collection[str], line_end: str) -> str:
    """Return a YAML text with one comment at its head that names what waits; without one where nothing does."""
    body = _MARK.sub("", text)
    paths = [path for path in dict.fromkeys(waiting) if path]
    if not paths:
        return body
    start = len(body) - len(body.removeprefix("\ufeff"))
    return f"{body[:start]}{_SAYS}{', '.join(paths)}{line_end}{body[start:]}"
