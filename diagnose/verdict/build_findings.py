"""Firings to findings: worded, graded, with their evidence, their proof and the changes that answer them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from diagnose.core.values import CONFIDENCES, Confidence, Fact, Severity, Stage
from diagnose.engine.inference import Firing
from diagnose.rulebase.comparison import passes
from diagnose.rulebase.fact_declarations import FactDeclaration, is_conclusion
from diagnose.rulebase.knowledge import Knowledge, cited_claims
from diagnose.rulebase.message import worded
from diagnose.rulebase.rule import Meaning, Reference, Rule
from diagnose.rulebase.walk import conditions, reached
from diagnose.verdict.judgement import ChainLink, Change, Citation, Evidence, Finding, evidence_of
from diagnose.verdict.scope import is_scope
from diagnose.verdict.stories import explained, stories
from diagnose.verdict.weighed_rivals import Rivals


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


def grade(rule: Rule, firing: Firing, declarations: Mapping[str, FactDeclaration]) -> tuple[Severity, str | None]:
    """Return min(effect, evidence), and why it is lower than the effect: two log lines never make a critical finding.

    The evidence is what the rule fired by; what it only shows weighs nothing.
    """
    severity, reason = graded_severity(rule, firing.values), None
    for _, fact in firing.bound:
        declared = declarations.get(fact.name)
        if fact.samples is None or declared is None:
            continue
        limit = Severity.BLOCKER
        if declared.major_samples is not None and fact.samples < declared.major_samples:
            limit = Severity.MINOR
        elif declared.critical_samples is not None and fact.samples < declared.critical_samples:
            limit = Severity.MAJOR
        if limit.rank > severity.rank:
            severity, reason = limit, f"{fact.name} was read from {fact.samples} values only"
    return severity, reason


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

    def _sources(self, firing: Firing) -> Iterator[Firing]:
        """Yield the firings whose conclusions this one read."""
        for _, fact in firing.bound:
            yield from self._derived.get(fact.key, ())

    def premises(self, firing: Firing) -> tuple[Rule, ...]:
        """Return the rules whose conclusions this firing read, each once."""
        return tuple(self._rules[id_] for id_ in dict.fromkeys(source.rule for source in self._sources(firing)))

    def chain(self, firing: Firing) -> tuple[ChainLink, ...]:
        """Return every earlier finding this firing builds on, earliest stage first."""
        links: dict[str, ChainLink] = {}
        for source in self._sources(firing):
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
    askers: dict[str, set[str]] = {}
    for firing in firings:
        rule = rules[firing.rule]
        askers.setdefault(rule.id, set()).add(rule.name)
        for premise in proof.premises(firing) if rule.stage is Stage.REMEDY else ():
            askers.setdefault(premise.id, set()).add(rule.name)
    fired = {rules[firing.rule].name for firing in firings}
    explains = explained(rules, firings)
    found = []
    for firing in firings:
        rule = rules[firing.rule]
        if rule.severity is None:
            continue
        # it explains what its rule names, and what it builds on unless that explains it
        named = (name for name in explains[rule.name] if name in fired)
        built_on = (e.name for e in proof.premises(firing) if e.severity and rule.name not in reached(e.name, explains))
        finding = replace(
            _finding(rule, firing, knowledge, proof),
            explains=tuple(dict.fromkeys((*named, *built_on))),
            changes=tuple(change for change in changes if not askers[rule.id].isdisjoint(change.rules)),
        )
        found.append(rivals.doubted(finding) if rivals is not None else finding)
    return tuple(finding for story in stories(found) for finding in story.members)


def _finding(rule: Rule, firing: Firing, knowledge: Knowledge, proof: Derivations) -> Finding:
    """Word a firing, no surer than the claims allow that its thresholds come from."""
    (severity, capped), standings = grade(rule, firing, knowledge.facts), knowledge.standings
    sources = [claim for param in rule.params for claim in cited_claims(param.source)]
    ceilings = [standings[claim].ceiling for claim in sources if claim in standings]
    said = firing.values.get(rule.as_sure_as or "")
    ceilings += [Confidence(said.value)] if said is not None and said.value in CONFIDENCES else []
    compared = {test.param for condition, _, _ in conditions(rule) for test in condition.tests}
    claims = []
    for id_ in rule.claims:
        if id_ in knowledge.claims:
            standing = standings.get(id_)
            known = (standing.grade.value, standing.because) if standing is not None else ()
            claims.append(Citation(id_, knowledge.claims[id_].says, *known))
    return Finding(
        name=rule.name,
        rule=rule.id,
        subject=firing.subject,
        severity=severity,
        confidence=max([rule.confidence, *ceilings], key=lambda confidence: confidence.rank),
        title=worded(rule.headline, rule, firing.values, firing.subject) or rule.title,
        message=worded(rule.message, rule, firing.values, firing.subject),
        why=rule.why,
        claims=tuple(claims),
        params=rule.params,
        evidence=_evidence(firing, knowledge),
        chain=proof.chain(firing),
        explains=(),
        known_problems=rule.known_problems,
        changes=(),
        capped=capped,
        sources=rule.sources,
        means=rule.means,
        limits=tuple(param for param in rule.params if param.name in compared),
    )


def _evidence(firing: Firing, knowledge: Knowledge) -> tuple[Evidence, ...]:
    facts: dict[tuple[str, str], Fact] = {}
    for _, fact in firing.bound:
        if not is_conclusion(fact.name) and not is_scope(fact.name):
            facts.setdefault(fact.key, fact)
    for _, fact in firing.shown:
        if fact.places:
            facts.setdefault(fact.key, fact)
    return tuple(evidence_of(fact, knowledge) for fact in facts.values())
