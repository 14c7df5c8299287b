"""What the next config should change: every wish of every firing, merged with one owner per key, and its cost.

Two rules of one mind share a key. Two of different minds are a conflict: neither is applied, the reader decides. A
change that makes a run longer, or its files more, is looked at before it is made.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Scalar
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


class Wish(Struct, frozen=True):
    """One change one firing asks for, resolved to a path and a value."""

    rule: Rule
    spec: ChangeSpec
    path: str
    setting: str | None
    because: str
    new: Scalar | None


def wishes(rule: Rule, firing: Firing, recipe: Recipe, keys: Keys) -> tuple[Wish, ...]:
    """Resolve a firing's changes: settings to the trainer's keys, recipe entries to the strategy's values.

    Left out are changes that need a value which the rule only shows and nobody knows, and those of a setting that the
    trainer has no key for.
    """
    values = firing.values
    unknown = shown_by_alias(rule).keys() - values.keys()
    found = []
    for spec in rule.changes:
        if not needed_by(spec).isdisjoint(unknown):
            continue
        key: str | None = ""
        setting: str | None = None
        if spec.setting:
            named, entry = (filled(text, rule, values, firing.subject) for text in (spec.setting, spec.entry))
            is_a_key = filled_by(spec.setting) is not None
            key, setting = (named, keys.name_of(named)) if is_a_key else (keys.key(named, entry), named)
        if key is None:
            continue
        new = spec.value
        if spec.recipe is not None:
            new = recipe.values[spec.recipe]
        elif spec.fact is not None:
            new = values[spec.fact].value
        found.append(Wish(rule, spec, key, setting, worded(spec.because, rule, values, firing.subject), new))
    return tuple(found)


def merge(all_wishes: Sequence[Wish], config: Config | None) -> tuple[tuple[Change, ...], tuple[Conflict, ...]]:
    """Return the changes that are to be made, in the order first wished, and the conflicts.

    A wish that the config already grants is dropped; without a config every wish counts.

    Raises:
        DiagnoseError: the path of a wish is none; it names the rule.
    """
    by_path: dict[str, list[Wish]] = {}
    for wish in all_wishes:
        by_path.setdefault(wish.path or f"({wish.because})", []).append(wish)
    changes: list[Change] = []
    conflicts: list[Conflict] = []
    for asked in by_path.values():
        # One that yields counts where no other rule speaks of the key; "there must be a value" says nothing of which.
        firm = [wish for wish in asked if not wish.spec.yields]
        binding = [wish for wish in firm if wish.spec.op is not ChangeOp.ENSURE]
        group = [w for w in asked if not w.spec.yields or not (firm if w.spec.op is ChangeOp.REMOVE else binding)]
        present, old = _current(config, group[0])
        open_wishes = [wish for wish in group if not _granted(wish, old, present=present)]
        if not open_wishes:
            continue
        if len({(wish.spec.op, wish.new) for wish in group if wish.spec.op is not ChangeOp.ENSURE}) > 1:
            conflicts.append(Conflict(group[0].path, tuple((w.rule.name, _words(w)) for w in group)))
        else:
            changes.append(with_its_cost(_change(open_wishes, old), config))
    return tuple(changes), tuple(conflicts)


def _current(config: Config | None, wish: Wish) -> tuple[bool, Scalar | None]:
    """Return whether the key is there, and its value if it is a single one."""
    if config is None or wish.spec.op is ChangeOp.ADVISE:
        return False, None
    try:
        found = config.raw.setting(wish.path)
    except DiagnoseError as error:
        raise DiagnoseError(f"rule {wish.rule.name}: {error}") from error
    value = found.value if found.written and isinstance(found.value, bool | int | float | str) else None
    # a rule that speaks of this very key as it is written asks even a null to go
    null_counts = wish.spec.op is ChangeOp.REMOVE and filled_by(wish.spec.setting) == SUBJECT
    return found.written if null_counts else found.given, value


def _granted(wish: Wish, old: Scalar | None, *, present: bool) -> bool:
    if wish.spec.op is ChangeOp.REMOVE:
        return not present
    if wish.spec.op is ChangeOp.ENSURE:
        return present
    return present and old == wish.new and isinstance(old, bool) == isinstance(wish.new, bool)


def _words(wish: Wish) -> str:
    return "remove the key" if wish.spec.op is ChangeOp.REMOVE else f"set it to {format_value(wish.new)}"


def _change(group: Sequence[Wish], old: Scalar | None) -> Change:
    first = group[0]
    claims = tuple(dict.fromkeys(claim for wish in group for claim in wish.rule.claims))
    rules = tuple(dict.fromkeys(wish.rule.name for wish in group))
    careful = max((wish.spec.applicability for wish in group), key=list(Applicability).index)
    spec = first.spec
    return Change(
        first.path, spec.op, old, first.new, first.because, claims, careful, rules, spec.states, first.setting
    )


def with_its_cost(change: Change, config: Config | None) -> Change:
    """Return the change to be looked at first, with its cost told, where it costs more than the config did."""
    setting = change.setting or ""
    what = _GROWS.get(setting) or _FALLS.get(setting)
    before = config.raw.finite(change.path) if config is not None else None
    if what is None or before is None or isinstance(change.new, bool) or not isinstance(change.new, int | float):
        return change
    less, more = (change.new, before.value) if setting in _FALLS else (before.value, change.new)
    if not 0 < less < more:
        return change
    factor = float(more) / float(less)
    times = f"{factor:.0f}" if factor >= _OFTEN else f"{factor:.1f}".removesuffix(".0")
    careful = Applicability.REVIEW if change.applicability is Applicability.SAFE else change.applicability
    return replace(change, because=f"{change.because}; {times} times {what}", applicability=careful)
