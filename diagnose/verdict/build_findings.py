"""Firings to findings: worded, graded, with their evidence, their proof and the changes that answer them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import Confidence, Fact, Severity, Stage
from diagnose.engine.inference import Firing
from diagnose.rulebase.comparison import passes
from diagnose.rulebase.fact_declarations import FactDeclaration, is_conclusion
from diagnose.rulebase.knowledge import Knowledge, cited_claims
from diagnose.rulebase.message import render
from diagnose.rulebase.rule import Meaning, Reference, Rule
from diagnose.rulebase.walk import reached
from diagnose.verdict.judgement import ChainLink, Change, Citation, Evidence, Finding, evidence_of
from diagnose.verdict.scope import is_scope
from diagnose.verdict.stories import stories
from diagnose.verdict.weighed_rivals import Rivals


class Graded(Struct, frozen=True):
    """The severity of a finding, and why it is lower than the effect alone would make it."""

    severity: Severity
    capped: str | None


def graded_severity(rule: Rule, values: Mapping[str, Fact]) -> Severity:
    """Return the first grade whose test is known to hold, else the rule's own severity.

    `values` has the fact behind each alias; one that the rule only shows may be missing.
    The rule must word a finding (a remedy has no severity).
    """
    if rule.severity is None:
        raise ValueError(f"{rule.id} words no finding")
    known = {alias: fact.value for alias, fact in values.items()}
    for each in rule.grades:
        operand = each.test.operand
        aliases = {each.alias, operand.alias} if isinstance(operand, Reference) else {each.alias}
        if aliases <= known.keys() and passes(each.test, known[each.alias], known):
            return each.severity
    return rule.severity


def grade(rule: Rule, firing: Firing, declarations: Mapping[str, FactDeclaration]) -> Graded:
    """Return min(effect, evidence): two log lines never make a critical finding.

    The evidence is what the rule fired by; what it only shows weighs nothing.
    """
    severity = graded_severity(rule, firing.values)
    cap, reason = Severity.BLOCKER, None
    for _, fact in firing.bound:
        limit = _cap(fact, declarations.get(fact.name))
        if limit is not None and limit.rank > cap.rank:
            cap = limit
            reason = f"{fact.name} rests on {fact.samples} observations only"
    return Graded(cap, reason) if cap.rank > severity.rank else Graded(severity, None)


def _cap(fact: Fact, declaration: FactDeclaration | None) -> Severity | None:
    if fact.samples is None or declaration is None:
        return None
    if declaration.major_samples is not None and fact.samples < declaration.major_samples:
        return Severity.MINOR
    if declaration.critical_samples is not None and fact.samples < declaration.critical_samples:
        return Severity.MAJOR
    return None


def meanings(rules: Mapping[str, Rule], firings: Iterable[Firing]) -> frozenset[Meaning]:
    """Return all that the rules that fired mean for the saves of the run and for the next one."""
    return frozenset(meaning for firing in firings for meaning in rules[firing.rule].means)


class Derivations:
    """Which firing derived which conclusion: the links between the findings of one run."""

    def __init__(self, rules: Mapping[str, Rule], firings: Sequence[Firing]) -> None:
        self._rules = rules
        self._derived: dict[tuple[str, str], list[Firing]] = {}
        for firing in firings:
            for name in rules[firing.rule].derives:
                self._derived.setdefault((name, firing.subject), []).append(firing)

    def premises(self, firing: Firing) -> tuple[Rule, ...]:
        """Return the rules whose conclusions this firing rests on, the nearest first, each once."""
        found: dict[str, Rule] = {}
        for _, fact in firing.bound:
            for source in self._derived.get(fact.key, ()):
                found.setdefault(source.rule, self._rules[source.rule])
        return tuple(found.values())

    def chain(self, firing: Firing) -> tuple[ChainLink, ...]:
        """Return every earlier finding this firing rests on, earliest stage first."""
        links: dict[str, ChainLink] = {}
        for _, fact in firing.bound:
            for source in self._derived.get(fact.key, ()):
                links |= {link.rule: link for link in self.chain(source)}
                rule = self._rules[source.rule]
                links[rule.id] = ChainLink(rule.id, rule.name, rule.title)
        return tuple(links.values())


def build_findings(
    rules: Mapping[str, Rule],
    firings: Sequence[Firing],
    knowledge: Knowledge,
    changes: Sequence[Change],
    rivals: Rivals | None = None,
) -> tuple[Finding, ...]:
    """Return the findings in the order of their stories: the gravest and surest first, causes before what they explain.

    The evidence is what a firing bound, then what its rule shows besides, as far as it was read somewhere. With
    `rivals` each finding is held against its rival explanations, and is no surer than they leave it.
    A change belongs to the finding whose rule asked for it, and to those whose conclusions its remedy read.
    """
    proof = Derivations(rules, firings)
    answers: dict[str, list[str]] = {}
    for firing in firings:
        for premise in (rules[firing.rule], *proof.premises(firing)):
            answers.setdefault(premise.id, []).append(rules[firing.rule].name)
    fired = {rules[firing.rule].name for firing in firings}
    explains = {rule.name: rule.explains for rule in rules.values()}
    found = []
    for firing in firings:
        rule = rules[firing.rule]
        if rule.severity is None:
            continue
        askers = {name for name in answers[rule.id] if name == rule.name or _is_remedy(rules, name)}
        own = tuple(change for change in changes if askers & set(change.rules))
        evidence = _evidence(firing, knowledge)
        told = _explained(rule, proof.premises(firing), explains, fired)
        finding = _finding(rule, firing, knowledge, proof, evidence=evidence, changes=own, explains=told)
        found.append(_doubted(finding, rivals) if rivals is not None else finding)
    return tuple(finding for story in stories(found) for finding in story.members)


def _explained(
    rule: Rule, premises: Sequence[Rule], explains: Mapping[str, Sequence[str]], fired: Collection[str]
) -> tuple[str, ...]:
    """Return the findings that a rule explains: those it names, and those it rests on unless they explain it."""
    named = [name for name in rule.explains if name in fired]
    rests_on = [each.name for each in premises if each.severity and rule.name not in reached(each.name, explains)]
    return tuple(dict.fromkeys((*named, *rests_on)))


def _is_remedy(rules: Mapping[str, Rule], name: str) -> bool:
    return any(rule.name == name and rule.stage is Stage.REMEDY for rule in rules.values())


def _finding(
    rule: Rule,
    firing: Firing,
    knowledge: Knowledge,
    proof: Derivations,
    *,
    evidence: tuple[Evidence, ...],
    changes: tuple[Change, ...],
    explains: tuple[str, ...],
) -> Finding:
    graded = grade(rule, firing, knowledge.facts)
    return Finding(
        name=rule.name,
        rule=rule.id,
        subject=firing.subject,
        severity=graded.severity,
        confidence=_confidence(rule, knowledge),
        title=rule.title,
        message=render(rule, firing.values, firing.subject),
        why=rule.why,
        claims=tuple(_citation(id_, knowledge) for id_ in rule.claims if id_ in knowledge.claims),
        params=rule.params,
        evidence=evidence,
        chain=proof.chain(firing),
        explains=explains,
        known_problems=rule.known_problems,
        changes=changes,
        capped=graded.capped,
        sources=rule.sources,
        means=rule.means,
    )


def _doubted(finding: Finding, rivals: Rivals) -> Finding:
    """Return the finding beside its rivals, and as sure as they leave it."""
    doubt = rivals.doubt(finding.name, finding.confidence)
    return replace(
        finding,
        confidence=doubt.confidence,
        lowered=doubt.lowered,
        rivals=doubt.rivals,
        cheapest_test=doubt.cheapest_test,
        unrivalled=doubt.unrivalled,
    )


def _confidence(rule: Rule, knowledge: Knowledge) -> Confidence:
    """Return the rule's confidence, no higher than the claims its thresholds come from allow."""
    sources = [claim for param in rule.params for claim in cited_claims(param.source)]
    ceilings = [knowledge.standings[claim].ceiling for claim in sources if claim in knowledge.standings]
    return max([rule.confidence, *ceilings], key=lambda confidence: confidence.rank)


def _citation(claim: str, knowledge: Knowledge) -> Citation:
    standing = knowledge.standings.get(claim)
    says = knowledge.claims[claim].says
    if standing is None:
        return Citation(claim, says)
    return Citation(claim, says, standing.grade.value, standing.because)


def _evidence(firing: Firing, knowledge: Knowledge) -> tuple[Evidence, ...]:
    facts: dict[tuple[str, str], Fact] = {}
    for _, fact in firing.bound:
        if not is_conclusion(fact.name) and not is_scope(fact.name):
            facts.setdefault(fact.key, fact)
    for _, fact in firing.shown:
        if fact.places:
            facts.setdefault(fact.key, fact)
    return tuple(evidence_of(fact, knowledge) for fact in facts.values())
