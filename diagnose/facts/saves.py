"""How large a save is: the LoRA files of one step, as the run wrote them, else as the config asks for them."""

from __future__ import annotations

from collections import defaultdict

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import Recorder
from diagnose.sources.readings import CheckpointFile
from diagnose.trainers.declared import Config

ELEMENTS_PER_RANK = 4_792_320
"""LoRA numbers of one expert of WAN 2.2 A14B for each unit of rank.

40 blocks of eight matrices of 5120 x 5120 (q, k, v, o of both attentions) and two of 5120 x 13824: a factor pair of an
m x n matrix holds rank * (m + n) numbers.
"""
_BYTES = {"float16": 2, "fp16": 2, "bfloat16": 2, "bf16": 2, "float32": 4, "fp32": 4, "float": 4}
_PLAIN = frozenset({"lora"})
_FILTERS = ("lora.only", "lora.ignore", "lora.targets")


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record `weights.pair_bytes`; nothing where neither a checkpoint nor plain settings tell it."""
    found, note = _of_files(evidence.readings.checkpoints), "the files of one step"
    if found is None and evidence.config is not None:
        found, note = _of_settings(evidence.config), "from the rank and the shapes of WAN 2.2 A14B"
    if found is not None:
        size, place = found
        record.known("weights.pair_bytes", size, places=[place], note=note)


def _of_files(files: tuple[CheckpointFile, ...]) -> tuple[int, Place] | None:
    """Return the bytes of the latest step that has the most files: half a pair is no save."""
    steps: dict[int, list[CheckpointFile]] = defaultdict(list)
    for file in files:
        if file.step is not None and not file.final:
            steps[file.step].append(file)
    if not steps:
        return None
    _, step = max((len(saved), step) for step, saved in steps.items())
    saved = steps[step]
    return sum(file.size for file in saved), Place(saved[-1].file, step=step)


def _of_settings(config: Config) -> tuple[int, Place] | None:
    kind, dtype, rank = config.setting("lora.kind"), config.setting("save_dtype"), config.rank
    filtered = any(config.setting(name).value for name in _FILTERS)
    plain = not kind.written or (isinstance(kind.value, str) and kind.value in _PLAIN)
    width = _BYTES.get(str(dtype.value)) if dtype.written else _BYTES["float16"]
    if rank is None or not config.is_wan22_14b or not plain or filtered or width is None:
        return None
    if not isinstance(rank.value, int) or rank.value < 1:
        return None
    experts = sum(bool(config.trains(expert).value) for expert in Expert)
    return ELEMENTS_PER_RANK * rank.value * experts * width, rank.place
