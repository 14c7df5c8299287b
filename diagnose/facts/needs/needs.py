"""What a run needs, for the settings as they are: room on the disk, the GPU's memory, the main memory."""

from __future__ import annotations

from msgspec.structs import replace

from diagnose.facts.evidence import Evidence
from diagnose.facts.needs.disk import record_disk
from diagnose.facts.needs.memory import record_memory
from diagnose.facts.needs.relief import record_relief
from diagnose.facts.recorder import Recorder
from diagnose.facts.targets import Machine


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the facts about what the run needs, the disk first."""
    config, network = evidence.config, evidence.asked.yardstick.network
    record_disk(evidence, config, record)
    if config is not None and network is not None:
        machine = _machine(evidence.asked.machine, record)
        record_memory(config, network, machine, record)
        _record_holds(evidence, machine, record)
        record_relief(config, network, record)


def _record_holds(evidence: Evidence, machine: Machine, record: Recorder) -> None:
    """Record `machine.holds`: what a run carried fits, whatever was said of the GPU."""
    taken = record.number("needs.without_checkpointing")
    if taken is not None:
        trained = evidence.trained is not None and evidence.trained[0] > 0
        room = machine.gpu if machine.gpu is not None else evidence.targets.largest_card
        record.known("machine.holds", max(room, machine.carried, taken if trained else 0.0))


def _machine(said: Machine, record: Recorder) -> Machine:
    """Return the machine that the user names, with the GPU that an out-of-memory error gives where none is named."""
    card = record.number("crash.card")
    return replace(said, gpu=float(round(card))) if said.gpu is None and card is not None and card >= 1 else said
