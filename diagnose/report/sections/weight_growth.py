"""How the weights grew: which expert gains, since when, how sure that is, in which direction, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from operator import attrgetter

from diagnose.facts.trend import Trend
from diagnose.facts.weights.courses import Course
from diagnose.facts.weights.location import Direction, Location, Part
from diagnose.facts.weights.trajectory import Span, Trajectory
from diagnose.report.blocks import Block, drop_empty_columns, heading, items, paragraph, table
from diagnose.report.figures import Kind, between, counted, figure
from diagnose.report.spans import Line, Piece, code, join, line, prose, sentence, strong
from diagnose.report.wording import Titles, columns
from diagnose.verdict.one_answer import COURSE
from diagnose.verdict.report import Report

MOST_NAMED = 3
MOST_KINDS = 2
_UNDECIDED = "undecided"
_BANDS = (
    "± and brackets: 90 % interval, from how much the checkpoints vary. Learned part: the magnitude above that of an "
    "untrained LoRA. Update norm: the size of the change B·A that the LoRA makes."
)
_DIRECTIONS = (
    "Direction: the cosine between an expert's change and its change in the row above: 1 is a straight course, 0 "
    "wandering, -0.5 noise around one point. Averaged (EMA) weights look steadier than they are. This does not show "
    "what the LoRA learned."
)
_LATEST = "latest"


def growth(report: Report) -> list[Block]:
    """The answer in a line, the late trends, and the run in a few spans; nothing below two saved steps."""
    evolution, course = report.evolution, report.trajectory
    if evolution is None or course is None:
        return []
    blocks: list[Block] = [heading(2, "How the weights grew"), paragraph(_answer(course, report))]
    blocks += [paragraph(sentence(course.compared))] if course.compared else []
    trends = ("Growth per 100 steps", *columns(report.titles), "High against low", "Who gains")
    blocks += [table(trends, map(_late, course.courses))] if course.courses else []
    cosines = _cosines(evolution.directions)
    experts = [name.capitalize() for name in report.titles]
    ratios = ("Weight ratio after", "of learned parts", "of update norms")
    spans = ("Steps", *(f"{each} growth" for each in experts), *ratios, *(f"{each} direction" for each in experts))
    cells = [_span(each, cosines, report.titles) for each in course.spans]
    header, rows = drop_empty_columns(spans, cells, "")
    notes = " ".join([*([_BANDS] if course.courses else []), *([_DIRECTIONS] if cosines else [])])
    return [*blocks, table(header, rows, numbers_from=1), *([paragraph(notes)] if notes else [])]


def location(report: Report) -> list[Block]:
    """Where in the network it learned, as far as the report knows."""
    return where_it_learned(report.evolution.locations if report.evolution is not None else (), report.titles)


def where_it_learned(found: Sequence[Location], titles: Titles) -> list[Block]:
    """A row per kind of module and range of blocks, if there are several; then what stands out, by name."""
    rows = [row for parts in (attrgetter("kinds"), attrgetter("ranges")) for row in _rows(found, parts, titles)]
    if not rows:
        return []
    own = [f"{name.capitalize()}{what}" for name in titles for what in (" update", f", {_LATEST}")]
    header, cells = drop_empty_columns(("Part of the network", "Share of the weights", *own), rows, "")
    change = ", and of its change over the last span above" if any(_LATEST in name for name in header) else ""
    return [
        heading(2, "Where it learned"),
        paragraph(join(" ", (_most(each, titles) for each in found))),
        table(header, cells, numbers_from=1),
        paragraph(f"Shares of the squared norm of the update B·A{change}."),
        *items(each for one in found for each in _odd(one, titles)),
    ]


def which_way(found: Sequence[Direction], titles: Titles) -> list[Block]:
    """A row per change whose direction can be told from the one before it."""
    rows = [
        [titles.get(expert, expert), f"{first} to {last}", figure(cosine, Kind.RATIO, "lost in rounding")]
        for (expert, first, last), cosine in _cosines(found).items()
    ]
    header = ("Expert", "Steps", "Direction")
    title = heading(2, "Which way the weights went")
    return [title, table(header, rows, numbers_from=1), paragraph(_DIRECTIONS)] if rows else []


def _answer(course: Trajectory, report: Report) -> Line:
    if course.alone is not None:
        return line(f"Only the {report.titles.get(course.alone, course.alone)} was saved.")
    late = course.magnitude
    window = f"between steps {course.late_from} and {course.late_to}"
    if late is None:
        return line(f"Too few checkpoints {window} to say which expert gains.")
    if late.turn is not None:
        turn = late.turn
        fast = f", at the end {figure(course.growth_ratio, Kind.RATIO)}x as fast" if course.growth_ratio else ""
        gains = strong(f"From about step {turn.step} on the low-noise weights catch up")
        return line(gains, f"{fast}. The turn is between steps {turn.earliest} and {turn.latest}.")
    if late.gap.certain and any(each.by == COURSE for each in report.unsaid):
        return line(f"Later, {window}, the high-noise weights gain again, but not enough.")
    if late.gap.certain:
        return line(strong("The high-noise weights grow faster than the low-noise ones"), f" {window}.")
    return line(
        strong("Inconclusive:"),
        f" the checkpoints scatter too much {window} to say which expert gains. ",
        f"At least {course.to_settle} more at this spacing would show it.",
    )


def _late(course: Course) -> list[str]:
    kind = Kind.PERCENT if course.relative else Kind.CHANGE
    return [course.measure.value, *(_trend(each, kind) for each in (course.high, course.low, course.gap)), _who(course)]


def _trend(trend: Trend, kind: Kind) -> str:
    return f"{figure(trend.slope, kind)} ({between((trend.low, trend.high), kind)})"


def _who(course: Course) -> str:
    if course.turn is not None:
        return f"low, from step {course.turn.step} ({course.turn.earliest} to {course.turn.latest})"
    return "high" if course.gap.certain else _UNDECIDED


def _cosines(directions: Sequence[Direction]) -> Mapping[tuple[str, int, int], float | None]:
    """Return the cosine of each change with the one before it, by expert and the steps it lies between."""
    return {
        (direction.expert, first, last): cosine
        for direction in directions
        for (first, last), cosine in zip(pairwise(direction.steps[1:]), direction.cosines, strict=True)
    }


def _span(span: Span, cosines: Mapping[tuple[str, int, int], float | None], titles: Titles) -> list[str]:
    grown = [_growth(*each) for each in zip(span.growth, span.errors, strict=True)]
    ratios = [figure(ratio, Kind.RATIO, "") for ratio in span.ratios]
    along = [figure(cosines.get((expert, span.first, span.last)), Kind.RATIO, "") for expert in titles]
    return [f"{span.first} to {span.last}", *grown, *ratios, *along]


def _growth(growth: float | None, error: float | None) -> str:
    text = figure(growth, Kind.GROWTH, "")
    return text if error is None else f"{text.removesuffix(' %')} ± {figure(error, Kind.GROWTH).lstrip('+')}"


def _most(location: Location, titles: Titles) -> Line:
    """Name the two kinds of module in which an expert learned most."""
    known = [(part.update, part.name) for part in location.kinds if part.update is not None]
    first = sorted(known, reverse=True)[:MOST_KINDS]
    who = titles.get(location.expert, location.expert)
    if not first:
        return line(f"Where the {who} learned is unknown.")
    named = join(" and ", (line(code(name), f" ({figure(share, Kind.SHARE)})") for share, name in first))
    return line(f"The {who} learned most in ", named, ".")


def _rows(found: Sequence[Location], parts: Callable[[Location], Sequence[Part]], titles: Titles) -> list[list[Piece]]:
    """Return a row per part that any expert has; none where the network has a single part."""
    own: dict[str, dict[str, Part]] = {each.expert: {part.name: part for part in parts(each)} for each in found}
    names = list(dict.fromkeys(name for named in own.values() for name in named))
    if len(names) == 1:
        return []
    rows: list[list[Piece]] = []
    for name in names:
        pair = [own.get(expert, {}).get(name) for expert in titles]
        size = next(part.size for part in pair if part is not None)
        shares = [share for part in pair for share in ((part.update, part.change) if part else (None, None))]
        rows.append([prose(name), figure(size, Kind.SHARE), *(figure(share, Kind.SHARE, "") for share in shares)])
    return rows


def _odd(location: Location, titles: Titles) -> list[Line]:
    """Name the modules that learned nothing, and those that learned one direction only."""
    who = titles.get(location.expert, location.expert)
    found = (
        (location.dead, "learned nothing"),
        (location.spikes, "have 90 % of the update in one direction"),
    )
    lines = []
    for names, what in found:
        count = counted(len(names), "module", "modules")
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        named = join(", ", map(code, names[:MOST_NAMED]))
        lines += [line(f"{count} of the {who} {what}: ", named, f"{more}.")] if names else []
    return lines
