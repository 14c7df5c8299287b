"""Two configs in place of one, an expert each: how a trainer with one rate for both experts gives each its own.

The experts share no weights, so training them apart loses nothing that training them together would keep.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_DOWN, Context, Decimal

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Intent, Scalar
from diagnose.facts.known import Known
from diagnose.facts.outlook.expectation import adapts_by_itself, rate_alone
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.domain import DomainExpert
from diagnose.rulebase.knowledge import Recipe
from diagnose.rulebase.rule import Applicability, ChangeOp, Meaning
from diagnose.trainers.declared import AUTOMAGIC, Config
from diagnose.verdict.judgement import Change
from diagnose.verdict.next.expected import THIS, disk_of, rates_side_by_side, with_disk
from diagnose.verdict.next.going_on import NAMES, names_of, renamed
from diagnose.verdict.next.next_config import ExpertConfig, NextConfig, Outlook
from diagnose.verdict.next.write_config import difference, revised, value_at, written

OWN_RATES = ("bump", "min", "max")
"""The settings of a rate that finds itself: `rate.bump` for both experts, `rate.bump.high` for one."""
ROUNDED_DOWN = Context(prec=3, rounding=ROUND_DOWN)
"""Three digits are enough for a rate; rounded up it would make the ratio smaller than was asked for."""


class Apart(Struct, frozen=True):
    """What two runs are made by: the experts, the first of which keeps the user's rate, and the rule that asks for it.

    `rules` is empty where no rule advises two runs; the user may ask for them all the same.
    """

    experts: tuple[DomainExpert, ...]
    rules: tuple[str, ...]
    claims: tuple[str, ...]

    @classmethod
    def of(cls, base: RuleBase) -> Apart:
        """Return what a rule base says of two runs."""
        advising = [rule for rule in base.rules_in_domain if Meaning.TWO_RUNS in rule.means]
        claims = tuple(dict.fromkeys(claim for rule in advising for claim in rule.claims))
        return cls(base.knowledge.domain.experts, tuple(rule.name for rule in advising), claims)

    def advised_by(self, changes: Sequence[Change]) -> bool:
        """Return whether two runs are among the changes that are asked for."""
        return any(not set(self.rules).isdisjoint(change.rules) for change in changes)


def ending(expert: str) -> str:
    """Return what the name of an expert's own run ends with."""
    return f"_{expert}"


def split_up(plan: NextConfig, known: Known, plans: Mapping[str, Sequence[Change]], base: RuleBase) -> NextConfig:
    """Return the plan with a config for each expert in place of the one for both.

    The changes of the plan are made first. Then each run gets half of the steps, which is what either expert gets of a
    run of both; the rates the strategy gives its expert; and a name of its own.

    Args:
        plan: the next run of both experts.
        known: the facts behind it.
        plans: the changes of every strategy, the plan's among them.
        base: has the strategies' recipes, the experts, and the rule that advises two runs.

    Raises:
        DiagnoseError: the config cannot be split; the text says why, and what to do.
    """
    config, apart = known.config, Apart.of(base)
    if config is None or plan.config is None:
        raise DiagnoseError(f"split: no next config to split: {plan.note}")
    _check(revised(config, plan.changes), known, apart)
    recipes = base.knowledge.recipes
    pairs = {name: _pair(config, changes, recipes[name], apart) for name, changes in plans.items()}
    later = [each.change.path for each in plan.later]
    pair = pairs[plan.strategy]
    disk = disk_of(known, [revised(config, changes) for changes in pair.values()])
    configs = []
    for expert, each in pair.items():
        own = with_disk(each, disk)
        text = written(config, own, later)
        name = next((str(change.new) for change in own if change.setting == NAMES[0]), None)
        configs.append(ExpertConfig(expert, name, own, text, difference(config, text)))
    rows = [row for row in plan.outlook if row.config == THIS]
    rows += [_outlook(config, name, pair, known, plan.lr_ratio_wanted) for name, pair in pairs.items()]
    return replace(
        plan,
        changes=tuple(change for change in plan.changes if not apart.advised_by([change])),
        config=None,
        diff=None,
        forecast=None,
        note="two configs take its place, one for each expert",
        outlook=tuple(rows),
        configs=tuple(configs),
        disk=disk,
    )


