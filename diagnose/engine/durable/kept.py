"""The rulesets of a stage, kept in the cache: to write and check them takes longer than all else that is sent.

They are kept for as long as the rules read the same facts in the same way, and no module beside this one changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache as remembered
from pathlib import Path

from diagnose.core.cache import default_cache, fingerprint, to_json
from diagnose.core.version import __version__
from diagnose.engine.durable.compile import Ruleset, compile_rules
from diagnose.engine.plan import Plan
from diagnose.rulebase.base_files import states


def kept_rulesets(plans: Sequence[Plan]) -> Sequence[Ruleset]:
    """Return what `compile_rules` returns.

    Raises:
        EngineError: as for `compile_rules`.
    """
    cache = default_cache()
    key = f"rulesets/{fingerprint(to_json((__version__, _writers(), plans)))}"
    found = cache.load(key, tuple[Ruleset, ...])
    if found is None:
        found = tuple(compile_rules(plans))
        cache.store(key, found)
    return found


@remembered
def _writers() -> tuple[str, ...]:
    """Return what changes with each module that has a part in a ruleset."""
    return tuple(states(Path(__file__).parent))
