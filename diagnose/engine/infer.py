"""The entry to the engine: which matcher answers, and what the report says about it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias

from diagnose.core.errors import EngineError
from diagnose.core.extras import missing
from diagnose.core.paths import is_folder
from diagnose.core.values import Fact
from diagnose.engine.durable import c_module
from diagnose.engine.durable.adapter import Load, fire
from diagnose.engine.durable.isolate import Child
from diagnose.engine.durable.kept import kept_rulesets
from diagnose.engine.inference import Inference
from diagnose.engine.stages import run_stages
from diagnose.rulebase.rule import Rule

Choice: TypeAlias = Literal["auto", "durable", "matcher"]
PACKAGE, VERSION = "durable-rules", "2.0.28"
"""The subset in use was proved on this version only."""
DURABLE, MATCHER = f"{PACKAGE} {VERSION}", "python matcher"

_waiting: ContextVar[list[Child] | None] = ContextVar("waiting", default=None)
"""The child that was started ahead of the first inference, until that takes it."""


@contextmanager
def ready() -> Iterator[None]:
    """Start the engine's process now, so that it is up when rules are matched; end it with the block.

    A process takes longer to start than to answer, so start it before files are read. Where it cannot start, `infer`
    tries again and says why.
    """
    children: list[Child] = []
    with suppress(EngineError):
        children.append(Child(_locate()))
    token = _waiting.set(children)
    try:
        yield
    finally:
        _waiting.reset(token)
        for child in children:
            child.close()


def infer(rules: Sequence[Rule], facts: Sequence[Fact], *, engine: Choice = "auto") -> Inference:
    """Return what `rules` say about `facts`. The order of either does not matter.

    "auto" runs durable-rules in a child process, on rulesets that are kept, and the plain-Python matcher wherever that
    fails; the result says which one answered, and why. "durable" runs durable-rules in this process. "matcher" runs the
    matcher.

    Raises:
        EngineError: rules or facts contradict themselves, or with "durable" the engine cannot answer.
    """
    if engine == "matcher":
        return run_stages(rules, facts, engine=MATCHER)
    if engine == "durable":
        _locate()
        return run_stages(rules, facts, engine=DURABLE, fire=partial(fire, transport=_here))
    child, waiting = None, _waiting.get()
    try:
        child = waiting.pop() if waiting else Child(_locate())
        return run_stages(rules, facts, engine=DURABLE, fire=partial(fire, transport=child.ask, compiled=kept_rulesets))
    except EngineError as fault:
        note = f"{fault}{child.save() if child else ''}; the Python matcher answered instead"
        return run_stages(rules, facts, engine=MATCHER, note=note)
    finally:
        if child is not None:
            child.close()


def _here(loads: Iterable[Load]) -> list[str]:
    try:
        return [match for ruleset, messages in loads for match in c_module.fire(ruleset, messages)]
    except (c_module.DurableError, ImportError) as fault:
        raise EngineError(str(fault)) from fault


def _locate() -> Path:
    """Return the folder of the C module."""
    if sys.version_info >= (3, 13):
        raise EngineError(f"{DURABLE} does not work on Python 3.13 and later")
    spec = find_spec("durable_rules_engine")
    if spec is None or spec.origin is None:
        raise EngineError(missing(PACKAGE))
    folder = Path(spec.origin).parent
    installed = _version_in(folder)
    if installed != VERSION:
        raise EngineError(f"{PACKAGE} {installed} is installed, and only {VERSION} is known to be safe")
    return folder


def _version_in(folder: Path) -> str:
    """Return the version that the installer wrote beside the C module."""
    if is_folder(folder / f"durable_rules-{VERSION}.dist-info"):
        return VERSION
    from importlib.metadata import distributions  # noqa: PLC0415 - takes 30 ms, and the usual case needs none of it

    found = next(iter(distributions(name=PACKAGE, path=[str(folder)])), None)
    return found.version if found is not None else "of an unknown version"
