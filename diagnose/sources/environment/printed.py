"""Read from a console what it was printed with: versions, the GPU, the driver, the system.

Programs print little of that unasked. It is in warnings, in the paths of a traceback, in what pip, nvidia-smi and the
libraries' own reports say, which people keep in the same file or paste with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from diagnose.core.values import Place
from diagnose.sources.environment.component import (
    CUDA,
    DRIVER,
    GPU,
    GPU_MEMORY,
    LONGEST,
    PYTHON,
    SYSTEM,
    Component,
    watched,
)
from diagnose.sources.lines import both_ends

LOOKED_AT = 1 << 18
"""Bytes at either end of a console: what is told of the machine is told at the start, or in the last error."""
_V = r"(\d+\.\d[\w.+]{0,40})"
_NAMED = (
    ("torch", rf"\b[Pp]y[Tt]orch(?: version)?(?: \(GPU\?\))?:? v?{_V}"),
    ("torch", rf"incompatible torch version {_V} for torchao"),
    ("torch", rf"Please upgrade to torch >= \S+ \(found {_V}\)"),
    ("torch", rf"\(you have {_V}\)"),
    ("torchao", rf"incompatible torch version \S+ for torchao version {_V}"),
    ("deepspeed", rf"DeepSpeed info: version={_V}"),
    (PYTHON, r"\bPython(?: version)?:? v?(3\.\d[\w.+]{0,20})"),
    (PYTHON, r"[/\\]python(3\.\d{1,2})[/\\](?:site|dist)-packages"),
    (CUDA, rf"CUDA used to build PyTorch: {_V}"),
    (DRIVER, rf"(?:Driver Version|[Dd]river version): {_V}"),
    (GPU, r"^\|\s+\d+\s+((?:NVIDIA|Tesla|Quadro|AMD)[\w .-]{3,60}?)\s{2,}"),
    (GPU, r"((?:NVIDIA|AMD|Tesla)[\w .-]{3,60}) with CUDA capability sm_\d+ is not compatible"),
    (GPU, r"GPU(?: \d+)?: ((?:NVIDIA|AMD|Tesla)[\w .-]{3,60})"),
    (GPU, r"\b((?:NVIDIA )?(?:GeForce )?(?:RTX|GTX) \d{4}(?: ?(?:Ti|SUPER|D|Laptop GPU))*)\b"),
    (GPU_MEMORY, r"has a total capac(?:i)?ty of (\d+(?:\.\d+)? [GM]iB)"),
    (GPU_MEMORY, r"\(GPU \d+; (\d+(?:\.\d+)? [GM]iB) total capacity"),
    (SYSTEM, r"^(?:- )?(?:OS|Platform): ([\w .()+~-]{3,80})"),
)
_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in _NAMED)
_GATE = re.compile(r"incompatible torch version\. Please upgrade to torch >= ")
"""How torchao words it since 0.17.0."""
_WINDOWS_PYTHON = re.compile(r"[/\\]Python(3)(\d{1,2})[/\\]", re.IGNORECASE)
_WINDOWS = re.compile(r'^\s*File "[A-Za-z]:\\')
_PIN = re.compile(r"^\s*([A-Za-z][\w.-]{0,60})==(\d[\w.+!-]{0,60})\s*$")
_COLUMNS = re.compile(r"^([A-Za-z][\w.-]{0,60}) {2,}(\d[\w.+!-]{0,60})\s*(?:\S+)?$")
_LABELLED = re.compile(r"^\W{0,4}([A-Za-z][\w-]{0,60})`? version: v?(\d[\w.+!-]{0,60})\s*$")
_FOUND = re.compile(r"\bbut found ([A-Za-z][\w.-]{0,60})==(\d[\w.+!-]{0,60})")
"""How transformers and others refuse a version."""
_PIP = re.compile(r"^Successfully installed (.{1,4000})")
_SATISFIED = re.compile(r"^Requirement already satisfied: ([\w.-]{1,60})\S* in .{0,300}\((\d[\w.+!-]{0,60})\)$")
_PACKED = re.compile(r"([A-Za-z][\w.]*(?:-[A-Za-z_][\w.]*)*)-(\d[\w.+!]*)")
_HINTS = re.compile(
    r"version|[Pp]y[Tt]orch|==|  \d|\.\d|Successfully|satisfied|GPU|RTX|GTX|NVIDIA|packages|Python|File \"|OS:|Platform"
)
"""What a line holds that may tell anything: most are bars, and are passed over at once."""


def printed(path: Path, shown: str) -> Iterator[Component]:
    """Yield what a console tells of its environment, in the order of its lines."""
    for number, raw in both_ends(path, LOOKED_AT):
        line = raw.decode("utf-8", "replace").rstrip()[:4_000]
        if "%|" in line or not _HINTS.search(line):
            continue
        for name, version in _told(line):
            yield Component(name, version.strip()[:LONGEST].rstrip(".,;"), Place(shown, line=number))


def _told(line: str) -> Iterator[tuple[str, str]]:
    for name, pattern in _PATTERNS:
        if match := pattern.search(line):
            yield name, match[1]
            if name == "torch" and (build := re.search(r"\+cu(\d{2,3})(\d)\b", match[1])) is not None:
                yield CUDA, f"{build[1]}.{build[2]}"
    if _GATE.search(line):
        yield "torchao", "0.17+"
    if match := _WINDOWS_PYTHON.search(line):
        yield PYTHON, f"{match[1]}.{match[2]}"
    if _WINDOWS.match(line):
        yield SYSTEM, "Windows"
    for package, version in _pairs(line):
        if (known := watched(package)) is not None:
            yield known, version


def _pairs(line: str) -> list[tuple[str, ...]]:
    """Return the packages with their versions that a line lists."""
    pairs: list[tuple[str, ...]] = [
        each.groups() for each in (p.match(line) for p in (_PIN, _COLUMNS, _LABELLED, _SATISFIED)) if each
    ]
    if match := _FOUND.search(line):
        pairs.append(match.groups())
    if match := _PIP.match(line):
        pairs += [each.groups() for each in filter(None, map(_PACKED.fullmatch, match[1].split()))]
    return pairs
