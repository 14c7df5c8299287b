"""The report's tables, read off the facts and the series behind them: the experts, their ratio, the checkpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from diagnose.facts.known import Known
from diagnose.facts.log.logged_rates import rates_at, ratio_of
from diagnose.facts.log.series import mean_agreement


class ExpertFigures(Struct, frozen=True):
    """One expert in figures; None where unknown. `window` says over which steps loss and stability were taken."""

    lr_first: float | None
    lr_last: float | None
    loss_mean: float | None
    loss_std: float | None
    batches: int | None
    gradient_stability: float | None
    window: str | None
    batches_total: int | None
    magnitude: float | None
    untrained_magnitude: float | None
    update_norm: float | None
    growth: float | None
    """Growth of the magnitude over the late window, as a fraction."""
    growth_window: str | None


class LrRatio(Struct, frozen=True):
    """High over low. Declared: of the bumps or rates as written; effective: as the trainer takes them."""

    declared: float | None
    effective: float | None
    observed_last: float | None
    observed_median: float | None

    @property
    def unknown(self) -> bool:
        """Whether neither config nor log tells of one."""
        return {self.declared, self.effective, self.observed_last, self.observed_median} == {None}


class CheckpointRow(Struct, frozen=True):
    """One saved step; magnitude, update norm and learning rate by the expert's name.

    Magnitude: mean absolute value over all LoRA tensors of the expert.
    """

    step: int | None
    final: bool
    magnitude: Mapping[str, float | None]
    weight_ratio: float | None
    update_norm: Mapping[str, float | None]
    lr: Mapping[str, float | None]
    lr_ratio: float | None
    files: tuple[str, ...]
    mark: str | None = None
    """Why the row matters, in two or three words; a marked row is always shown."""
    best: bool = False
    """Whether its weight ratio is the largest of the saves that compare the experts."""
    keep: bool | None = None
    """Whether it is among the checkpoints to keep; None where nothing tells them apart."""
    why: str = ""
    """What decided that."""


def expert_figures(known: Known, expert: str) -> ExpertFigures:
    """Return one expert's figures; loss and batches over the second half of its batches."""
    loss, growth = known.value("log.loss_mean", expert), known.value("weights.growth", expert)
    trajectory = known.evolution.trajectory
    return ExpertFigures(
        lr_first=known.number("log.lr_first", expert),
        lr_last=known.number("log.lr_last", expert),
        loss_mean=known.number("log.loss_mean", expert),
        loss_std=known.number("log.loss_std", expert),
        batches=loss.samples if loss is not None else None,
        gradient_stability=mean_agreement(known.evidence.series, expert) if known.evidence.series is not None else None,
        window=loss.note if loss is not None else None,
        batches_total=known.count("log.batches", expert),
        magnitude=known.number("weights.magnitude", expert),
        untrained_magnitude=known.number("weights.untrained", expert),
        update_norm=known.number("weights.update_norm", expert),
        growth=trajectory.growth.get(expert) if trajectory is not None else None,
        growth_window=growth.note if growth is not None else None,
    )


def lr_ratio(known: Known) -> LrRatio:
    """Return the ratio of the learning rates high/low as declared, as taken and as seen."""
    return LrRatio(
        declared=known.number("effective.lr_ratio_declared"),
        effective=known.number("effective.lr_ratio"),
        observed_last=known.number("log.lr_ratio_last"),
        observed_median=known.number("log.lr_ratio_median"),
    )


def checkpoint_rows(known: Known, experts: Sequence[str]) -> tuple[CheckpointRow, ...]:
    """Return one row per saved step, with the learning rates of the experts logged at that step."""
    best, late = (known.count(name) for name in ("weights.ratio_best_step", "weights.late_from"))
    marks = {late: "late window begins", best: "largest ratio"}  # the latter wins where the two meet
    rows = []
    for pair in known.evidence.pairs:
        saved = {expert.value: own for expert, own in pair.experts.items()}
        rates = rates_at(known.evidence.series, pair.step) if known.evidence.series is not None else {}
        keep, why = _kept(known, pair.step)
        row = CheckpointRow(
            step=pair.step,
            final=pair.final,
            magnitude={each: saved[each].magnitude if each in saved else None for each in experts},
            weight_ratio=pair.ratio,
            update_norm={each: saved[each].update_norm if each in saved else None for each in experts},
            lr={each: rates.get(each) for each in experts},
            lr_ratio=ratio_of(rates),
            files=pair.files,
            mark=marks.get(pair.step),
            best=pair.step == best,
            keep=keep,
            why=why,
        )
        rows.append(row)
    return tuple(rows)


def _kept(known: Known, step: int) -> tuple[bool | None, str]:
    """Say whether a step is to be kept, and what decided it."""
    choice = known.evolution.keep
    against = dict(choice.against).get(step) if choice is not None else None
    if against is not None:
        return False, f"left out by: {against}"
    if choice is None or not choice.steps:
        return None, "nothing known prefers it to another"
    return True, "equal to the best by all criteria"
