"""The measured checkpoints, step by step: both experts of one step belong together. And saved steps in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.weights.measurement import ExpertMeasurement, FileMeasurement

SHOWN = 4
"""Parts that are named one by one."""
_ORDINALS = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}
_FEW = 2
YOUTH = 1 / 3
"""Share of the run before which a checkpoint has hardly learned anything, whatever its ratio."""


class Pair(Struct, frozen=True):
    """One saved step: what was measured of each expert, and where.

    `homes` is the file that holds each expert's tensors, whatever its name says.
    """

    step: int
    final: bool
    experts: dict[Expert, ExpertMeasurement]
    files: tuple[str, ...]
    homes: Mapping[Expert, str] = {}

    def place(self, expert: Expert | None = None) -> Place:
        """Return the file of an expert, or the first file."""
        home = self.homes.get(expert) if expert is not None else None
        return Place(home or self.files[0], step=self.step)

    @property
    def ratio(self) -> float | None:
        """Weight ratio high/low, None unless both were measured."""
        high, low = (self.magnitude(expert) for expert in Expert)
        return high / low if high is not None and low else None

    def magnitude(self, expert: Expert) -> float | None:
        """Return the expert's weight magnitude, None where it was not measured."""
        return self.experts[expert].magnitude if expert in self.experts else None


def pair_up(files: Sequence[FileMeasurement], finals: frozenset[str], last_step: int | None) -> tuple[Pair, ...]:
    """Group measurements by step, in order. A final file without a step in its metadata takes `last_step`."""
    grouped: dict[tuple[int, bool], list[FileMeasurement]] = {}
    for file in files:
        final = file.file in finals
        step = file.step if file.step is not None else last_step
        if step is not None:
            grouped.setdefault((step, final), []).append(file)
    pairs = []
    for (step, final), found in sorted(grouped.items(), key=lambda each: each[0]):
        held = [(Expert(m.expert), m, file.file) for file in found for m in file.experts if m.expert is not None]
        experts = {expert: measured for expert, measured, _ in held}
        homes = {expert: name for expert, _, name in held}
        pairs.append(Pair(step, final, experts, tuple(file.file for file in found), homes))
    return tuple(pair for pair in pairs if pair.experts)


def one_per_step(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return the pairs whose two magnitudes are known, one per step: of a save and the final file, the latter."""
    return tuple({pair.step: pair for pair in pairs if pair.ratio}.values())


def past_youth(pair: Pair, last: Pair) -> bool:
    """Return whether a save lies past the first third of the run."""
    return pair.step > YOUTH * last.step or pair is last


def every(indices: Sequence[int]) -> str | None:
    """Return "every second save" and the like for indices at one distance, None where they have none."""
    strides = {after - before for before, after in pairwise(indices)}
    word = _ORDINALS.get(next(iter(strides))) if len(strides) == 1 and len(indices) > _FEW else None
    return f"every {word} save" if word else None


def in_words(steps: Sequence[int], saved: Sequence[int]) -> str:
    """Name the steps, of all that were saved, both ascending: at least one.

    "step 1900 to 2400", "step 20 to 80 and 200", "every second save from step 1400 to 2400".
    """
    index = {step: place for place, step in enumerate(sorted({*steps, *saved}))}
    stride = every([index[step] for step in steps])
    if stride is not None and len(steps) > SHOWN:
        return f"{stride} from step {steps[0]} to {steps[-1]}"
    runs: list[list[int]] = []
    for step in steps:
        if runs and index[step] == index[runs[-1][-1]] + 1:
            runs[-1].append(step)
        else:
            runs.append([step])
    parts = [part for run in runs for part in _parts(run)]
    if len(parts) > SHOWN:
        return f"step {', '.join(parts[:SHOWN])} and {len(parts) - SHOWN} more parts"
    return "step " + " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def _parts(run: Sequence[int]) -> list[str]:
    """Return the words for steps that were saved one after the other."""
    return [f"{run[0]} to {run[-1]}"] if len(run) > _FEW else [str(step) for step in run]
