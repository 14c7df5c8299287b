"""A rule explained: what it says and rests on; with a run, its proof or how far it was from firing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diagnose.cli.explaining.words import OPERATORS, proof, whom
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.exclusive import Question, questions_by_answer
from diagnose.rulebase.knowledge import Recipe
from diagnose.rulebase.message import format_value, with_parameters
from diagnose.rulebase.rule import ChangeOp, ChangeSpec, Param, Rule
from diagnose.verdict.consult import Consultation
from diagnose.verdict.examine import examine
from diagnose.verdict.judgement import Finding, WeighedRival


def rule_lines(id_: str, base: RuleBase, held: Consultation | None) -> Iterator[str]:
    """Yield the explanation, and with a run what became of the rule for every subject it was tried for."""
    rule = next(rule for rule in base.rules if rule.id == id_)
    severity = rule.severity.value if rule.severity else "changes the config"
    yield f"{rule.id} {rule.name} ({rule.stage.value}, {severity}, confidence {rule.confidence.value})"
    yield f"{rule.title}\n\n{rule.why.strip()}"
    yield from _listed("Known limits", rule.known_problems)
    yield from _listed("Rests on", (*(_claim(id_, base) for id_ in rule.claims), *rule.sources))
    yield from _listed("Thresholds", map(threshold, rule.params))
    yield from _listed("Severity instead", _grades(rule))
    yield from _listed("Concludes", rule.derives)
    yield from _listed("Excludes", _excluded(rule, base.knowledge.questions))
    yield from _listed("Shown besides, where known", tuple(dict.fromkeys(each.fact for each in rule.show)))
    yield from _listed("Changes", (change(each, rule, base.knowledge.recipes) for each in rule.changes))
    if held is None:
        rivals = [each for each in base.knowledge.rivals.values() if rule.name in each.explains]
        yield from _listed("What else could explain it", (f"{each.id}: {each.says}" for each in rivals))
        return
    yield ""
    yield from _in_this_run(rule, held)


def _excluded(rule: Rule, questions: Mapping[str, Question]) -> Iterator[str]:
    """What is not printed beside what the rule or its advice says, and what stands where both would be said."""
    asked = questions_by_answer(questions)
    for answer in filter(None, (rule.states, *(change.states for change in rule.changes))):
        question = asked[answer]
        others = ", ".join(each.name for each in question.answers if each.name != answer)
        yield f"{question.asks} It says {answer}, not {others}; the first of the answers in exclusive.yaml stands."


def _in_this_run(rule: Rule, held: Consultation) -> Iterator[str]:
    for examined in examine(held.grounds.rules[rule.id], held.grounds):
        yield "In this run " + "\n".join(proof(examined, held.base.knowledge.facts))
    for finding in held.findings():
        if finding.rule == rule.id:
            yield from _finding(finding)


def _finding(finding: Finding) -> Iterator[str]:
    lowered = f" ({finding.lowered})" if finding.lowered else ""
    capped = f" (no more, since {finding.capped})" if finding.capped else ""
    sure = f"{finding.severity.value}{capped}, {finding.confidence.value} confidence{lowered}"
    yield f"It says{whom(finding.subject, 'for')}, {sure}: {finding.message.strip()}"
    yield from _listed("What else could explain it", map(_rival, finding.rivals))
    if finding.cheapest_test is not None:
        yield f"Cheapest test ({finding.cheapest_test.cost}): {finding.cheapest_test.does}"


def _rival(rival: WeighedRival) -> str:
    facts = ", ".join(f"{each.fact} is {format_value(each.value)}" for each in rival.evidence)
    needs = "; ".join(rival.needs)
    return f"{rival.state.value}: {rival.id}: {rival.says}{f' [{needs or facts}]' if needs or facts else ''}"


def _listed(heading: str, items: Iterator[str] | tuple[str, ...] | map[str]) -> Iterator[str]:
    lines = [f"- {item}" for item in items]
    if lines:
        yield f"\n{heading}:"
        yield from lines


def _claim(id_: str, base: RuleBase) -> str:
    standing = base.knowledge.standings.get(id_)
    grade_of = f" ({standing.grade.value})" if standing else ""
    return f"{id_}{grade_of}: {base.knowledge.claims[id_].says}"


def _grades(rule: Rule) -> Iterator[str]:
    for each in rule.grades:
        limit = f"${each.test.param}" if each.test.param else str(each.test.operand)
        yield f"{each.severity.value} where {each.alias} {OPERATORS[each.test.op]} {limit}"


def threshold(param: Param) -> str:
    """Say what a threshold is, where it comes from, and what the user set in its place."""
    runs = "not empirical" if param.runs is None else f"runs behind it: {param.runs}"
    own = f", set by you in place of {format_value(param.replaced)}" if param.overridden else ""
    unit = f" {param.unit}" if param.unit else ""
    return f"{param.name} = {format_value(param.value)}{unit}{own} ({param.source}; {runs})"


def change(spec: ChangeSpec, rule: Rule, recipes: Mapping[str, Recipe]) -> str:
    """Say what a rule would write, for every strategy where they differ."""
    because, path = with_parameters(spec.because, rule), with_parameters(spec.path, rule)
    if spec.op is ChangeOp.ADVISE:
        return f"advice: {because}"
    if spec.op is ChangeOp.REMOVE:
        return f"remove {path}{_unless(spec)}: {because} ({spec.applicability.value})"
    if spec.recipe is not None:
        by = {name: format_value(recipe.values[spec.recipe]) for name, recipe in recipes.items()}
        several = len(set(by.values())) > 1
        value = ", ".join(f"{text} ({name})" for name, text in by.items()) if several else next(iter(by.values()))
    else:
        value = f"the run's {spec.fact}" if spec.fact is not None else format_value(spec.value)
    verb = "set" if spec.op is ChangeOp.SET else "where absent, set"
    return f"{verb} {path} to {value}{_unless(spec)}: {because} ({spec.applicability.value})"


def _unless(spec: ChangeSpec) -> str:
    return ", unless another rule speaks of the key" if spec.yields else ""
