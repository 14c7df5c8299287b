"""While the next run trains: when to look, what to expect, when to stop."""

from __future__ import annotations

from diagnose.report.escape import prose
from diagnose.report.wording import bullets
from diagnose.verdict.report import Report

_HEADINGS = {
    "keep": "What to keep",
    "look": "When to look",
    "expect": "What to expect",
    "stop": "When to stop",
    "good": "Good signs",
    "why": "Why two rates",
}


def watching(report: Report) -> list[str]:
    """The plan around the config, part by part; nothing where the intent asks for none."""
    if not report.plan:
        return []
    blocks = ["## While the next run trains"]
    for part, heading in _HEADINGS.items():
        items = [item for item in report.plan if item.part == part]
        if items:
            blocks += [
                f"**{heading}.**",
                bullets(f"{prose(item.says)} ({', '.join(item.claims)})" for item in items),
            ]
    return blocks
