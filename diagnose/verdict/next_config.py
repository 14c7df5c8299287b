"""The next run's config: the user's own file with the changes in it, everything else byte for byte as it was."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.errors import DiagnoseError
from diagnose.facts.declared import Config
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.sources.config.read import is_json
from diagnose.verdict.edit.apply import Edit, apply_edits, unified_diff
from diagnose.verdict.report import Change, Conflict, NextConfig


def next_config(
    config: Config | None, strategy: str, changes: Sequence[Change], conflicts: Sequence[Conflict]
) -> NextConfig:
    """Write the changes into the config. What is manual or in conflict is left to the user."""
    wanted, open_ends = tuple(changes), tuple(conflicts)
    if config is None:
        return NextConfig(strategy, wanted, open_ends, None, None, "there is no config to change")
    applied = [c for c in wanted if c.op is not ChangeOp.ADVISE and c.applicability is not Applicability.MANUAL]
    reading = config.reading
    root = f"{reading.root}." if reading.root else ""
    edits = [Edit(f"{root}{change.path}", change.new, remove=change.op is ChangeOp.REMOVE) for change in applied]
    try:
        text = apply_edits(reading.text, edits, json=is_json(reading.file))
    except DiagnoseError as error:
        return NextConfig(strategy, wanted, open_ends, None, None, f"the config could not be edited: {error}")
    note = "" if edits else "nothing in the config needs to change"
    diff = unified_diff(reading.text, text, reading.file) if edits else None
    return NextConfig(strategy, wanted, open_ends, text, diff, note)
