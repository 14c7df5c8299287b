"""A rule base, checked and fit to be used: the rules, the knowledge they rest on, and how to get it quickly.

To read and check some 250 files takes a second and pydantic, so it is done once. Our own rule base ships checked, as
one JSON file of the wheel. In a checkout, and with rules of the user's, it is kept in the cache for as long as no file
of it changes, and no module of ours that reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.cache import Cache
from diagnose.core.version import __version__
from diagnose.rulebase.base_files import states
from diagnose.rulebase.frozen_json import FormError, from_plain, to_plain
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.rule import Rule

PACKAGE = Path(__file__).parents[1]
SHIPPED = "rulebase.json"
"""Our rule base in an installed wheel, beside the folders that it was made of."""
RULES = "rules"


class RuleBase(Struct, frozen=True):
    """Rules in order of stage and id, and what they rest on. `digest` is the sha256 over all files."""

    rules: tuple[Rule, ...]
    knowledge: Knowledge
    digest: str

    @property
    def rules_in_domain(self) -> tuple[Rule, ...]:
        """The rules that are about the domain in which runs are judged."""
        return tuple(rule for rule in self.rules if self.knowledge.domain.concerns(rule.domain))


def kept_rulebase(
    rules_dirs: Sequence[Path],
    knowledge_dir: Path,
    overrides: Mapping[str, str] | None = None,
    origins: Mapping[str, str] | None = None,
    *,
    cache: Cache,
) -> RuleBase:
    """Return what `load_rulebase` returns, but for the rules' own cases; faulty rule bases are never kept.

    Raises:
        DiagnoseError: as for `load_rulebase`.
    """
    if overrides:  # each set of values would be a rule base of its own
        return _read(rules_dirs, knowledge_dir, overrides, origins)
    root = knowledge_dir.parent
    if list(rules_dirs) == [root / RULES] and (shipped := _shipped(root)) is not None:
        return shipped
    key = f"rulebase/{_fingerprint([*rules_dirs, knowledge_dir])}"
    found = _rebuilt(cache.load(key))
    if found is None:
        found = _read(rules_dirs, knowledge_dir)
        cache.store(key, to_plain(found))
    return found


def shipped_text(root: Path) -> str:
    """Return the rule base of a data folder as the text that ships in its place; its paths are relative to the folder.

    Raises:
        DiagnoseError: the rule base has faults.
    """
    found = _read([root / RULES], root / "knowledge")
    rules = tuple(replace(rule, path=rule.path.relative_to(root)) for rule in found.rules)
    return json.dumps({"version": __version__, "base": to_plain(replace(found, rules=rules))}, separators=(",", ":"))


def _read(
    rules_dirs: Sequence[Path],
    knowledge_dir: Path,
    overrides: Mapping[str, str] | None = None,
    origins: Mapping[str, str] | None = None,
) -> RuleBase:
    from diagnose.rulebase.reading.load import load_rulebase  # noqa: PLC0415 - loads pydantic, so only where it reads

    found = load_rulebase(rules_dirs, knowledge_dir, overrides, origins)
    return replace(found, rules=tuple(replace(rule, cases=()) for rule in found.rules))


def _shipped(root: Path) -> RuleBase | None:
    """Return the rule base that shipped with this version; None in a checkout, where the files may change."""
    try:
        stored = json.loads((root / SHIPPED).read_bytes())
        found = _rebuilt(stored["base"]) if stored["version"] == __version__ else None
    except (OSError, ValueError, LookupError, TypeError):
        return None
    if found is None:
        return None
    return replace(found, rules=tuple(replace(rule, path=root / rule.path) for rule in found.rules))


def _rebuilt(stored: Any) -> RuleBase | None:  # noqa: ANN401 - whatever was stored
    try:
        found = from_plain(stored) if stored is not None else None
    except FormError:
        return None
    return found if isinstance(found, RuleBase) else None


def _fingerprint(folders: Sequence[Path]) -> str:
    """Return what changes with every file of the rule base, with its place, and with the code that reads it."""
    total = sha256(__version__.encode())
    for folder in (*folders, PACKAGE / "rulebase"):
        total.update(f"{folder.resolve()}\0".encode())
        for state in states(folder):
            total.update(state.encode())
    return total.hexdigest()
