"""What the next config should change: every wish of every firing, merged with one owner per key, and its cost.

Two rules of one mind share a key. Two of different minds are a conflict: neither is applied, the reader decides. A
change that makes a run longer, or its files more, is looked at before it is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diagnose.core.errors import DiagnoseError
from diagnose.core.frozen import dataclass, replace
from diagnose.core.values import Fact, Scalar
from diagnose.engine.inference import Firing
from diagnose.rulebase.knowledge import Recipe
from diagnose.rulebase.message import SUBJECT, filled, filled_by, format_value, worded
from diagnose.rulebase.rule import Applicability, ChangeOp, ChangeSpec, Rule
from diagnose.rulebase.walk import needed_by, shown_by_alias
from diagnose.trainers.declared import Config, Keys
from diagnose.verdict.judgement import Change, Conflict

_GROWS = {
    **dict.fromkeys(("steps", "batch_size", "accumulation", "accumulation.legacy", "clip.frames"), "as long"),
    "preview.frames": "as long for every preview",
    "saves_kept": "as many saves on the disk",
}
_FALLS = {"sample_every": "as many previews"}
"""What of a setting grows with it, and what falls as it grows."""
_OFTEN = 10
"""From this factor on no digits are shown behind the point."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One change one firing asks for, resolved to a path and a value."""

    rule: Rule
    spec: ChangeSpec
    path: str
    setting: str | None
    because: str
    new: Scalar | None

    @property
    def removes(self) -> bool:
        """Whether the key shall go."""
        return self.spec.op is ChangeOp.REMOVE

    @property
    def is_advice(self) -> bool:
        """Whether it is something for the user to do, and no key."""
        return self.spec.op is ChangeOp.ADVISE

    @property
    def is_about_its_key(self) -> bool:
        """Whether the rule speaks of this very key as it is written, so that even a null there is to go."""
        return filled_by(self.spec.setting) == SUBJECT


def wishes(rule: Rule, firing: Firing, recipe: Recipe, keys: Keys) -> tuple[Wish, ...]:
    """Resolve a firing's changes: settings to the trainer's keys, recipe entries to the strategy's values.

    A change that needs a value which the rule only shows is not asked for where the value is unknown, nor one of a
    setting that the trainer has no key for.
    """
    values = firing.values
    found = []
    for spec in rule.changes:
        if not needed_by(spec).isdisjoint(shown_by_alias(rule).keys() - values.keys()):
            continue
        key, setting = _key(rule, spec, firing, keys)
        if key is None:
            continue
        because = worded(spec.because, rule, values, firing.subject)
        found.append(Wish(rule, spec, key, setting, because, _value(spec, values, recipe)))
    return tuple(found)


def _key(rule: Rule, spec: ChangeSpec, firing: Firing, keys: Keys) -> tuple[str | None, str | None]:
    """Return the key that a change is about, "" for advice and None where the trainer has none; and its setting."""
    if not spec.setting:
        return "", None
    setting, entry = (filled(text, rule, firing.values, firing.subject) for text in (spec.setting, spec.entry))
    if filled_by(spec.setting) is not None:
        return setting, keys.name_of(setting)
    return keys.key(setting, entry), setting


def _value(spec: ChangeSpec, bound: Mapping[str, Fact], recipe: Recipe) -> Scalar | None:
    if spec.recipe is not None:
        return recipe.values[spec.recipe]
    if spec.fact is not None:
        return bound[spec.fact].value
    return spec.value


def merge(all_wishes: Sequence[Wish], config: Config | None) -> tuple[tuple[Change, ...], tuple[Conflict, ...]]:
    """Return the changes that are to be made, in the order first wished, and the conflicts.

    A wish that the config already grants is dropped; without a config every wish stands.

    Raises:
        DiagnoseError: the path of a wish is none; it names the rule.
    """
    by_path: dict[str, list[Wish]] = {}
    for wish in all_wishes:
        by_path.setdefault(wish.path or f"({wish.because})", []).append(wish)
    changes: list[Change] = []
    conflicts: list[Conflict] = []
    for asked in by_path.values():
        group = _standing(asked)
        first = group[0]
        if first.is_advice:
            changes.append(_change(group, None, None))
            continue
        present, old = _current(config, first)
        open_wishes = [wish for wish in group if not _granted(wish, old, present=present)]
        if not open_wishes:
            continue
        if len({(wish.removes, wish.new) for wish in group if wish.spec.op is not ChangeOp.ENSURE}) > 1:
            conflicts.append(Conflict(first.path, tuple((w.rule.name, _words(w)) for w in group)))
        else:
            changes.append(with_its_cost(_change(open_wishes, old, open_wishes[0].new), config))
    return tuple(changes), tuple(conflicts)


def _standing(group: list[Wish]) -> list[Wish]:
    """Return the wishes that count: one that yields stands where no other rule speaks of the key.

    To put a value right is no hindrance to a rule that only wants the key to be there.
    """
    firm = [wish for wish in group if not wish.spec.yields]
    binding = [wish for wish in firm if wish.spec.op is not ChangeOp.ENSURE]
    return [wish for wish in group if not wish.spec.yields or not (firm if wish.removes else binding)]


def _granted(wish: Wish, old: Scalar | None, *, present: bool) -> bool:
    if wish.removes:
        return not present
    if wish.spec.op is ChangeOp.ENSURE:
        return present
    return present and old == wish.new and isinstance(old, bool) == isinstance(wish.new, bool)


def _current(config: Config | None, wish: Wish) -> tuple[bool, Scalar | None]:
    if config is None:
        return False, None
    try:
        found = config.raw.setting(wish.path)
    except DiagnoseError as error:
        raise DiagnoseError(f"rule {wish.rule.name}: {error}") from error
    value = found.value if found.written and isinstance(found.value, bool | int | float | str) else None
    there = found.written if wish.removes and wish.is_about_its_key else found.given
    return there, value


def _words(wish: Wish) -> str:
    return "remove the key" if wish.removes else f"set it to {format_value(wish.new)}"


def _change(group: Sequence[Wish], old: Scalar | None, new: Scalar | None) -> Change:
    first = group[0]
    spec = first.spec
    claims = tuple(dict.fromkeys(claim for wish in group for claim in wish.rule.claims))
    rules = tuple(dict.fromkeys(wish.rule.name for wish in group))
    order = list(Applicability)
    careful = max((wish.spec.applicability for wish in group), key=order.index)
    return Change(first.path, spec.op, old, new, first.because, claims, careful, rules, spec.states, first.setting)


def with_its_cost(change: Change, config: Config | None) -> Change:
    """Return the change to be looked at first, with its cost told, where it costs more than the config did."""
    setting = change.setting or ""
    what = _GROWS.get(setting) or _FALLS.get(setting)
    before = config.raw.finite(change.path) if config is not None else None
    if what is None or before is None or isinstance(change.new, bool) or not isinstance(change.new, int | float):
        return change
    old, new = float(before.value), float(change.new)
    if min(old, new) <= 0:
        return change
    factor = old / new if setting in _FALLS else new / old
    if factor <= 1:
        return change
    times = f"{factor:.0f}" if factor >= _OFTEN else f"{factor:.1f}".removesuffix(".0")
    careful = Applicability.REVIEW if change.applicability is Applicability.SAFE else change.applicability
    return replace(change, because=f"{change.because}; {times} times {what}", applicability=careful)
