"""The entry to the engine: which matcher answers, and what the report says about it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias

from diagnose.core.errors import EngineError
from diagnose.core.model import Fact
from diagnose.engine import durable
from diagnose.engine.adapter import Load, fire
from diagnose.engine.inference import Inference
from diagnose.engine.isolate import isolated
from diagnose.engine.stages import run_stages
from diagnose.rulebase.rule import Rule

Choice: TypeAlias = Literal["auto", "durable", "matcher"]
PACKAGE, VERSION = "durable-rules", "2.0.28"
"""The subset in use was proved on this version only."""
DURABLE, MATCHER = f"{PACKAGE} {VERSION}", "python matcher"


def infer(rules: Sequence[Rule], facts: Sequence[Fact], *, engine: Choice = "auto") -> Inference:
    """Return what `rules` say about `facts`. The order of either does not matter.

    "auto" runs durable-rules in a child process, and the plain-Python matcher wherever that fails; the result says
    which one answered, and why. "durable" runs durable-rules in this process. "matcher" runs the matcher.

    Raises:
        EngineError: rules or facts contradict themselves, or with "durable" the engine cannot answer.
    """
    if engine == "matcher":
        return run_stages(rules, facts, engine=MATCHER)
    if engine == "durable":
        _locate()
        return run_stages(rules, facts, engine=DURABLE, fire=partial(fire, transport=_here))
    try:
        with isolated(_locate()) as transport:
            return run_stages(rules, facts, engine=DURABLE, fire=partial(fire, transport=transport))
    except EngineError as fault:
        return run_stages(rules, facts, engine=MATCHER, note=f"{fault}; the Python matcher answered instead")


def _here(loads: Sequence[Load]) -> list[str]:
    try:
        return [match for ruleset, messages in loads for match in durable.fire(ruleset, messages)]
    except (durable.DurableError, ImportError) as fault:
        raise EngineError(str(fault)) from fault


def _locate() -> Path:
    """Return the folder of the C module."""
    if sys.version_info >= (3, 13):
        raise EngineError(f"{DURABLE} does not work on Python 3.13 and later")
    try:
        installed = version(PACKAGE)
    except PackageNotFoundError as fault:
        raise EngineError(f"{PACKAGE} is not installed") from fault
    if installed != VERSION:
        raise EngineError(f"{PACKAGE} {installed} is installed, and only {VERSION} is known to be safe")
    spec = find_spec("durable_rules_engine")
    if spec is None or spec.origin is None:
        raise EngineError(f"the C module of {DURABLE} is missing")
    return Path(spec.origin).parent