def _pair(config: Config, changes: Sequence[Change], recipe: Recipe, apart: Apart) -> dict[str, tuple[Change, ...]]:
    """Return all changes that lead from the user's config to each expert's, by the expert's name."""
    after = revised(config, changes)
    pair = {}
    for expert in apart.experts:
        own = {change.path: change for change in _own(after, expert, recipe, apart)}
        found = []
        for change in (*(each for each in changes if each.path and each.path not in own), *own.values()):
            old = value_at(config, change.path)
            if change.op is not ChangeOp.SET or type(old) is not type(change.new) or old != change.new:
                found.append(replace(change, old=old))
        pair[expert.name] = tuple(found)
    return pair


def _outlook(
    config: Config, name: str, pair: Mapping[str, Sequence[Change]], known: Known, wanted: tuple[float, float] | None
) -> Outlook:
    alone = {expert: revised(config, changes) for expert, changes in pair.items()}
    model, agreement = known.evidence.model, known.evidence.agreement
    rates = {expert: rate_alone(own, model, expert, agreement) for expert, own in alone.items()}
    first = next(iter(alone.values()))
    steps = first.number("steps")
    moving = steps is not None and first.optimizer == AUTOMAGIC
    return rates_side_by_side(name, int(steps.value) if steps is not None and moving else None, rates, wanted)


def _check(config: Config, known: Known, apart: Apart) -> None:
    """Refuse what the recipe does not reach."""
    rate = config.number("rate")
    if known.intent.intent is not Intent.MOTION:
        raise DiagnoseError("split: its rates are for motion; say that the intent is motion if it is")
    if not known.truth("config.is_wan22_14b"):
        raise DiagnoseError(f"split: {config.called('arch')} has no two experts to train apart")
    if known.evidence.model is not None and known.evidence.model.rates_per_expert:
        raise DiagnoseError("split: this trainer gives each expert its own rates in one run; leave the option out")
    if not config.trains_both:
        raise DiagnoseError(f"split: the config trains one expert alone already ({config.called('experts')})")
    if config.optimizer != AUTOMAGIC and adapts_by_itself(config.optimizer):
        text = "adapts its rates in a way that is not modelled; choose automagic or adamw8bit first"
        raise DiagnoseError(f"split: {config.optimizer} {text}")
    if config.optimizer != AUTOMAGIC and (rate is None or not rate.written or rate.value <= 0):
        key, title = config.called("rate"), apart.experts[0].title
        raise DiagnoseError(f"split: {key} is not written; write the rate for the {title} first")


def _own(config: Config, expert: DomainExpert, recipe: Recipe, apart: Apart) -> Iterator[Change]:
    """Yield what this expert's run has that the other's has not, or that a run of both does not need."""

    def put(setting: str, value: Scalar, why: str) -> Change:
        key = config.called(setting)
        rules, claims = apart.rules, apart.claims
        return Change(
            key, ChangeOp.SET, value_at(config, key), value, why, claims, Applicability.REVIEW, rules, setting=setting
        )

    for each in apart.experts:
        yield put(f"trains.{each.name}", each is expert, "either run trains one expert alone")
    first, ratio = apart.experts[0], recipe.values["lr_ratio"]
    if config.optimizer == AUTOMAGIC:
        for bound in OWN_RATES:
            why = "the strategy's value for the expert; one that trains alone takes the shared key"
            yield put(f"rate.{bound}", recipe.values[f"rate.{bound}.{expert.name}"], why)
    elif expert is not first:
        for name in ("rate", "rate.unet"):
            rate = config.finite(name)
            if rate is not None and rate.written:
                lower = float(ROUNDED_DOWN.divide(Decimal(repr(rate.value)), Decimal(repr(ratio))))
                yield put(name, lower, f"the {first.title} keeps your rate, {ratio} times this one")
    steps = config.finite("steps")
    if steps is not None:
        half = -(-int(steps.value) // 2)
        yield put("steps", half, "in a run of both experts either gets half of the steps")
    kind = recipe.values["timestep_type"]
    yield put("timestep_type", kind, "other samplings can leave the range of the expert that is trained")
    # two runs of one name would write into one folder, and resume from each other
    for name, value in names_of(config).items():
        why = "a name of its own keeps the runs' files apart"
        yield renamed(config, name, value, f"{value}{ending(expert.name)}", why)
