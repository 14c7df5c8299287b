"""Which saved checkpoints are of use: after a divergence, beside a finding that says none is, and to resume from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from diagnose.facts.known import Known
from diagnose.facts.weights.keep import Keep
from diagnose.rulebase.rule import Meaning
from diagnose.verdict.judgement import Finding
from diagnose.verdict.one_answer import KEEP, Agreed

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
