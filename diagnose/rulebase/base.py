"""A rule base, checked and fit to be used: the rules, the knowledge they rest on, and how to get it quickly.

A rule base that was read and checked is not read and checked again while its files and our code are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from diagnose.core.cache import Cache
from diagnose.core.version import __version__
from diagnose.rulebase.files import digest, read_folder
from diagnose.rulebase.frozen_json import FormError, from_plain, to_plain
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.rule import Rule


@dataclass(frozen=True, slots=True)
class RuleBase:
    """Rules in order of stage and id, and what they rest on. `digest` is the sha256 over all files."""

    rules: tuple[Rule, ...]
    knowledge: Knowledge
    digest: str

    @property
    def rules_in_domain(self) -> tuple[Rule, ...]:
        """The rules that are about the domain in which runs are judged."""
        return tuple(rule for rule in self.rules if self.knowledge.domain.concerns(rule.domain))


PACKAGE = Path(__file__).parents[1]


def kept_rulebase(
    rules_dirs: Sequence[Path],
    knowledge_dir: Path,
    overrides: Mapping[str, str] | None = None,
    origins: Mapping[str, str] | None = None,
    *,
    cache: Cache,
) -> RuleBase:
    """Return what `load_rulebase` returns, from the cache where it is there; faulty rule bases are never kept.

    Raises:
        DiagnoseError: as for `load_rulebase`.
    """
    if overrides:  # each set of values would be a rule base of its own
        return _read(rules_dirs, knowledge_dir, overrides, origins)
    key = f"rulebase/{_fingerprint([*rules_dirs, knowledge_dir])}"
    found = _rebuilt(cache.load(key))
    if found is None:
        found = _read(rules_dirs, knowledge_dir)
        cache.store(key, to_plain(found))
    return found


def _read(
    rules_dirs: Sequence[Path],
    knowledge_dir: Path,
    overrides: Mapping[str, str] | None = None,
    origins: Mapping[str, str] | None = None,
) -> RuleBase:
    from diagnose.rulebase.reading.load import load_rulebase  # noqa: PLC0415 - loads pydantic, so only where it reads

    return load_rulebase(rules_dirs, knowledge_dir, overrides, origins)


def _rebuilt(stored: object) -> RuleBase | None:
    try:
        found = from_plain(stored) if stored is not None else None
    except FormError:
        return None
    return found if isinstance(found, RuleBase) else None


def _fingerprint(folders: Sequence[Path]) -> str:
    """Return what changes with every byte of the rule base, with its place, and with the code that reads it.

    A file that cannot be read changes nothing here: it is a fault, and a faulty rule base is not kept.
    """
    total = sha256(__version__.encode())
    total.update(digest((str(folder.resolve()), read_folder(folder)[0]) for folder in folders).encode())
    for module in sorted((PACKAGE / "rulebase").rglob("*.py")):
        status = module.stat()
        total.update(f"{module.name}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return total.hexdigest()
