"""What the run needs: disk, GPU, main memory, time and passes over the data, in a line and as a list with the parts."""

from __future__ import annotations

from diagnose.core.sizes import size
from diagnose.report.blocks import Block, heading, items
from diagnose.report.figures import Kind, figure
from diagnose.report.spans import capital
from diagnose.verdict.needs import Needs
from diagnose.verdict.report import Report


def needs(report: Report) -> list[Block]:
    """The figures of a run to come, each with its parts; nothing after a run, and where nothing is known."""
    if not report.checklist or not needs_in_words(report.needs):
        return []
    lines = [needs_in_words(report.needs), *report.needs.because]
    return [heading(2, "What the run needs"), *items([capital(f"{each}.") for each in lines], numbered=False)]


def needs_in_words(found: Needs) -> str:
    """Say in a line what a run takes; "" where no figure is known."""
    counted = {name: each for name, each in found.passes_per_expert.items() if each is not None}
    passes = [f"{figure(each, Kind.OTHER)} {name}" for name, each in counted.items()]
    band = f"{found.vram_gb[0]:.0f} to {found.vram_gb[1]:.0f} GB of GPU" if found.vram_gb is not None else ""
    parts = [
        f"{size(found.disk_bytes)} of disk" if found.disk_bytes is not None else "",
        f"{band} ({found.fits})" if band and found.fits else band,
        f"{found.hours[0]:.1f} to {found.hours[1]:.1f} hours" if found.hours is not None else "",
        f"passes over the data: {', '.join(passes)}" if passes else "",
    ]
    return ", ".join(filter(None, parts))
