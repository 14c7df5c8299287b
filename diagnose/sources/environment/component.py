"""One part of the machine or of its software, with its version and where that was read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from diagnose.core.values import Place

_WATCHED = """accelerate av bitsandbytes deepspeed diffusers flash-attn huggingface-hub numpy opencv-python
    optimum-quanto peft protobuf python safetensors sageattention sentencepiece torch torchao torchaudio torchvision
    transformers triton triton-windows xformers"""
WATCHED = frozenset(_WATCHED.split())
"""The packages that training depends on, by the name under which they are installed."""
PYTHON, GPU, GPU_MEMORY, DRIVER, CUDA, SYSTEM = "python", "gpu", "gpu-memory", "driver", "cuda", "system"
"""What is no package."""
_MACHINE = frozenset({PYTHON, GPU, GPU_MEMORY, DRIVER, CUDA, SYSTEM})
_ALIASES = {"pytorch": "torch", "huggingface_hub": "huggingface-hub", "quanto": "optimum-quanto"}
LONGEST = 80
"""Characters of a version or a name."""
ASKED_FOR = "as a file beside the run asks for it; what was installed may be another version"
"""What is to be said of a part that is not known to be installed."""


class Component(Struct, frozen=True):
    """A package by name, or a part of the machine.

    `installed`: the program itself told it; a file beside the run only says what was to be installed.
    """

    name: str
    version: str
    place: Place
    installed: bool = True


def is_component(name: str) -> bool:
    """Return whether a package or a part of the machine is called so."""
    return name in WATCHED or name in _MACHINE


def watched(name: str) -> str | None:
    """Return the name of a package as we call it; None for one that training does not depend on."""
    plain = re.sub(r"[-_.]+", "-", name.strip().lower())
    plain = _ALIASES.get(plain, plain)
    return plain if plain in WATCHED else None


def first_of_each(components: Iterable[Component]) -> tuple[Component, ...]:
    """Return each component once, as it was told first; what is installed goes before what was to be."""
    found: dict[str, Component] = {}
    for each in sorted(components, key=lambda component: not component.installed):
        found.setdefault(each.name, each)
    return tuple(found[name] for name in sorted(found))
