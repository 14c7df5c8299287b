"""`diagnose explain RULE|CLAIM|FACT [--run RUN_DIR]`: what it says, and with a run why it fired, or why not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from diagnose import api
from diagnose.cli.options import add_judging, settings_of
from diagnose.engine.inference import Inference
from diagnose.engine.run import infer
from diagnose.errors import DiagnoseError
from diagnose.facts.collect import Known
from diagnose.resources import knowledge_dir
from diagnose.rulebase.coverage import claim_uses
from diagnose.rulebase.load import RuleBase
from diagnose.rulebase.message import format_value
from diagnose.rulebase.rule import Rule
from diagnose.verdict.proof import ConditionState, Evidence, examine
from diagnose.verdict.scope import scoped

_MARKS = {True: "holds", False: "does not hold", None: "unknown"}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("explain", help="explain a rule, a claim or a fact; with a run: why, or why not")
    parser.add_argument(
        "name", metavar="RULE|CLAIM|FACT", help="lr-ratio-too-small, LRN001, WGT-02, weights.ratio, ..."
    )
    parser.add_argument("--run", dest="run_dir", metavar="RUN_DIR", type=Path, help="hold it against this run")
    add_judging(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the explanation."""
    settings = settings_of(options)
    base, known = api.understand(options.run_dir, settings) if options.run_dir else (api.rule_base(settings), None)
    rule = next((rule for rule in base.rules if options.name in {rule.id, rule.name}), None)
    if rule is not None:
        lines = _rule(rule, base, known)
    elif options.name in base.knowledge.claims:
        lines = _claim(options.name, base)
    elif options.name in base.knowledge.facts:
        lines = _fact(options.name, base, known)
    else:
        raise DiagnoseError(f"{options.name}: no rule, claim or fact has this name{_nearest(options.name, base)}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _nearest(name: str, base: RuleBase) -> str:
    names = [*(rule.name for rule in base.rules), *base.knowledge.claims, *base.knowledge.facts]
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    return f"; did you mean {', '.join(near)}?" if near else "; see diagnose rules list"


def _rule(rule: Rule, base: RuleBase, known: Known | None) -> Iterator[str]:
    severity = rule.severity.value if rule.severity else "remedy"
    yield f"{rule.id} {rule.name} ({rule.stage.value}, {severity}, confidence {rule.confidence.value})"
    yield f"{rule.title}\n\n{rule.why.strip()}\n"
    yield "When it is wrong:"
    yield from (f"- {problem}" for problem in rule.known_problems)
    yield "\nRests on:"
    yield from (f"- {id_}: {base.knowledge.claims[id_].says}" for id_ in rule.claims)
    if rule.params:
        yield "\nThresholds:"
        for param in rule.params:
            runs = "not empirical" if param.runs is None else f"runs behind it: {param.runs}"
            yield f"- {param.name} = {format_value(param.value)} {param.unit} ({param.source}; {runs})"
    if rule.also:
        yield "\nShown beside the evidence, where known:"
        yield from (f"- {name}" for name in dict.fromkeys(each.fact for each in rule.also))
    if known is not None:
        yield ""
        yield from _why(rule, base, known)


def _why(rule: Rule, base: RuleBase, known: Known) -> Iterator[str]:
    rules = tuple(scoped(each) for each in base.rules)
    inference: Inference = infer(rules, known.facts)
    own = next(each for each in rules if each.id == rule.id)
    for examined in examine(own, Evidence(rules, known.facts, inference), inference):
        about = "" if examined.subject in {"run", "each"} else f" for {examined.subject}"
        yield f"In this run it {examined.outcome.value}{about}:"
        yield from (f"- {_words(state)}" for state in examined.conditions)


def _words(state: ConditionState) -> str:
    about = "" if state.subject == "run" else f" of {state.subject}"
    value = f"is {format_value(state.value)}" if state.value is not None else "is unknown"
    distance = f", {state.distance}" if state.distance else ""
    note = f" [{state.note}]" if state.note and state.holds is not True else ""
    return f"{state.role}: {state.fact}{about} {value}; asked: {state.asks}: {_MARKS[state.holds]}{distance}{note}"


def _claim(name: str, base: RuleBase) -> Iterator[str]:
    from diagnose.rulebase.document import load_document  # noqa: PLC0415 - parses the pages, for this command only

    passage = load_document(knowledge_dir()).passages[name]
    standing = base.knowledge.standings[name]
    yield f"{name} ({base.knowledge.claims[name].kind})\n{passage.text.strip()}\n"
    yield f"In the document: knowledge/document/{passage.page}, under “{passage.heading.title}”."
    yield f"Evidence: {standing.grade.value}. {standing.because}"
    yield from (f"- {reference}" for reference in standing.references)
    uses = claim_uses(base.rules, base.knowledge)[name]
    yield f"\nUsed by: {', '.join(uses) if uses else 'no rule; shown as context'}."


def _fact(name: str, base: RuleBase, known: Known | None) -> Iterator[str]:
    declaration = base.knowledge.facts[name]
    unit = f", {declaration.unit}" if declaration.unit else ""
    yield f"{name} ({declaration.type.value}{unit}): {declaration.meaning}"
    yield f"When it is unknown, provide {declaration.provide}."
    for fact in known.facts if known is not None else ():
        if fact.name == name:
            places = ", ".join(f"{p.file}{f':{p.line}' if p.line else ''}" for p in fact.places[:3])
            at, note = f" at {places}" if places else "", f" ({fact.note})" if fact.note else ""
            yield f"- of {fact.subject}: {format_value(fact.value)}{at}{note}"
