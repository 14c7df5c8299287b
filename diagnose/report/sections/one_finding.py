"""One finding in full: what, on which evidence, how sure, what else could explain it, and what to change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from diagnose.report.blocks import Block, heading, items, paragraph, under
from diagnose.report.figures import measured
from diagnose.report.spans import Line, Piece, capital, code, emphasis, join, line, prose, sentence, strong
from diagnose.report.wording import CONFIDENCE, SEVERITY, Titles, basis, change, evidence, place, subject
from diagnose.rulebase.knowledge import EvidenceGrade
from diagnose.rulebase.rule import ChangeOp
from diagnose.verdict.judgement import Citation, Evidence, Finding, RivalState, WeighedRival

MOST_CHANGES = 4
_GRADES = [grade.value for grade in EvidenceGrade]
_UNGRADED = ""


def finding(
    item: Finding, titles: Titles, number: str = "", causes: Sequence[Finding] = (), explained: Sequence[Finding] = ()
) -> list[Block]:
    """Word a finding under its title, after a number if it has one, with its likely causes and what it explains."""
    label = join(" · ", [strong(SEVERITY[item.severity]), code(item.name), subject(item.subject, titles)])
    blocks: list[Block] = [heading(3, number, prose(item.title)), paragraph(label), paragraph(sentence(item.message))]
    blocks += items(evidence(each, titles) for each in _notes_once(item.evidence))
    blocks += _paragraph("Why it matters", prose(item.why))
    blocks += _listed("Likely cause", causes)
    blocks += _listed("Also explains", explained)
    blocks += certainty(item, titles)
    blocks += _paragraph("What to change", changes(item))
    return [block for block in blocks if block != paragraph()]


def _notes_once(facts: Sequence[Evidence]) -> Iterator[Evidence]:
    """Leave out a note that stands in that of a fact before."""
    said = ""
    for fact in facts:
        again = bool(said) and fact.note.endswith(said)
        yield replace(fact, note="") if again else fact
        said = said if again else fact.note


def _listed(lead: str, findings: Sequence[Finding]) -> list[Block]:
    lines = (line(strong(SEVERITY[e.severity]), " · ", prose(e.title), ": ", prose(e.message)) for e in findings)
    return under(paragraph(strong(f"{lead}.")), lines)


def changes(item: Finding) -> Line:
    """Word what answers a finding in one line; nothing where nothing does."""
    advised = [capital(each.because) for each in item.changes if each.op is ChangeOp.ADVISE]
    edits = [change(each) for each in item.changes if each.op is not ChangeOp.ADVISE]
    left = len(edits) - MOST_CHANGES
    more = line(f"and {left} more, see ", emphasis("The next config")) if left > 0 else ()
    return join(" ", [*advised, join("; ", [*edits[:MOST_CHANGES], more])])


def _paragraph(lead: str, words: Line) -> list[Block]:
    return [paragraph(strong(f"{lead}."), " ", words)] if words else []


def certainty(item: Finding, titles: Titles) -> list[Block]:
    """Say how sure it is, in a line and a list: other causes, limits, and every claim and source behind it."""
    lines = [*_rivals(item, titles), *_limits(item), *_claims(item.claims)]
    lines += [_marked("Sources", sentence("; ".join(item.sources)))] if item.sources else []
    return [paragraph(strong("How sure."), " ", _lead(item)), *items(lines)]


def supported(item: Finding) -> list[WeighedRival]:
    """Return the other explanations that this run makes likelier."""
    return [rival for rival in item.rivals if rival.state is RivalState.SUPPORTED]


def _marked(lead: str, *words: Piece) -> Line:
    return line(emphasis(f"{lead}:"), " ", *words)


def _lead(item: Finding) -> Line:
    lowered = line(" (", prose(item.lowered), ")") if item.lowered else ()
    sentences = [line(f"{CONFIDENCE[item.confidence]} confidence", lowered, "."), *basis(item.params)]
    if item.capped:
        sentences.append(line("Severity lowered: ", sentence(item.capped)))
    if item.unrivalled:
        sentences.append(line("Every other known cause is ruled out."))
    return join(" ", sentences)


def _rivals(item: Finding, titles: Titles) -> Iterator[Line]:
    """What is supported and what only the user can tell in full, the rest by title: it waits for files, or is out."""
    for rival in supported(item):
        yield _marked("Fits this run too", join(" ", [prose(rival.says), _facts(rival, titles)]))
    yield from _open([rival for rival in item.rivals if rival.state is RivalState.OPEN], titles)
    out = [rival for rival in item.rivals if rival.state is RivalState.RULED_OUT]
    excluded = [join(" ", [prose(rival.title), _facts(rival, titles)]) for rival in out]
    if excluded:
        yield _marked("Ruled out", join("; ", excluded), ".")


def _open(rivals: Sequence[WeighedRival], titles: Titles) -> Iterator[Line]:
    waiting: dict[str, list[WeighedRival]] = {}
    for rival in rivals:
        questions = [need for need in rival.needs if "?" in need]
        if rival.needs and not questions:
            waiting.setdefault(rival.needs[0], []).append(rival)
            continue
        files = [line("To check, add ", sentence(need)) for need in rival.needs if need not in questions]
        needs = join(" ", [*files, *map(prose, questions)])
        yield _marked("Not ruled out", join(" ", [prose(rival.says), needs or _facts(rival, titles)]))
    for need, group in waiting.items():
        lead = emphasis("Not ruled out; to check, add ", prose(need), ":")
        also = [f" (also {', '.join(rival.needs[1:])})" if rival.needs[1:] else "" for rival in group]
        named = (prose(f"{rival.title}{more}") for rival, more in zip(group, also, strict=True))
        yield line(lead, " ", join("; ", named), ".")


def _facts(rival: WeighedRival, titles: Titles) -> Line:
    """The facts that decide, or that could not."""
    facts = join(", ", (_fact(each, titles) for each in rival.evidence))
    return line("(", facts, ")") if facts else ()


def _fact(item: Evidence, titles: Titles) -> Line:
    who = subject(item.subject, titles)
    value = code(measured(item.value, item.notation, item.unit))
    where = line(" in ", place(item.source)) if item.source else ()
    return line(code(item.fact), line(" of ", who) if who else "", " = ", value, where)


def _limits(item: Finding) -> Iterator[Line]:
    """What to try first, when the rule is wrong, and which findings it is made from."""
    if item.cheapest_test is not None:
        cost = line(emphasis("Quickest check"), " (", prose(item.cheapest_test.cost), "): ")
        yield line(cost, sentence(item.cheapest_test.does))
    if item.known_problems:
        yield _marked("Known limits", join(" ", map(sentence, item.known_problems)))
    titles = [prose(link.title) for link in item.chain if link.name not in item.explains]
    if titles:
        yield _marked("Builds on", join("; ", titles), ".")


def _claims(claims: Sequence[Citation]) -> Iterator[Line]:
    groups = {
        grade: [each.id for each in claims if (each.grade or _UNGRADED) == grade] for grade in [*_GRADES, _UNGRADED]
    }
    shown = [
        line(join(", ", map(prose, ids)), line(" (", prose(grade), ")") if grade else "")
        for grade, ids in groups.items()
        if ids
    ]
    if shown:
        yield _marked("Claims", join("; ", shown), ".")
