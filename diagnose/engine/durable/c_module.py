"""The action loop over the C module of durable-rules: the only code that imports it.

Run as a script it is a child process that answers on standard output what it is sent on standard input. It
imports nothing of this package and next to nothing of the standard library: the child's start is most of what an
inference costs. Called directly it does the same in this process, which the C code may then take down.

The wire carries one JSON text a line. A request is, for each ruleset, the ruleset, its messages and an empty
line; then one more empty line. The answer is a line for each match, then an empty line. A line that starts with
"!" says what went wrong, and is the last.
"""

from __future__ import annotations

import sys
from itertools import chain, takewhile

TYPE_CHECKING = False  # typing's own constant costs more to import than the rest of the child
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType
    from typing import IO

GATE_MATCH = '{"__gate__":'
USED, UNUSED = 0, 1
"""The return codes of an assertion that are answers: some pattern wanted the message, or none did."""


class DurableError(Exception):
    """The engine answered what it must not, so that nothing it said can be trusted."""


def fire(ruleset: str, messages: Sequence[str]) -> list[str]:
    """Run one ruleset on its messages, the gate's being the last, and return its matches.

    A match is JSON: the engine rule's name, and under it each alias with the message it bound.

    Raises:
        DurableError: the engine refuses something or loses the gate, or the locale has a decimal comma.
        ImportError: the package is missing, or was not built for this Python.
    """
    import durable_rules_engine as engine  # noqa: PLC0415 - not installed everywhere, and the child sets its path

    if decimal_point() != ".":
        raise DurableError("the locale has a decimal comma, with which the engine reads 1.5 as 1")
    try:
        return _fire(engine, ruleset, messages)
    except engine.error as fault:
        raise DurableError(str(fault)) from fault


def decimal_point() -> str:
    """Return the decimal point that the locale gives the C library's numbers."""
    return format(1.5, "n")[1]


def _fire(engine: ModuleType, ruleset: str, messages: Sequence[str]) -> list[str]:
    handle = engine.create_ruleset("diagnose", ruleset)
    code, state = UNUSED, 0
    for message in messages:
        code, state = engine.assert_fact(handle, message)
        if code not in (USED, UNUSED):
            raise DurableError(f"asserting a message returned {code}: {message}")
    if code != USED:
        raise DurableError("the gate's message was not used")
    matches = list(_actions(engine, handle, state))
    found = [match for match in matches if not match.startswith(GATE_MATCH)]
    if len(matches) - len(found) != 1:
        raise DurableError(f"the gate fired {len(matches) - len(found)} times")
    engine.delete_state(handle, None)  # before any action has run, this frees what was never allocated
    engine.delete_ruleset(handle)  # alone, this would leak the state
    return found


def _actions(engine: ModuleType, handle: int, state: int) -> Iterator[str]:
    """Yield every match; the loop is ours because the package's own drops matches and swallows errors."""
    started = engine.start_action_for_state(handle, state)
    match = started[1] if started else None
    while match is not None:
        yield match
        match = engine.complete_and_start_action(handle, state)


def serve(requests: IO[str], answers: IO[str]) -> None:
    """Answer requests until there are no more, or one goes wrong."""

    def block() -> list[str]:
        return [line.rstrip("\n") for line in takewhile(str.strip, requests)]

    while first := block():
        try:
            loads = chain([first], iter(block, []))  # each is run as it comes in, while the next is written
            matches = [match for ruleset, *messages in loads for match in fire(ruleset, messages)]
        except (DurableError, ImportError) as fault:
            answers.write(f"!{' '.join(str(fault).split())}\n")
            return
        answers.writelines(f"{match}\n" for match in (*matches, ""))
        answers.flush()


if __name__ == "__main__":
    sys.path.append(sys.argv[1])
    serve(sys.stdin, sys.stdout)
