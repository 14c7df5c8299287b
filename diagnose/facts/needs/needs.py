"""What a run needs, for the settings as they are: room on the disk, the GPU's memory, the main memory."""

from __future__ import annotations

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
        fresh = evidence.trained is None or not evidence.trained[0]
        record_memory(config, network, _machine(evidence.asked.machine, record), record, fresh=fresh)
        record_relief(config, network, record)


def _machine(said: Machine, record: Recorder) -> Machine:
    """Return the machine that the user names, with the GPU that an out-of-memory error gives where none is named."""
    card = record.number("crash.card")
    return Machine(float(round(card)), said.main) if said.gpu is None and card is not None and card >= 1 else said
