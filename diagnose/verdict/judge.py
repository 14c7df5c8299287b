"""From facts to report: infer, word, rank, and write the next config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from diagnose.engine.inference import Firing
from diagnose.facts.known import Known
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.knowledge import SPLIT, PlanItem
from diagnose.rulebase.message import keyed, with_shared
from diagnose.rulebase.rule import Param, Rule
from diagnose.sources.readings import RunReadings
from diagnose.verdict.card import card_of
from diagnose.verdict.consult import Consultation, suppose_intents
from diagnose.verdict.curves import Curves, curves_of
from diagnose.verdict.judgement import BoundFact, Finding, NotEvaluated, Passed, TraceStep
from diagnose.verdict.motion import motion_of
from diagnose.verdict.needs import needs_of
from diagnose.verdict.next.prepare import plan_next_run
from diagnose.verdict.one_answer import agree, said_by_parts
from diagnose.verdict.report import Report, Tool
from diagnose.verdict.run_summary import about
from diagnose.verdict.run_tables import checkpoint_rows, expert_figures, lr_ratio
from diagnose.verdict.scope import AHEAD, is_about_a_run, is_another_model, is_scope, left_out, waiting_for_a_run
from diagnose.verdict.settings_in_effect import effective_settings
from diagnose.verdict.stories import conclude
from diagnose.verdict.ticked_items import tick_off
from diagnose.verdict.unjudged import not_evaluated, passed, without_held_back
from diagnose.verdict.usable_saves import resumable_from, spoilt, without_diverged, without_unsaid


def judge(held: Consultation, readings: RunReadings, *, strategy: str, version: str, split: bool = False) -> Report:
    """Return the report on a run, or with the checklist on a config that is still to be run.

    Raises:
        DiagnoseError: `split` asks for a next config per expert, and this config cannot be split.
    """
    base, known, before_a_run = held.base, held.known, held.before_a_run
    expectation = known.evidence.expectation
    rules, inference, domain = held.grounds.rules, held.inference, base.knowledge.domain
    next_run = plan_next_run(held, strategy, split=split, beside=readings.beside)
    every = held.findings(next_run.changes)
    findings, sound, unjudged = without_held_back(every, passed(rules, inference, every), rules)
    known = without_diverged(known, findings)
    questions = base.knowledge.questions
    agreed = agree(questions, rules, findings, next_run.changes, said_by_parts(known, questions))
    findings, next_run = agreed.findings, replace(next_run, changes=agreed.changes)
    known = without_unsaid(known, agreed)
    unevaluated = (*unjudged, *not_evaluated(rules, inference, base))
    ahead = _ahead_of_it(sound, unevaluated, rules, known) if before_a_run else None
    sound, unevaluated = ahead or (sound, _of_a_run(unevaluated, console_alone=readings.console_alone))
    checked = held.checked()  # the engine had all this time to answer
    return Report(
        tool=Tool(version, base.digest, checked.engine, checked.engine_note),
        run=replace(about(readings, known, domain), resumes_from=resumable_from(known, spoilt=spoilt(findings))),
        verdict=conclude(findings, unevaluated, known, before_a_run=before_a_run),
        titles=domain.titles,
        experts=tuple((name, expert_figures(known, name)) for name in domain.expert_names),
        lr_ratio=lr_ratio(known),
        lr_shared_last=known.number("log.lr_shared_last"),
        checkpoints=checkpoint_rows(known, domain.expert_names),
        findings=findings,
        passed=sound,
        not_evaluated=unevaluated,
        effective=effective_settings(known, base.knowledge.effective),
        forecast=expectation.forecast if expectation is not None else None,
        next=next_run,
        needs=needs_of(known, domain.expert_names),
        parameters=_parameters(base, findings),
        unread=(*readings.every_remark, *known.unmeasured),
        trace=tuple(_trace(rules[firing.rule], firing) for firing in inference.firings),
        checklist=tick_off(held, findings, unevaluated) if before_a_run else (),
        evolution=None if before_a_run else known.evolution,
        plan=_plan(known, base, split=split),
        suppositions=suppose_intents(held, findings),
        unsaid=agreed.unsaid,
        glossary=base.knowledge.glossary,
        card=None if before_a_run else card_of(known, domain),
        motion=None if before_a_run else motion_of(known),
        curves=Curves() if before_a_run else curves_of(known, domain.expert_names),
    )


def _of_a_run(unevaluated: Sequence[NotEvaluated], *, console_alone: bool) -> tuple[NotEvaluated, ...]:
    """Return what a run leaves open: nothing about the machine of a next one; of a console what the user can say."""
    left = (each for each in unevaluated if not any(fact.startswith(AHEAD) for fact in each.facts))
    return tuple(each for each in left if not console_alone or (each.facts and all(map(is_scope, each.facts))))


def _ahead_of_it(
    sound: Sequence[Passed], unevaluated: Sequence[NotEvaluated], rules: Mapping[str, Rule], known: Known
) -> tuple[tuple[Passed, ...], tuple[NotEvaluated, ...]]:
    """Return what a config can answer before a run: no rule about the run passes, and none waits for its files."""
    unknown = {fact.name for fact in known.facts if not fact.known}
    waiting = waiting_for_a_run({each.rule: each.facts for each in unevaluated}, rules)
    return (
        tuple(each for each in sound if not is_about_a_run(rules[each.rule], unknown)),
        tuple(each for each in unevaluated if each.rule not in waiting),
    )


def _plan(known: Known, base: RuleBase, *, split: bool) -> tuple[PlanItem, ...]:
    """Return what to watch in a run of this intent.

    What holds for one expert alone is left out where none is trained alone, and an item whose fact (`where`) is known
    to be false. For a model without two experts there is nothing.
    """
    if is_another_model(known):
        return ()
    alone = split or left_out(known, base.knowledge.domain.expert_names) is not None
    items = [item for items in base.knowledge.plan.values() for item in items]
    false = {fact.name for fact in known.facts if fact.value is False}
    parameters = base.knowledge.parameters
    return tuple(
        replace(item, says=with_shared(keyed(item.says, known.keys.called), parameters))
        for item in items
        if known.intent.intent in item.intents and (alone or item.part != SPLIT) and item.where not in false
    )


def _parameters(base: RuleBase, findings: Sequence[Finding]) -> tuple[Param, ...]:
    """Return the thresholds behind the findings and their rivals, and every overridden one.

    A rule's own carry its name as in --set.
    """
    fired = {finding.rule for finding in findings}
    weighed = {rival.id for finding in findings for rival in finding.rivals}
    shared = base.knowledge.parameters
    asked = {name for id_ in weighed for name in base.knowledge.rivals[id_].params}
    params = {name: param for name, param in shared.items() if param.overridden or name in asked}
    for rule in base.rules_in_domain:
        for param in rule.params:
            name = param.name if param.name in shared else f"{rule.name}.{param.name}"
            if rule.id in fired or param.overridden:
                params[name] = replace(param, name=name)
    return tuple(sorted(params.values(), key=lambda param: (not param.overridden, param.name)))


def _trace(rule: Rule, firing: Firing) -> TraceStep:
    bound = tuple(BoundFact(alias, each.name, each.subject, each.value, each.notation) for alias, each in firing.bound)
    absent = tuple(f"{fact} of {subject}" for fact, subject in firing.absent)
    return TraceStep(firing.stage.value, rule.id, rule.name, firing.subject, bound, absent)
