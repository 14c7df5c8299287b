"""The end of the page: the thresholds, how the report was made, what passed, the claims cited, and the proof."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.report.blocks import Block, heading, items, paragraph, table, under
from diagnose.report.figures import measured
from diagnose.report.spans import Line, Piece, code, emphasis, join, line, prose, sentence, strong
from diagnose.report.wording import Titles, in_place_of, place, runs, subject, threshold
from diagnose.rulebase.rule import Param
from diagnose.verdict.judgement import Citation, TraceStep
from diagnose.verdict.report import Report
from diagnose.verdict.run_summary import RunSummary

MOST_FILES = 12


def thresholds(report: Report) -> list[Block]:
    """A table; what the user set comes first, with the value it replaces."""
    rows: list[list[Piece]] = [
        [code(each.name), threshold(each), _source(each), runs(each.runs)] for each in report.parameters
    ]
    header = ("Parameter", "Value", "Source", "Comes from")
    how = "Change any of them with `--set NAME=VALUE`."
    return [heading(2, "Thresholds used"), table(header, rows), paragraph(how)] if rows else []


def _source(param: Param) -> Line:
    if not param.overridden:
        return prose(param.source)
    where = line(" (", code(param.origin), ")") if param.origin else ()
    return line(strong("set by you"), where, in_place_of(param), " (", prose(param.source), ")")


def appendix(report: Report) -> list[Block]:
    """Tool and engine, files, passed rules, claims, trace."""
    return [heading(2, "Appendix"), *_made(report), *_passed(report), *_claims(report), *_trace(report)]


def _made(report: Report) -> list[Block]:
    tool = report.tool
    note = line(" (", prose(tool.engine_note), ")") if tool.engine_note else ()
    lines = [
        line("diagnose ", prose(tool.version), ", rule base ", code(tool.rulebase)),
        line("Engine: ", prose(tool.engine), note),
        line("Run: ", code(report.run.path)),
        *_concluded(report.run),
        *_environment(report.run),
    ]
    if report.run.files:
        left = len(report.run.files) - MOST_FILES
        more = f" and {left} more, in the JSON report" if left > 0 else ""
        lines.append(line("Files read: ", join(", ", map(code, report.run.files[:MOST_FILES])), more))
    return [heading(3, "How this report was made"), *items(lines)]


def _concluded(run: RunSummary) -> Iterator[Line]:
    """Say what trainer and intent were concluded from."""
    clues = [
        join(", ", [prose(e.note or e.meaning), place(e.source) if e.source else ()]) for e in run.trainer_evidence
    ]
    if run.trainer is not None and clues:
        yield line("Trainer: ", prose(run.trainer), " (", join("; ", clues), ")")
    if run.intent is not None and run.intent_evidence:
        yield line("Intent: ", prose(run.intent), " (", join("; ", map(prose, run.intent_evidence)), ")")


def _environment(run: RunSummary) -> Iterator[Line]:
    """Say what the run was made with, each part with where it was read."""
    parts = [
        line(prose(f"{each.name} {each.version}"), "" if each.installed else " asked for", " (", place(each.place), ")")
        for each in run.environment
    ]
    if parts:
        yield line("Environment: ", join(", ", parts))


def _passed(report: Report) -> list[Block]:
    names = join(", ", (code(rule.name) for rule in report.passed))
    return [heading(3, f"Checks that passed ({len(report.passed)})"), paragraph(names, ".")] if names else []


def _claims(report: Report) -> list[Block]:
    cited: dict[str, Citation] = {}
    for finding in report.findings:
        cited.update((each.id, each) for each in finding.claims)
    return under(heading(3, "Claims of the reference run"), (_claim(each) for _, each in sorted(cited.items())))


def _claim(cited: Citation) -> Line:
    grade = emphasis(sentence(cited.grade)) if cited.grade else ()
    return join(" ", [strong(prose(cited.id)), prose(cited.says), grade, sentence(cited.because or "")])


def _trace(report: Report) -> list[Block]:
    steps = (_step(step, report.titles) for step in report.trace)
    return under(heading(3, "The proof, step by step"), steps, numbered=True)


def _step(step: TraceStep, titles: Titles) -> Line:
    named = line(prose(step.stage), ": ", code(step.name), " (", prose(step.rule), ")")
    bound = [
        line(join(" of ", [code(e.fact), subject(e.subject, titles)]), " = ", code(measured(e.value, e.notation)))
        for e in step.bound
    ]
    absent = [line("no ", code(text)) for text in step.absent]
    about = join(", ", [named, subject(step.subject, titles)])
    return join(": ", [about, join("; ", dict.fromkeys([*bound, *absent]))])
