"""Dotted paths into a config: "config.process[0].train.steps".

A key that would not read back from the dots (it holds a dot, a bracket, a quote or a control character, or is
empty) stands in brackets as a JSON string: `train["odd.key"]`. Nothing here looks at a config.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TypeAlias

from diagnose.core.errors import DiagnoseError

JOB, JOB_NAME = "job", "config.name"
"""The keys of interest outside the process entry, named by their full path wherever the others are relative."""

Step: TypeAlias = "str | int"

_BARE = re.compile(r'[^.\[\]"\x00-\x1f\x7f-\x9f\u2028\u2029]+')
_STEP = re.compile(r'\.?(?P<key>[^.\[\]"]+)|\[(?P<index>[0-9]{1,9})\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]')


def join(parent: str, step: Step) -> str:
    """Return the path of a key or list item under `parent`; "" is the whole document."""
    if isinstance(step, int):
        return f"{parent}[{step}]"
    if not _BARE.fullmatch(step):
        return f"{parent}[{json.dumps(step, ensure_ascii=not step.isprintable())}]"
    return f"{parent}.{step}" if parent else step


def below(root: str, path: str) -> str:
    """Return the full path of what stands at `path` relative to `root`; `JOB` and `JOB_NAME` stand where they stand."""
    if path in {JOB, JOB_NAME}:
        return path
    if not root or not path:
        return root or path
    return f"{root}{path}" if path.startswith("[") else f"{root}.{path}"


@lru_cache(maxsize=4096)
def split(path: str) -> tuple[Step, ...]:
    """Return the keys (text) and list positions (numbers) of a path, outermost first.

    Raises:
        DiagnoseError: the text is not a path.
    """
    steps: list[Step] = []
    position = 0
    while position < len(path):
        found = _STEP.match(path, position)
        if found is None or path.startswith(".", position) != bool(steps and found["key"]):
            raise DiagnoseError(f"{path}: not a config path; write it like config.process[0].train.steps")
        steps.append(_step(found))
        position = found.end()
    return tuple(steps)


def _step(found: re.Match[str]) -> Step:
    if found["key"] is not None:
        return found["key"]
    return int(found["index"]) if found["index"] is not None else str(json.loads(found["quoted"]))
