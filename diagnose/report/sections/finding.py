"""One finding in full: what, on which evidence, how sure, and what to change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from diagnose.report.escape import code, prose
from diagnose.report.sections.certainty import certainty
from diagnose.report.wording import SEVERITY, advice, bullets, change, evidence, sentence, subject
from diagnose.rulebase.rule import ChangeOp
from diagnose.verdict.judgement import Evidence, Finding

MOST_CHANGES = 4


def finding(
    item: Finding, heading: str, causes: Sequence[Finding] = (), explained: Sequence[Finding] = ()
) -> list[str]:
    """Word a finding under `heading` (the markdown up to the title), with its likely causes and what it explains."""
    blocks = [f"{heading} {prose(item.title)}", _label(item), sentence(item.message)]
    blocks += [bullets(map(evidence, _notes_once(item.evidence)))] if item.evidence else []
    blocks += _paragraph("Why it matters", prose(item.why))
    blocks += _listed("Likely cause", causes)
    blocks += _listed("What it explains", explained)
    blocks += certainty(item)
    blocks += _paragraph("What to change", changes(item))
    return [block for block in blocks if block]


def _notes_once(facts: Sequence[Evidence]) -> Iterator[Evidence]:
    """Leave out a note that stands in that of a fact before."""
    said = ""
    for fact in facts:
        again = bool(said) and fact.note.endswith(said)
        yield replace(fact, note="") if again else fact
        said = said if again else fact.note


def _label(item: Finding) -> str:
    parts = [f"**{SEVERITY[item.severity]}**", code(item.name), subject(item.subject)]
    return " · ".join(filter(None, parts))


def _listed(lead: str, findings: Sequence[Finding]) -> list[str]:
    lines = [f"**{SEVERITY[each.severity]}** · {prose(each.title)}: {prose(each.message)}" for each in findings]
    return [f"**{lead}.**", bullets(lines)] if lines else []


def changes(item: Finding) -> str:
    """Word what answers a finding in one line; "" where nothing does."""
    advised = [advice(each) for each in item.changes if each.op is ChangeOp.ADVISE]
    edits = [change(each) for each in item.changes if each.op is not ChangeOp.ADVISE]
    left = len(edits) - MOST_CHANGES
    more = [f"and {left} more under *The next config*"] if left > 0 else []
    return " ".join([*advised, "; ".join([*edits[:MOST_CHANGES], *more])]).rstrip()


def _paragraph(lead: str, text: str) -> list[str]:
    return [f"**{lead}.** {text}"] if text else []
