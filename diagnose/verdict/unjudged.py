"""What of a run counts: rules that passed or were not judged, those a broken run holds back, and the usable saves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from diagnose.core.values import Severity
from diagnose.engine.inference import Inference
from diagnose.facts.known import Known
from diagnose.facts.weights.keep import Keep
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.rule import Meaning, Rule
from diagnose.verdict.judgement import Finding, NotEvaluated, Passed, evidence_of
from diagnose.verdict.one_answer import KEEP, Agreed
from diagnose.verdict.scope import is_scope


def passed(rules: Mapping[str, Rule], inference: Inference, findings: Sequence[Finding]) -> tuple[Passed, ...]:
    """Return the rules that looked for a fault and know that there is none."""
    fired = {finding.rule for finding in findings}
    silent = dict.fromkeys(id_ for id_, _ in inference.silent if id_ not in fired)
    return tuple(
        Passed(rule.name, rule.id, rule.title, rule.claims)
        for rule in (rules[id_] for id_ in silent)
        if rule.severity not in {None, Severity.GOOD}
    )


def not_evaluated(rules: Mapping[str, Rule], inference: Inference, base: RuleBase) -> tuple[NotEvaluated, ...]:
    """Return the rules that lacked facts, then those whose validity does not reach this run."""
    found: list[NotEvaluated] = []
    lacking: dict[str, dict[str, None]] = {}
    for gap in inference.gaps:
        lacking.setdefault(gap.rule, {}).update({name: None for name, _ in gap.missing})
    for id_, facts in lacking.items():
        rule, names = rules[id_], tuple(facts)
        if rule.severity in {None, Severity.GOOD}:
            continue
        needs = tuple(dict.fromkeys(need for name in names for need in _provide(name, rules, lacking, base)))
        found.append(NotEvaluated(rule.name, rule.id, rule.title, needs, names, "facts are missing"))
    for out in inference.out_of_range:
        rule = rules[out.rule]
        if rule.severity in {None, Severity.GOOD} or is_scope(out.fact.name):
            continue
        evidence = evidence_of(out.fact, base.knowledge)
        note = f" ({evidence.note})" if evidence.note else ""
        reason = f"outside its validity: it does not hold that {evidence.meaning}{note}"
        found.append(NotEvaluated(rule.name, rule.id, rule.title, (), (out.fact.name,), reason))
    return tuple(found)


def _provide(
    name: str, rules: Mapping[str, Rule], lacking: Mapping[str, Iterable[str]], base: RuleBase
) -> Iterator[str]:
    """Yield what to provide for a fact; for a conclusion, what the rules that could draw it lack."""
    declaration = base.knowledge.facts.get(name)
    if declaration is not None:
        yield declaration.provide
        return
    for id_, facts in lacking.items():
        if name in rules[id_].derives:
            for fact in facts:
                yield from _provide(fact, rules, lacking, base)


def without_held_back(
    findings: Sequence[Finding], passed: Sequence[Passed], rules: Mapping[str, Rule]
) -> tuple[tuple[Finding, ...], tuple[Passed, ...], tuple[NotEvaluated, ...]]:
    """Return the findings and passed rules that can be judged all the same, and what is held back as not judged."""
    held: dict[str | None, Finding] = {}
    for finding in findings:
        for topic in rules[finding.rule].holds_back:
            held.setdefault(topic, finding)
    unjudged = []
    for id_ in dict.fromkeys(finding.rule for finding in findings):
        rule = rules[id_]
        if rule.topic in held:
            because = f"not judged, because the run broke: {held[rule.topic].message}"
            unjudged.append(NotEvaluated(rule.name, rule.id, rule.title, (), (), because))
    return (
        tuple(finding for finding in findings if rules[finding.rule].topic not in held),
        tuple(each for each in passed if rules[each.rule].topic not in held),
        tuple(unjudged),
    )


CRITERION = "divergence"


def without_diverged(known: Known, findings: Sequence[Finding]) -> Known:
    """Return what is known with only the checkpoints kept that were saved before its losses became NaN.

    Where none was, nothing that the weights say of growth, direction and place is about learning.
    """
    choice = known.evolution.keep
    since = known.count("log.dead_from")  # the step from which the losses were NaN
    if choice is None or since is None or not spoilt(findings):
        return known
    saved = sorted({pair.step for pair in known.evidence.pairs})
    against = {**dict(choice.against), **{step: CRITERION for step in saved if step > since}}
    steps = tuple(step for step in choice.steps or saved if step not in against)
    if steps:
        kept = replace(choice, steps=steps, against=tuple(sorted(against.items())), nothing="")
        return replace(known, evolution=replace(known.evolution, keep=kept))
    nothing = f"the losses were NaN from step {since} on, and every save is from later"
    kept = Keep((), tuple(sorted(against.items())), (), (), nothing)
    return replace(known, evolution=replace(known.evolution, trajectory=None, directions=(), locations=(), keep=kept))


def spoilt(findings: Iterable[Finding]) -> bool:
    """Return whether a finding says that what was saved after the losses became NaN is worthless."""
    return any(Meaning.SAVES_SPOILT in finding.means for finding in findings)


def without_unsaid(known: Known, agreed: Agreed) -> Known:
    """Return what is known without checkpoints to keep, where a finding says that none is of use."""
    choice = known.evolution.keep
    givers = {each.to for each in agreed.unsaid if each.by == KEEP}
    finding = next((each for each in agreed.findings if each.name in givers), None)
    if finding is None or choice is None or choice.nothing:
        return known
    left_out = {**dict(choice.against), **dict.fromkeys(choice.steps, finding.name)}
    reason = finding.message.strip().rstrip(".")
    kept = Keep((), tuple(sorted(left_out.items())), (), (), reason[:1].lower() + reason[1:])
    return replace(known, evolution=replace(known.evolution, keep=kept))


def resumable_from(known: Known, *, spoilt: bool) -> int | None:
    """Return the save that the same config would resume from: of an unfinished run that neither crashed nor diverged.

    None where the run is finished, where that is unknown, where nothing was saved, or where the newest save is half a
    pair. `spoilt`: what it saved last is worthless.
    """
    ended_badly = known.truth("run.crashed") or spoilt
    half = known.value("gap.half_file") is not None  # the trainer would take it, and start the other expert anew
    if known.evidence.ending.finished is not False or ended_badly or half:
        return None
    trained = {expert for pair in known.evidence.pairs for expert in pair.experts}
    return max((pair.step for pair in known.evidence.pairs if pair.experts.keys() == trained), default=None)
