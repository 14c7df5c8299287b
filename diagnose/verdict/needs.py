"""What a run needs, read off its facts: room on the disk, passes over the data, the GPU's memory, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from diagnose.facts.known import Known

UNKNOWN_MODEL = "GPU: no figure; the sizes of this model, or what its trainer keeps in memory, are not described"


class Needs(Struct, frozen=True):
    """What one run takes; None where no figure is known.

    Attributes:
        disk_bytes: the most that lies on the disk, with one save more while it is written.
        passes_per_expert: how often each expert sees the whole data set, by its name.
        vram_gb: the GPU's memory from least to most, in the GB that cards are sold by.
        fits: whether that fits into the GPU that the user names: "fits", "does not fit" or "cannot tell".
        because: the parts of each figure, or why there is none.
    """

    disk_bytes: int | None
    passes_per_expert: Mapping[str, float | None]
    vram_gb: tuple[float, float] | None
    fits: str | None
    because: tuple[str, ...]


def needs_of(known: Known, experts: Sequence[str]) -> Needs:
    """Return what a run with this config needs."""
    least, most = known.number("needs.gpu_least"), known.number("needs.gpu_most")
    return Needs(
        known.count("needs.disk"),
        {expert: known.number("needs.passes", expert) for expert in experts},
        (round(least, 1), round(most, 1)) if least is not None and most is not None else None,
        known.text("machine.fits"),
        tuple(_because(known)),
    )


def _because(known: Known) -> Iterator[str]:
    for name, what in (("needs.disk", "Disk"), ("needs.gpu_most", "GPU")):
        fact = known.value(name)
        if fact is not None:
            yield f"{what}: {fact.note}"
    why, main = known.text("needs.gpu_unknown"), known.value("needs.main")
    if why is None:
        yield UNKNOWN_MODEL
    elif known.value("needs.gpu_most") is None:
        yield f"GPU: no figure; {why}"
    if main is not None:
        yield f"main memory: about {known.number('needs.main'):.0f} GB; {main.note}"
    download = known.value("needs.download_gb")
    if download is not None:
        yield f"download: {known.number('needs.download_gb'):.0f} GB for the base model, unless it is here already"
