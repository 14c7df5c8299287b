"""From facts to report: infer, word, rank, and write the next config."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from diagnose.engine.inference import Firing, Inference
from diagnose.facts.collect import Known
from diagnose.model import Expert, Severity
from diagnose.rulebase.load import RuleBase
from diagnose.rulebase.plan import SPLIT, PlanItem
from diagnose.rulebase.rule import Param, Rule
from diagnose.sources.readings import RunReadings
from diagnose.verdict import tables
from diagnose.verdict.checklist import needs_a_run, tick_off
from diagnose.verdict.datasets import summarise
from diagnose.verdict.effective import effective_settings
from diagnose.verdict.evidence import Evidence, evidence_of
from diagnose.verdict.findings import build_findings
from diagnose.verdict.headline import conclude
from diagnose.verdict.held import hold
from diagnose.verdict.next_run import plan_next_run
from diagnose.verdict.report import Finding, NotEvaluated, Passed, Report, RunSummary, Tool, TraceStep
from diagnose.verdict.scope import is_scope
from diagnose.verdict.suppose import suppose_intents


def judge(
    readings: RunReadings,
    known: Known,
    base: RuleBase,
    *,
    strategy: str,
    version: str,
    before_a_run: bool = False,
    split: bool = False,
) -> Report:
    """Return the report on a run, or with the checklist on a config that is still to be run.

    Raises:
        DiagnoseError: `split` asks for a next config per expert, and this config cannot be split.
    """
    held = hold(base, known, before_a_run=before_a_run)
    rules, inference = held.grounds.rules, held.inference
    next_run = plan_next_run(rules, inference, known, base, strategy, split=split)
    findings = build_findings(
        rules, inference.firings, base.knowledge, next_run.changes, facts=known.facts, rivals=held.rivals
    )
    unevaluated = _not_evaluated(rules, inference, base)
    checklist = tuple(base.knowledge.checklist.values()) if before_a_run else ()
    if before_a_run:
        unevaluated = tuple(each for each in unevaluated if not needs_a_run(each.facts))
    return Report(
        tool=Tool(version, base.digest, inference.engine, inference.engine_note),
        run=_summary(readings, known),
        verdict=conclude(findings, unevaluated, known, before_a_run=before_a_run),
        experts=tuple((expert, tables.expert_figures(known, expert)) for expert in Expert),
        lr_ratio=tables.lr_ratio(known),
        checkpoints=tables.checkpoint_rows(known),
        findings=findings,
        passed=_passed(rules, inference, findings),
        not_evaluated=unevaluated,
        effective=effective_settings(known, base.knowledge.effective),
        forecast=known.expectation.forecast if known.expectation is not None else None,
        next=next_run,
        parameters=_parameters(base, findings),
        unread=(*readings.every_remark, *known.unmeasured),
        trace=tuple(_trace(rules[firing.rule], firing) for firing in inference.firings),
        checklist=tick_off(
            checklist,
            rules,
            inference,
            findings,
            unevaluated=unevaluated,
            knowledge=base.knowledge,
            intent=known.intent.intent,
        ),
        evolution=None if before_a_run else known.evolution,
        plan=_plan(known, base, split=split),
        suppositions=suppose_intents(rules, known, base.knowledge, findings),
    )


def _plan(known: Known, base: RuleBase, *, split: bool) -> tuple[PlanItem, ...]:
    """Return what to watch in a run of this intent; what holds for one expert alone only where one is trained alone."""
    left_out = known.value("experts.switched_off")
    alone = split or (left_out is not None and left_out.value in {expert.value for expert in Expert})
    items = [item for items in base.knowledge.plan.values() for item in items]
    return tuple(i for i in items if known.intent.intent in i.intents and (alone or i.part != SPLIT))


def _summary(readings: RunReadings, known: Known) -> RunSummary:
    trainer = known.value("run.trainer")
    evidence = tuple(
        Evidence("run.trainer", clue.text, clue.trainer.value, "", "run", clue.place) for clue in known.trainer.clues
    )
    if known.trainer.asked:
        asked = Evidence(
            "run.trainer",
            "as asked",
            str(trainer.value) if trainer else None,
            "",
            "run",
            known.trainer.at,
        )
        evidence = (asked, *evidence)
    return RunSummary(
        name=readings.name,
        path=str(readings.path),
        trainer=tables.text(known, "run.trainer"),
        trainer_evidence=evidence,
        intent=tables.text(known, "run.intent"),
        intent_evidence=known.intent.evidence,
        steps_configured=tables.count(known, "run.steps_configured"),
        steps_trained=tables.count(known, "run.steps_trained"),
        finished=known.ending.finished,
        ended=known.ending.words,
        files=tuple(dict.fromkeys(place.file for place in readings.places)),
        validity=tuple(_validity(known)),
        datasets=summarise(readings.datasets, known),
    )


def _validity(known: Known) -> list[str]:
    comparable, ema = known.value("weights.comparable"), known.value("config.ema")
    if comparable is not None and comparable.value is False:
        widths = tables.text(known, "weights.widths")
        sentence = (
            "The thresholds on weight magnitude and weight ratio were read on plain LoRA with the trainers' own "
            "initialisation, on layers 5120 and 13824 wide, so they are not applied: "
        )
        return [f"{sentence}{comparable.note} (widths here: {widths})."]
    if ema is not None and ema.value is True:
        return ["The saved weights are EMA averages, which lag behind the weights in training."]
    return []


def _passed(rules: dict[str, Rule], inference: Inference, findings: Sequence[Finding]) -> tuple[Passed, ...]:
    """Return the rules that looked for a fault and know that there is none."""
    fired = {finding.rule for finding in findings}
    silent = dict.fromkeys(id_ for id_, _ in inference.silent if id_ not in fired)
    return tuple(
        Passed(rule.name, rule.id, rule.title, rule.claims)
        for rule in (rules[id_] for id_ in silent)
        if rule.severity not in {None, Severity.GOOD}
    )


def _not_evaluated(rules: dict[str, Rule], inference: Inference, base: RuleBase) -> tuple[NotEvaluated, ...]:
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
        found.append(NotEvaluated(rule.name, rule.id, rule.title, (), (out.fact.name,), _out_of_range(evidence)))
    return tuple(found)


def _out_of_range(evidence: Evidence) -> str:
    note = f" ({evidence.note})" if evidence.note else ""
    return f"outside its validity: it does not hold that {evidence.meaning}{note}"


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


def _parameters(base: RuleBase, findings: Sequence[Finding]) -> tuple[Param, ...]:
    """Return the thresholds the findings and their rivals rest on, and every overridden one.

    A rule's own carry its name as in --set.
    """
    fired = {finding.rule for finding in findings}
    weighed = {rival.id for finding in findings for rival in finding.rivals}
    shared = base.knowledge.parameters
    asked = {name for id_ in weighed for name in base.knowledge.rivals[id_].params}
    params = {name: param for name, param in shared.items() if param.overridden or name in asked}
    for rule in base.rules:
        for param in rule.params:
            name = param.name if param.name in shared else f"{rule.name}.{param.name}"
            if rule.id in fired or param.overridden:
                params[name] = replace(param, name=name)
    return tuple(sorted(params.values(), key=lambda param: (not param.overridden, param.name)))


def _trace(rule: Rule, firing: Firing) -> TraceStep:
    bound = tuple((alias, fact.name, fact.subject, fact.value) for alias, fact in firing.bound)
    absent = tuple(f"{absence.fact} of {absence.subject}" for absence in firing.absent)
    return TraceStep(firing.stage.value, rule.id, rule.name, firing.subject, bound, absent)
