"""The entry to the engine: which matcher answers, and what the report says about it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.errors import EngineError
from diagnose.core.extras import missing
from diagnose.core.paths import is_folder
from diagnose.core.values import Fact
from diagnose.engine.durable import c_module
from diagnose.engine.durable.adapter import Load, fire
from diagnose.engine.durable.isolate import Child
from diagnose.engine.durable.kept import kept_rulesets
from diagnose.engine.inference import Inference
from diagnose.engine.plan import Plan, plan_all
from diagnose.engine.stages import SecondReader, run_stages
from diagnose.rulebase.rule import Rule

Choice: TypeAlias = Literal["auto", "durable", "matcher"]
PACKAGE, VERSION = "durable-rules", "2.0.28"
"""The subset in use was proved on this version only."""
DURABLE = f"{PACKAGE} {VERSION}"

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
    token = _waiting.set(children.copy())
    try:
        yield
    finally:
        _waiting.reset(token)
        for child in children:
            child.close()


class Begun(Struct, frozen=True):
    """An inference: the matcher's, and what waits for the engine and returns it with the engine's word on it."""

    inference: Inference
    checked: Callable[[], Inference]


def infer(rules: Sequence[Rule], facts: Sequence[Fact], *, engine: Choice = "auto") -> Inference:
    """Return what `rules` say about `facts`, once the engine has had its word.

    Raises:
        EngineError: as for `plan_all` and `begin`, or with "durable" the engine finds something else.
    """
    return begin(plan_all(rules), facts, engine=engine).checked()


def begin(plans: Sequence[Plan], facts: Sequence[Fact], *, engine: Choice = "auto") -> Begun:
    """Return what the rules of `plans` say about `facts`, whose order does not matter.

    "matcher" is the plain-Python matcher alone. "auto" has durable-rules read the same in a child process, on rulesets
    that are kept; what it says, or why it cannot, is in the result. The child that is `ready` is not waited for.
    "durable" runs durable-rules in this process.

    Raises:
        EngineError: facts contradict themselves, or with "durable" the engine cannot be had.
    """
    if engine == "matcher":
        return _finished(run_stages(plans, facts))
    if engine == "durable":
        _locate()
        second = SecondReader(partial(fire, transport=_here))
        inference = run_stages(plans, facts, second)
        return Begun(inference, partial(_held, inference, second))
    waiting = _waiting.get()
    if waiting:
        return _beside(waiting.pop(), plans, facts)
    try:
        child = Child(_locate())
    except EngineError as fault:
        return _finished(replace(run_stages(plans, facts), engine_note=_instead(fault)))
    with closing(child):
        return _finished(_beside(child, plans, facts).checked())


def _beside(child: Child, plans: Sequence[Plan], facts: Sequence[Fact]) -> Begun:
    second = SecondReader(partial(fire, transport=child.ask, compiled=kept_rulesets))
    inference = run_stages(plans, facts, second)

    def checked() -> Inference:
        try:
            return _held(inference, second)
        except EngineError as fault:
            return replace(inference, engine_note=_instead(fault, child.save()))

    return Begun(inference, checked)


def _finished(inference: Inference) -> Begun:
    return Begun(inference, lambda: inference)


def _held(inference: Inference, second: SecondReader) -> Inference:
    second.hold()
    return replace(inference, engine=DURABLE)


def _instead(fault: EngineError, saved: str = "") -> str:
    return f"{fault}{saved}; the Python matcher answered instead"


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
