"""LoRA checkpoints by name and header: which step, which expert, which tensors. Reads no tensor data.

File names are the trainer's: `<job>_<step:09d>_high_noise.safetensors`, the final file without a step, and without
`_high_noise`/`_low_noise` where one file holds both experts. Judges nothing.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from diagnose.core.paths import shown
from diagnose.core.values import Place, Remark
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.file_reader import FileReader, Role
from diagnose.sources.log_readings import Sign
from diagnose.sources.readings import CheckpointFile
from diagnose.sources.safetensors_header import Header, read_header
from diagnose.trainers.aitoolkit import UPSTREAM
from diagnose.trainers.aitoolkit.file_names import CHECKPOINT

TRANSFORMER = re.compile(r"(?:^|[._])transformer_(?P<number>[12])[._]")
EXPERT_OF_TRANSFORMER: Mapping[str, Expert] = {"1": Expert.HIGH, "2": Expert.LOW}
"""In WAN 2.2 A14B as both trainers load it, transformer_1 denoises first: the high-noise expert."""
VERSION_LIMIT = 40
UPSTREAM_SINCE = (0, 8)
"""The fork reports 0.7.4; a checkpoint of version 0.8 or later is upstream's."""
_NUMBER = re.compile(r"(\d+)\.(\d+)")


def read_checkpoint(path: Path, *, run_dir: Path) -> CheckpointFile:
    """Read one checkpoint's name and header; the reading names the file relative to `run_dir`.

    Raises:
        DiagnoseError: the file cannot be read or is not valid safetensors.
    """
    header = read_header(path)
    file = shown(path, run_dir)
    name = CHECKPOINT.fullmatch(path.name)
    step, expert = (name["step"], name["expert"]) if name else (None, None)
    training, training_remarks = _embedded(header, "training_info", file)
    software, software_remarks = _embedded(header, "software", file)
    assigned = {tensor_expert(tensor.name) for tensor in header.tensors}
    experts = tuple(each.value for each in Expert if each.value in assigned) or ((expert,) if expert else ())
    expert_remarks: tuple[Remark, ...] = ()
    if expert and experts != (expert,):  # the tensors' names decide, as they do for a loader
        said = experts[0] if len(experts) == 1 else "both"
        text = f"the name says {expert}-noise expert, the tensor names say {said}; the tensors are believed"
        expert_remarks = (Remark(Place(file), text),)
    told, version = training.get("step"), software.get("version")
    if not isinstance(version, str) or len(version) > VERSION_LIMIT or not version.isprintable():
        version = None
    only = experts[0] if len(experts) == 1 else None
    return CheckpointFile(
        file=file,
        path=path,
        experts=experts,
        step=int(step) if step else told if type(told) is int and told >= 0 else None,
        final=step is None,
        size=header.size,
        modified=header.modified,
        header_sha256=header.sha256,
        tensors=tuple(replace(each, expert=tensor_expert(each.name) or only) for each in header.tensors),
        metadata=header.metadata,
        software_version=version,
        signs=_signs(version, Place(file)),
        remarks=(*training_remarks, *software_remarks, *expert_remarks),
    )


def tensor_expert(name: str) -> str | None:
    """Return the expert a tensor's name assigns it to, None if the name does not say."""
    found = TRANSFORMER.search(name)
    return EXPERT_OF_TRANSFORMER[found["number"]].value if found else None


def _embedded(header: Header, key: str, file: str) -> tuple[Mapping[str, Any], tuple[Remark, ...]]:
    """Return a JSON object that the trainer put into the metadata as text; empty if absent."""
    found = None
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(header.metadata.get(key, "{}"))
    if isinstance(found, dict):
        return found, ()
    return {}, (Remark(Place(file, key=f"__metadata__.{key}"), "is not a JSON object; ignored"),)


def _signs(version: str | None, at: Place) -> tuple[Sign, ...]:
    number = _NUMBER.match(version or "")
    if number is None or (int(number[1]), int(number[2])) < UPSTREAM_SINCE:
        return ()
    return (Sign(UPSTREAM, f"the checkpoint was saved by version {version}; the fork reports 0.7.4", at),)


READERS = (FileReader(Role.CHECKPOINT, "*.safetensors", re.compile(r"[^/]+\.safetensors"), read_checkpoint),)
