"""A rule base, checked and fit to be used: the rules, the knowledge they rest on, and how to get it quickly.

To read and check some 250 files takes a second and pydantic, so it is done once. Our own rule base ships checked, as
one JSON file of the wheel. In a checkout, and with rules or values of the user's, it is kept in the cache for as long
as no file of it changes, and no module of ours that reads it. Of the values only the last are kept.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from msgspec import MsgspecError, Struct
from msgspec.structs import replace

from diagnose.core.cache import Cache, fingerprint, from_json, to_json
from diagnose.core.version import __version__
from diagnose.rulebase.base_files import states
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

    def without(self, ids: Collection[str]) -> "RuleBase":
        """Return the rule base without some rules."""
        return replace(self, rules=tuple(rule for rule in self.rules if rule.id not in ids)) if ids else self


class _Valued(Struct, frozen=True):
    """A rule base with values of the user's: what these are, and where they were set."""

    values: str
    base: RuleBase


class _Shipped(Struct, frozen=True):
    """A rule base as it ships, and the version that reads it."""

    version: str
    base: RuleBase


def kept_rulebase(
    rules_dirs: Sequence[Path],
    knowledge_dir: Path,
    overrides: Mapping[str, str] | None = None,
    origins: Mapping[str, str] | None = None,
    *,
    cache: Cache,
) -> RuleBase:
    """Return what `load_rulebase` returns, but for the cases of rules and of crashes; faulty rule bases are never kept.

    Raises:
        DiagnoseError: as for `load_rulebase`.
    """
    root = knowledge_dir.parent
    if not overrides and list(rules_dirs) == [root / RULES] and (shipped := _shipped(root)) is not None:
        return shipped
    key = f"rulebase/{_key([*rules_dirs, knowledge_dir])}{'-values' if overrides else ''}"
    values = repr((sorted((overrides or {}).items()), sorted((origins or {}).items())))
    found = cache.load(key, _Valued)
    if found is None or found.values != values:
        found = _Valued(values, _read(rules_dirs, knowledge_dir, overrides, origins))
        cache.store(key, found)
    return found.base


def shipped_text(root: Path) -> bytes:
    """Return the rule base of a data folder as the text that ships in its place.

    Raises:
        DiagnoseError: the rule base has faults.
    """
    return to_json(_Shipped(__version__, _read([root / RULES], root / "knowledge")))


def _read(
    rules_dirs: Sequence[Path],
    knowledge_dir: Path,
    overrides: Mapping[str, str] | None = None,
    origins: Mapping[str, str] | None = None,
) -> RuleBase:
    from diagnose.rulebase.reading.load import load_rulebase  # noqa: PLC0415 - loads pydantic, so only where it reads

    found = load_rulebase(rules_dirs, knowledge_dir, overrides, origins)
    kinds = {id_: replace(kind, match=(), near_misses=()) for id_, kind in found.knowledge.crashes.items()}
    rules = tuple(replace(rule, cases=()) for rule in found.rules)
    return replace(found, rules=rules, knowledge=replace(found.knowledge, crashes=kinds))


def _shipped(root: Path) -> RuleBase | None:
    """Return the rule base that shipped with this version; None in a checkout, where the files may change."""
    try:
        found = from_json((root / SHIPPED).read_bytes(), _Shipped)
    except (OSError, MsgspecError):
        return None
    return found.base if found.version == __version__ else None


def _key(folders: Sequence[Path]) -> str:
    """Return what changes with every file of the rule base, with its place, and with the code that reads it."""
    places = [*folders, PACKAGE / "rulebase"]
    parts = (part for folder in places for part in (f"{folder.resolve()}\0", *states(folder)))
    return fingerprint("".join((__version__, *parts)).encode(errors="surrogateescape"))
