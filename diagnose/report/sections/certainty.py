"""How sure a finding is: in a line, then what else could explain it, when it is wrong, and whose word it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagnose.report.escape import code, prose
from diagnose.report.figures import measured
from diagnose.report.wording import CONFIDENCE, basis, bullets, place, sentence, subject
from diagnose.rulebase.knowledge import EvidenceGrade
from diagnose.verdict.judgement import Citation, Evidence, Finding, RivalState, WeighedRival

_GRADES = [grade.value for grade in EvidenceGrade]
_UNGRADED = ""


def certainty(item: Finding) -> list[str]:
    """Return a lead and a list; every claim the finding cites stands in it, under its grade, and its other sources."""
    lines = [*_rivals(item), *_test(item), *_problems(item), *_builds_on(item), *_claims(item.claims)]
    lines += [f"*Sources:* {sentence('; '.join(item.sources))}"] if item.sources else []
    return [f"**How sure.** {_lead(item)}", *([bullets(lines)] if lines else [])]


def supported(item: Finding) -> list[WeighedRival]:
    """Return the other explanations that this run makes likelier."""
    return [rival for rival in item.rivals if rival.state is RivalState.SUPPORTED]


def _lead(item: Finding) -> str:
    lowered = f"; {prose(item.lowered)}" if item.lowered else ""
    sentences = [f"{CONFIDENCE[item.confidence]} confidence{lowered}.", *basis(item.params)]
    if item.capped:
        sentences.append(f"Ranked lower than the rule asks: {sentence(item.capped)}")
    if item.unrivalled:
        sentences.append("Every other explanation we know of is ruled out.")
    return " ".join(sentences)


def _rivals(item: Finding) -> Iterator[str]:
    """What is supported and what only the user can tell in full, the rest by title: it waits for files, or is out."""
    for rival in supported(item):
        yield f"*Supported by this run:* {prose(rival.says)} {_facts(rival)}".rstrip()
    yield from _open([rival for rival in item.rivals if rival.state is RivalState.OPEN])
    excluded = [f"{prose(r.title)} {_facts(r)}".rstrip() for r in item.rivals if r.state is RivalState.RULED_OUT]
    if excluded:
        yield f"*Ruled out by this run:* {'; '.join(excluded)}."


def _open(rivals: Sequence[WeighedRival]) -> Iterator[str]:
    waiting: dict[str, list[WeighedRival]] = {}
    for rival in rivals:
        if rival.needs and not any(map(_question, rival.needs)):
            waiting.setdefault(rival.needs[0], []).append(rival)
            continue
        needs = " ".join(map(_need, rival.needs))
        yield f"*Not ruled out:* {prose(rival.says)} {needs or _facts(rival)}".rstrip()
    for need, group in waiting.items():
        yield f"*Not ruled out; provide {prose(need)}:* {'; '.join(map(_waiting, group))}."


def _waiting(rival: WeighedRival) -> str:
    more = ", ".join(map(prose, rival.needs[1:]))
    return f"{prose(rival.title)} (also {more})" if more else prose(rival.title)


def _facts(rival: WeighedRival) -> str:
    """The facts that decide, or that could not."""
    return f"({', '.join(map(_fact, rival.evidence))})" if rival.evidence else ""


def _fact(item: Evidence) -> str:
    who = f" of {subject(item.subject)}" if subject(item.subject) else ""
    where = f" in {place(item.source)}" if item.source else ""
    return f"{code(item.fact)}{who} = {code(measured(item.value, item.fact, item.unit))}{where}"


def _need(need: str) -> str:
    """A question as it is; what to provide as a request."""
    return prose(need) if _question(need) else f"Provide {sentence(need)}"


def _question(need: str) -> bool:
    return "?" in need


def _test(item: Finding) -> Iterator[str]:
    if item.cheapest_test is not None:
        yield f"*Cheapest test* ({prose(item.cheapest_test.cost)}): {sentence(item.cheapest_test.does)}"


def _problems(item: Finding) -> Iterator[str]:
    if item.known_problems:
        yield f"*Known limits:* {' '.join(map(sentence, item.known_problems))}"


def _builds_on(item: Finding) -> Iterator[str]:
    titles = [prose(link.title) for link in item.chain if link.name not in item.explains]
    if titles:
        yield f"*Builds on:* {'; '.join(titles)}."


def _claims(claims: Sequence[Citation]) -> Iterator[str]:
    grades = [*_GRADES, _UNGRADED]
    groups = {grade: [each.id for each in claims if (each.grade or _UNGRADED) == grade] for grade in grades}
    shown = [
        f"{', '.join(map(prose, ids))}{f' ({prose(grade)})' if grade else ''}" for grade, ids in groups.items() if ids
    ]
    if shown:
        yield f"*Claims:* {'; '.join(shown)}."
