"""The trainings of a run: ai-toolkit trains both experts in one, other trainers one expert each, in a run of its own.

Config, log, ending and steps are of one training; what compares the experts is of the pair.
"""

from __future__ import annotations

from msgspec import Struct

from diagnose.core.values import RUN
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence


class Training(Struct, frozen=True):
    """One training; None where it is not known.

    Attributes:
        experts: the names of the experts it trains; empty where nothing tells.
        trainer: its trainer's name.
        path: the folder of the run, or the config.
        steps_trained, steps_configured: in optimizer steps.
        ended: how it ended, in a few words.
    """

    experts: tuple[str, ...]
    trainer: str | None
    path: str
    steps_trained: int | None
    steps_configured: int | None
    ended: str

    @property
    def subject(self) -> str:
        """What facts about it have as their subject, where it is one of several: the expert that it trains."""
        return self.experts[0] if len(self.experts) == 1 else RUN


def experts_trained(evidence: Evidence) -> tuple[str, ...]:
    """Return the experts that a run trains: as its config says, else as its checkpoints and its log show."""
    config = evidence.config
    if config is not None:
        trained = [expert for expert in Expert if config.trains(expert).value]
        return tuple(expert.value for expert in trained) if config.may_have_two_experts else ()
    saved = {name for checkpoint in evidence.readings.checkpoints for name in checkpoint.experts}
    logged = {row.expert for row in evidence.series.rows if row.expert} if evidence.series is not None else set()
    return tuple(expert.value for expert in Expert if expert.value in saved | logged)
