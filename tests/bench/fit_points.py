"""Write `reports/fit.md`: the memory estimate against public runs, and the disk figures against real folders.

Stand-alone: `PYTHONPATH=tests/support python tests/bench/fit_points.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from builders import KNOWLEDGE, TRAINERS
from labelled_runs import SHARED
from msgspec import Struct
from msgspec.structs import replace
from small_network import network_of
from trainer_names import RELAXIS

from diagnose.core.values import GB, GIB
from diagnose.facts.needs.memory import ERROR, FITS, OPEN, SHORT, verdict, with_error
from diagnose.rulebase.domain import Network
from diagnose.sources.run_reading import read_run
from diagnose.trainers.declared import Config
from diagnose.trainers.footprint import HALF, Footprint, OptimizerState
from diagnose.trainers.rooms import run_readers

REPORT = Path(__file__).parents[2] / "reports" / "fit.md"
POINTS = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
RIGHT = {True: {FITS, OPEN}, False: {SHORT, OPEN}}
"""The verdicts that do not err, by whether it ran."""


class Judged(Struct, frozen=True):
    """A point with the least and the most that is predicted, in GB, and what the rule says of its card."""

    point: dict[str, Any]
    least: float
    most: float
    says: str

    @property
    def errors(self) -> tuple[float, float] | None:
        """How far the two predictions lie from what was said, as a part of that."""
        said = self.point.get("said")
        return ((self.least - said[1]) / said[1], (self.most - said[0]) / said[0]) if said else None

    @property
    def wrong(self) -> bool:
        """Whether the verdict is the opposite of what happened."""
        return bool(self.says) and self.says not in RIGHT[self.point["ran"]]


def network() -> Network:
    """Return the size of one expert of WAN 2.2 14B."""
    found = KNOWLEDGE.domain.network
    assert found is not None
    return found


def footprint() -> Footprint:
    """Return the constants of ai-toolkit."""
    found = TRAINERS[RELAXIS].footprint
    assert found is not None
    return found


def judged() -> list[Judged]:
    """Return every point with what is predicted for it."""
    return [_judged(point) for point in POINTS["points"]]


def _judged(point: dict[str, Any]) -> Judged:
    ends = [_predicted(point, end) for end in (0, -1)]
    least, most = min(ends), max(ends)
    says = ""
    if "card" in point:
        both = {verdict(with_error(each * GB, each * GB), point["card"], encodes=False) for each in ends}
        says = both.pop() if len(both) == 1 else OPEN
    return Judged(point, least, most, says)


def _predicted(point: dict[str, Any], end: int) -> float:
    """Return what one end of a point's ranges comes to: the first is the one that takes less."""

    def given(name: str, otherwise: float) -> float:
        found = point.get(name, otherwise)
        return float(found[end] if isinstance(found, list) else found)

    size = network()
    constants = replace(footprint(), **POINTS["trainers"][point["trainer"]])
    activations = constants.activations(size, given("tokens", 0))
    if point.get("activations_only"):
        return float(activations / GB)
    packed, rank = given("packed", HALF), int(given("rank", 0))
    swapped = point.get("swapped", [0, 0])[-1 - end]  # the more is swapped, the less is on the card
    rest = (size.parameters - size.in_matrices) * HALF
    weights = given("networks", 1) * (size.in_matrices * packed * (1 - swapped / size.blocks) + rest)
    state = constants.state_bytes(OptimizerState(given("state", 0)), size, rank)
    lora = given("experts", 1) * (size.lora_numbers * rank * constants.lora + state)
    own = constants.context + (constants.unpacked if packed < HALF else 0)
    adapter = constants.adapter if point.get("adapter") else 0
    return float((weights + lora + activations + own + adapter) / GB + given("more", 0))


def disk_rows() -> Iterator[tuple[str, int, int, int]]:
    """Yield each real folder with its saves, their bytes, and the largest difference of a prediction."""
    for folder in (each for home in ("real", "real2") for each in sorted((SHARED / home).glob("*")) if each.is_dir()):
        read = read_run(folder, run_readers())
        if read.config is None or not read.checkpoints:
            continue
        dtype = str(Config(read.config, TRAINERS[RELAXIS]).setting("save_dtype").value)
        apart = 0
        for file in read.checkpoints:
            networks = 2 if any("transformer_2" in tensor.name for tensor in file.tensors) else 1
            size = network_of(file, network())
            rank = min(file.tensors[0].shape)
            predicted = footprint().file_bytes(size, rank, dtype, read.config.job or "", networks)
            apart = max(apart, abs(predicted - file.size))
        yield folder.name, len(read.checkpoints), sum(file.size for file in read.checkpoints), apart


