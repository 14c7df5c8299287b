"""First things first: what the next run changes now, and what waits until it has run.

What broke a run is put right alone. Were other settings changed with it, nobody could tell what helped. The config
that is written names what waits in a comment, so that a pre-flight of it does not ask for it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from diagnose.core.values import Severity
from diagnose.engine.inference import Firing
from diagnose.rulebase.fact_declarations import FactDeclaration
from diagnose.rulebase.rule import ChangeOp, Meaning, Rule
from diagnose.trainers.declared import Config
from diagnose.verdict.build_findings import Derivations, grade, meanings
from diagnose.verdict.judgement import Change
from diagnose.verdict.next.expected import SAVES
from diagnose.verdict.next.next_config import Later
from diagnose.verdict.next.write_config import waiting_in
from diagnose.verdict.stories import explained

ONE_AT_A_TIME = "first see that the next run works; after more than one change you cannot tell what helped"
AS_NOTED = "a comment in the config says to change it only after this run"
NO_ROOM = "the disk was full: no more saves are kept before there is room"


class Triage(Struct, frozen=True):
    """The firings whose wishes count, gravest first. `broke`: only those that answer a blocker are granted now."""

    firings: tuple[Firing, ...]
    now: frozenset[str]
    """Names of the rules whose wishes are granted now."""
    broke: bool
    disk_full: bool
    settled: frozenset[str]
    """Ids of the rules that answer a finding whose cause has an answer of its own, or are that finding: their advice
    that yields is not given."""


def triage(rules: Mapping[str, Rule], firings: Sequence[Firing], declarations: Mapping[str, FactDeclaration]) -> Triage:
    """Order the firings by the gravest finding that each answers; the order of inference decides among equals."""
    proof = Derivations(rules, firings)
    chains = [(firing, (rules[firing.rule], *proof.premises(firing))) for firing in firings]
    lightest = Severity.GOOD.rank
    ranks: dict[str, int] = {}
    for firing in firings:
        if rules[firing.rule].severity is not None:
            rank = grade(rules[firing.rule], firing, declarations)[0].rank
            ranks[firing.rule] = min(rank, ranks.get(firing.rule, rank))

    def gravity(chain: Sequence[Rule]) -> int:
        return min(ranks.get(rule.id, lightest) for rule in chain)

    urgent = {
        chain[0].name
        for _, chain in chains
        if gravity(chain) <= Severity.BLOCKER.rank or Meaning.GOES_FIRST in chain[0].means
    }
    answered = {each.name for _, chain in chains if chain[0].changes for each in chain}
    causes = [rule for _, (rule, *_) in chains if rule.severity and rule.name in answered]
    explains = explained(rules, firings)
    effects = {name for rule in causes for name in explains[rule.name]}
    meant = meanings(rules, firings)
    return Triage(
        tuple(firing for firing, _ in sorted(chains, key=lambda each: gravity(each[1]))),
        frozenset(urgent),
        broke=Meaning.RUN_BROKE in meant,
        disk_full=Meaning.NO_ROOM in meant,
        settled=frozenset(
            rule.id
            for _, (rule, *rests_on) in chains
            if any(each.name in effects for each in ((rule,) if rule.severity else rests_on))
        ),
    )


def later_of(
    changes: Sequence[Change], found: Triage, config: Config | None, *, was_run: bool, split: bool
) -> tuple[Later, ...]:
    """Return the changes that wait, each with the reason.

    Args:
        changes: all that are wished for.
        found: what the run behind the config came to.
        config: the config that is to be changed.
        was_run: a run was made with the config. One that was written for a later run names what waits itself.
        split: two runs are asked for, and two rates are what they are for: what broke the run does not put them off.
    """
    if config is None:
        return ()
    if not was_run:
        noted = waiting_in(config.reading.text)
        return tuple(Later(change, AS_NOTED) for change in changes if change.path in noted)
    held = []
    for change in changes:
        if found.broke and not split and found.now.isdisjoint(change.rules):
            held.append(Later(change, ONE_AT_A_TIME))
        elif found.disk_full and _takes_more(change, config):
            held.append(Later(change, NO_ROOM))
    return tuple(held)


def _takes_more(change: Change, config: Config) -> bool:
    """Return whether a change leaves more saves on the disk than the run that filled it."""
    if change.setting not in SAVES or change.op is ChangeOp.REMOVE or not isinstance(change.new, int | float):
        return False
    before = config.raw.finite(change.path)
    if before is None:
        return True
    return bool(change.new > before.value if change.setting == "saves_kept" else change.new < before.value)
