"""The plan for the next run: the changes of the chosen strategy, the config with them, and what to expect of it."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import RUN, Intent, Stage
from diagnose.engine.inference import Firing
from diagnose.facts.known import Known
from diagnose.rulebase.domain import ANY
from diagnose.rulebase.knowledge import Knowledge, Recipe
from diagnose.rulebase.rule import ChangeOp, Rule
from diagnose.verdict.consult import Consultation
from diagnose.verdict.judgement import Change, Conflict, NotEvaluated
from diagnose.verdict.next.expected import disk_of, expectation_after, outlooks, with_disk
from diagnose.verdict.next.going_on import behind, new_names
from diagnose.verdict.next.next_config import Caveat, Disk, Later, NextConfig, TwoRuns, edits
from diagnose.verdict.next.split import Apart, ending, split_up
from diagnose.verdict.next.triage import Triage, later_of, triage
from diagnose.verdict.next.wishes import merge, wishes
from diagnose.verdict.next.write_config import difference, revised, written
from diagnose.verdict.scope import is_another_model, is_scope


class Wanted(Struct, frozen=True):
    """What the rules want of the next run, before anything is written.

    Attributes:
        ways: the changes of each strategy.
        conflicts: of the strategy that was chosen.
        later: the changes that wait.
        goes_on: the save from which the run behind the config goes on; None: a new run begins.
    """

    ways: Mapping[str, tuple[Change, ...]]
    conflicts: tuple[Conflict, ...]
    later: tuple[Later, ...]
    goes_on: int | None


def plan_next_run(held: Consultation, strategy: str, *, split: bool, beside: Collection[str] | None) -> NextConfig:
    """Return the next run: one config, or where `split` asks for it one for each expert.

    What is manual or in conflict is left to the user; a comment in the config names what waits.
    `beside` are the names where the next run would be written; None for a config that was never run.

    Raises:
        DiagnoseError: a split was asked for, and the config cannot be split.
    """
    known, config, knowledge = held.known, held.known.config, held.base.knowledge
    recipe, apart = knowledge.recipes[strategy], Apart.of(held.base)
    wanted = _wanted(held, strategy, split=split, beside=beside)
    disk = _disk(known, wanted.ways[strategy])
    changes = with_disk(wanted.ways[strategy], disk)
    text, note = None, "there is no config to change"
    if config is not None:
        try:
            text = written(config, changes, [each.change.path for each in wanted.later])
            note = "no key of the config changes" if text == config.reading.text else ""
        except DiagnoseError as error:
            note = f"the config could not be edited: {error}"
    plan = NextConfig(
        strategy,
        changes,
        wanted.conflicts,
        text,
        difference(config, text) or None if config is not None and text is not None else None,
        note,
        waiting=_waiting(held, recipe),
        lr_ratio_wanted=_ratio_wanted(known, recipe, knowledge),
        apart_by=apart.rules,
        caveats=_caveats(held.grounds.rules, changes),
        later=wanted.later,
        disk=disk,
        goes_on_from=wanted.goes_on,
    )
    plan = _foreseen(plan, known, wanted.ways, knowledge.domain.expert_names)
    if split:
        whole = replace(plan, changes=wanted.ways[strategy])
        return split_up(whole, known, wanted.ways, held.base)
    if apart.advised_by(changes):
        with contextlib.suppress(DiagnoseError):
            two = plan_next_run(held, strategy, split=True, beside=beside)
            return replace(plan, apart=True, advised=TwoRuns(two.configs, two.outlook, two.disk, two.later))
    return plan


def changes_asked_for(held: Consultation, strategy: str) -> tuple[Change, ...]:
    """Return what a pre-flight of a config would change in it."""
    changes = _wanted(held, strategy, split=False, beside=None).ways[strategy]
    return with_disk(changes, _disk(held.known, changes))


def _wanted(held: Consultation, strategy: str, *, split: bool, beside: Collection[str] | None) -> Wanted:
    rules, known, knowledge = held.grounds.rules, held.known, held.base.knowledge
    before = behind(held, beside)
    found = triage(rules, held.inference.firings, knowledge.facts)
    plans = {name: _merged(rules, found, known, recipe) for name, recipe in knowledge.recipes.items()}
    changes, conflicts = plans[strategy]
    later = later_of(changes, found, known.config, was_run=before is not None, split=split)
    told = {each.change for each in later}
    waiting = {change.path for change in told if change.path}
    ways = {
        name: tuple(change for change in changes if change not in told and change.path not in waiting)
        for name, (changes, _) in plans.items()
    }
    goes_on = None
    if before is not None and known.config is not None:
        goes_on = before.goes_on(ways[strategy], known.config) if not split else None
        if goes_on is None:
            endings = ("", *map(ending, knowledge.domain.expert_names))
            names = tuple(new_names(known.config, before.taken, before.why_renamed, endings))
            for name, changes in ways.items():  # what a rule asks of a key counts more
                asked = {change.path for change in changes}
                ways[name] = (*changes, *(change for change in names if change.path not in asked))
    return Wanted(ways, conflicts, later, goes_on)


def _merged(
    rules: Mapping[str, Rule], found: Triage, known: Known, recipe: Recipe
) -> tuple[tuple[Change, ...], tuple[Conflict, ...]]:
    """Merge the wishes of all firings; where the run broke, those that answer it count as if they were alone."""
    every = [wish for firing in found.firings for wish in wishes(rules[firing.rule], firing, recipe, known.keys)]
    wanted = [
        wish
        for wish in every
        if not (wish.spec.op is ChangeOp.ADVISE and wish.spec.yields and wish.rule.id in found.settled)
    ]
    changes, conflicts = merge(wanted, known.config)
    if not found.broke:
        return changes, conflicts
    urgent, open_ = merge([wish for wish in wanted if wish.rule.name in found.now], known.config)
    first = {change.path for change in urgent if change.path}
    rest = (change for change in changes if change.path not in first and (change.path or change not in urgent))
    return (*urgent, *rest), (*open_, *(each for each in conflicts if each.path not in first))


def _disk(known: Known, changes: Sequence[Change]) -> Disk | None:
    return disk_of(known, [revised(known.config, changes)]) if known.config is not None else None


def _foreseen(
    plan: NextConfig, known: Known, ways: Mapping[str, Sequence[Change]], experts: Sequence[str]
) -> NextConfig:
    """Return the plan with what the learning rates come to under every strategy."""
    if plan.config is None:
        return plan
    expected = {name: expectation_after(known, changes) for name, changes in ways.items()}
    after = {name: each for name, each in expected.items() if each is not None}
    rows = () if is_another_model(known) else outlooks(known, after, plan.lr_ratio_wanted, experts)
    wanted = after.get(plan.strategy)
    return replace(plan, forecast=wanted.forecast if wanted is not None else None, outlook=rows)


def _caveats(rules: Mapping[str, Rule], changes: Sequence[Change]) -> tuple[Caveat, ...]:
    """Return the known limits of the remedies behind the keys that change."""
    found = []
    for rule in rules.values():
        paths = tuple(change.path for change in edits(changes) if rule.name in change.rules)
        if paths and rule.stage is Stage.REMEDY:
            found += [Caveat(rule.name, says, paths) for says in rule.known_problems]
    return tuple(found)


def _ratio_wanted(known: Known, recipe: Recipe, knowledge: Knowledge) -> tuple[float, float] | None:
    """Return the range of the learning-rate ratio that the strategy is to reach; None where the intent needs none."""
    if known.intent.intent is not Intent.MOTION or recipe.scaling is None:
        return None
    lowest, highest = (float(knowledge.parameters[name].value) for name in recipe.scaling.wanted)
    return lowest, highest


def _waiting(held: Consultation, recipe: Recipe) -> tuple[NotEvaluated, ...]:
    """Return the remedies that lack nothing but the trainer or the intent, which the user can say."""
    known, found = held.known, []
    for gap in held.inference.gaps:
        rule, names = held.grounds.rules[gap.rule], tuple(name for name, _ in gap.missing)
        if rule.stage is not Stage.REMEDY or not all(map(is_scope, names)):
            continue
        needs = tuple(held.base.knowledge.facts[name].provide for name in names)
        trainers = tuple(sorted(known.trainer.kin if rule.trainers == (ANY,) else rule.trainers))
        # what it would change, as far as that hangs on nothing that only a firing knows
        plain = tuple(spec for spec in rule.changes if spec.fact is None and "{" not in spec.setting + spec.because)
        firing = Firing(rule.id, RUN, (), (), rule.stage)
        changes, _ = merge(wishes(replace(rule, changes=plain), firing, recipe, known.keys), known.config)
        reason = "facts are missing"
        found.append(NotEvaluated(rule.name, rule.id, rule.title, needs, names, reason, trainers, changes))
    return tuple(found)