def _percent(errors: tuple[float, float] | None) -> str:
    if errors is None:
        return ""
    first, last = (f"{100 * each:+.0f} %" for each in errors)
    return first if first == last else f"{first} to {last}"


def _band(least: float, most: float) -> str:
    return f"{least:.1f}" if f"{least:.1f}" == f"{most:.1f}" else f"{least:.1f} to {most:.1f}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(each)} |" for each in (header, ["---"] * len(header), *rows)]


def _points(found: Sequence[Judged]) -> list[str]:
    rows = []
    for each in found:
        point = each.point
        said = _band(*point["said"]) if "said" in point else ""
        ran = {True: "ran", False: "out of memory", None: ""}[point.get("ran")]
        card = f"{point['card']} GB: {ran}, {each.says}{' (wrong)' if each.wrong else ''}" if "card" in point else ""
        what = f"{point['run']}; {point['source']} ({point['kind']})"
        rows.append(
            [str(point["id"]), what, point.get("assumed", ""), _band(each.least, each.most), said,
             _percent(each.errors), card, point["use"]]
        )  # fmt: skip
    return _table(["#", "Run", "Assumed", "Predicted GB", "Said GB", "Error", "Card", "Use"], rows)


def _summary(found: Sequence[Judged]) -> str:
    measured = [each for each in found if each.errors is not None and each.point["use"] == "test"]
    near = [each for each in measured if each.errors and min(map(abs, each.errors)) <= ERROR]
    cards = [each for each in found if each.says]
    wrong = [each for each in cards if each.wrong]
    open_ = [each for each in cards if each.says == OPEN]
    misses = ", ".join(f"{each.point['id']} ({each.says})" for each in wrong)
    far = ", ".join(f"{each.point['id']} ({_percent(each.errors)})" for each in measured if each not in near)
    return (
        f"{len(found)} points. Of {len(measured)} with a figure that no constant was fitted on, {len(near)} come within "
        f"{100 * ERROR:.0f} % at some end of what is assumed; the misses: {far or 'none'}. Of {len(cards)} whose card is "
        f"known, {len(cards) - len(wrong) - len(open_)} are judged right, {len(open_)} are left open, {len(wrong)} wrong: "
        f"{misses or 'none'}. No run that was said not to fit ran."
    )


def text() -> str:
    """Return the report."""
    found = judged()
    lines = [
        "# Will it fit: the estimate against public runs",
        "",
        (
            "Made by `PYTHONPATH=tests/support python tests/bench/fit_points.py` from `tests/bench/fit_points.yaml`; the "
            "constants are in `knowledge/domains/wan22.yaml` (sizes) and `knowledge/trainers/` (`footprint`)."
        ),
        "",
        "## The GPU's memory",
        "",
        (
            "weights + LoRA and optimizer + activations + the GPU's own. Sizes of weights, LoRA and optimizer follow from the "
            "model's code. Activations with gradient checkpointing are bytes for each token of a batch: (frames - 1) / 4 + 1, "
            "times height / 16, times width / 16."
        ),
        "",
        *_points(found),
        "",
        _summary(found),
        "",
        "What was fitted on what:",
        "",
        (
            "- Activations of ai-toolkit, musubi-tuner and a LoRA in bf16: simulated, the model's own code on a CPU at small "
            "width, scaled up; no point was looked at."
        ),
        "- Activations of diffusion-pipe: the difference of points 1 and 2. Their level hangs on a swap that nobody told.",
        "- The band of a tenth either way was chosen after the errors above were seen, so the verdicts are no blind test.",
        "- 0.8 GB of context, 0.7 GB for an unpacked block and 0.6 GB for an adapter are assumed.",
        ("- Points 15 and 40 are out of memory where the estimate leaves room; their flags are not known."),
        (
            f"- A user gets no figure above {footprint().most_tokens:,} tokens in a batch, so none for 15, and none for 16, "
            "the only one that is said not to fit."
        ),
        "",
        "Most errors are negative: a driver shows what was reserved, the estimate what is in use.",
        "",
        f"A card counts as {GIB:,} bytes for each GB that it is sold with; 0.7 GB of it are left for the system.",
        "",
    ]
    disk = [[name, str(count), f"{size:,}", str(apart)] for name, count, size, apart in disk_rows()]
    if disk:
        lines += [
            "## The disk",
            "",
            (
                "Every save of the real folders against the size that follows from rank, number format and shapes, header "
                "and all. What is left is the run's name, the step and the version in the metadata."
            ),
            "",
            *_table(["Folder", "Files", "Bytes", "Largest difference, bytes"], disk),
            "",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    REPORT.write_text(text(), encoding="utf-8")
