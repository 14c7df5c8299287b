"""Where it learned: the shares of the update by kind of module and range of blocks, and what stands out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.weights.location import Location, Part
from diagnose.report.escape import code, prose
from diagnose.report.figures import Kind, counted, figure
from diagnose.report.tables import drop_empty_columns, table
from diagnose.report.wording import EXPERT, bullets
from diagnose.verdict.report import Report

MOST_NAMED = 3
MOST_KINDS = 2
_HEADER = ("Part of the network", "Share of the numbers", "High update", "High, latest", "Low update", "Low, latest")
_LATEST = {"High, latest", "Low, latest"}


def location(report: Report) -> list[str]:
    """A row per kind and range, if there are several; then dead modules and rank-1 spikes by name."""
    found = report.evolution.locations if report.evolution is not None else ()
    rows = [row for parts in (_kinds, _ranges) for row in _rows(found, parts)]
    if not rows:
        return []
    odd = [line for each in found for line in _odd(each)]
    header, cells = drop_empty_columns(_HEADER, rows, "")
    blocks = ["## Where it learned", " ".join(map(_most, found)), table(header, cells, numbers_from=1)]
    latest = ", and of its change over the last span above" if _LATEST & set(header) else ""
    blocks.append(f"Shares are of the squared norm of the update B·A{latest}.")
    return [*blocks, bullets(odd)] if odd else blocks


def _most(location: Location) -> str:
    """Name the two kinds of module in which an expert learned most."""
    known = [(part.update, part.name) for part in location.kinds if part.update is not None]
    first = sorted(known, reverse=True)[:MOST_KINDS]
    who = EXPERT[location.expert]
    if not first:
        return f"Where the {who} learned is unknown."
    named = " and ".join(f"{code(name)} ({figure(share, Kind.SHARE)})" for share, name in first)
    return f"The {who} learned most in {named}."


def _kinds(location: Location) -> Sequence[Part]:
    return location.kinds


def _ranges(location: Location) -> Sequence[Part]:
    return location.ranges


def _rows(found: Sequence[Location], parts: Callable[[Location], Sequence[Part]]) -> list[list[str]]:
    """Return a row per part that any expert has; none where the network has a single part."""
    own = {each.expert: {part.name: part for part in parts(each)} for each in found}
    names = list(dict.fromkeys(name for named in own.values() for name in named))
    if len(names) < len(Expert):
        return []
    rows = []
    for name in names:
        pair = [own.get(expert, {}).get(name) for expert in Expert]
        size = next(part.size for part in pair if part is not None)
        shares = [share for part in pair for share in ((part.update, part.change) if part else (None, None))]
        rows.append([prose(name), figure(size, Kind.SHARE), *(figure(share, Kind.SHARE, "") for share in shares)])
    return rows


def _odd(location: Location) -> list[str]:
    """Name the modules that learned nothing, and those that learned one direction only."""
    who = EXPERT[location.expert]
    lines = []
    if location.dead:
        lines.append(f"{_modules(location.dead)} of the {who} learned nothing: {_named(location.dead)}.")
    if location.spikes:
        told = "nine tenths of the update in one direction"
        lines.append(f"{_modules(location.spikes)} of the {who} with {told}: {_named(location.spikes)}.")
    return lines


def _modules(names: Sequence[str]) -> str:
    return counted(len(names), "module", "modules")


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(map(code, names[:MOST_NAMED])) + more
