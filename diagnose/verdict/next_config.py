"""The next run's config: the user's own file with the changes in it, everything else byte for byte as it was."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from diagnose.core.errors import DiagnoseError
from diagnose.facts.config.declared import Config
from diagnose.sources.config.content import is_json
from diagnose.verdict.edit.apply import apply_edits, unified_diff
from diagnose.verdict.edit.text import line_ending
from diagnose.verdict.first_things import marked
from diagnose.verdict.outcome import Change, Conflict
from diagnose.verdict.planned import NextConfig
from diagnose.verdict.revised import edits_of


def next_config(
    config: Config | None,
    strategy: str,
    changes: Sequence[Change],
    conflicts: Sequence[Conflict],
    waiting: Collection[str],
) -> NextConfig:
    """Write the changes into the config. What is manual or in conflict is left to the user.

    `waiting` are the keys of changes that come later; a comment in the config names them.
    """
    wanted, open_ends = tuple(changes), tuple(conflicts)
    if config is None:
        return NextConfig(strategy, wanted, open_ends, None, None, "there is no config to change")
    try:
        text = written(config, wanted, waiting)
    except DiagnoseError as error:
        return NextConfig(strategy, wanted, open_ends, None, None, f"the config could not be edited: {error}")
    if text == config.reading.text:
        return NextConfig(strategy, wanted, open_ends, text, None, "no key of the config changes")
    return NextConfig(strategy, wanted, open_ends, text, difference(config, text), "")


def written(config: Config, changes: Sequence[Change], waiting: Collection[str] = ()) -> str:
    """Return the config's text with the changes made, and in YAML with a comment that names what waits.

    Raises:
        DiagnoseError: the text cannot be edited safely; it names the rules that want it edited there.
    """
    reading = config.reading
    try:
        json = is_json(reading.file)
        text = apply_edits(reading.text, edits_of(changes, reading.root), json=json)
        return text if json else marked(text, waiting, line_ending(text))
    except DiagnoseError as error:
        askers = dict.fromkeys(rule for each in changes if each.path and each.path in str(error) for rule in each.rules)
        wanted = f" (wanted by {', '.join(askers)})" if askers else ""
        raise DiagnoseError(f"{error}{wanted}") from error


def difference(config: Config, text: str) -> str:
    """Return what leads from the config's text to another, in unified format."""
    return unified_diff(config.reading.text, text, config.reading.file)
