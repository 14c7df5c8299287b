"""What becomes of a run's logs: whether a rate and a loss will be there to read, and what ends in an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diagnose.core.values import Place
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.declared import AUTOMAGIC, Config


def logs(trainer: AiToolkitModel, config: Config) -> Mapping[str, tuple[bool, Sequence[Place]]]:
    """Return what becomes of the logs; a folder for them may be named for all jobs of a file as well."""
    log_dir, shared = config.setting("log.folder"), config.setting("log.folder.shared").value
    log = log_dir.value or (shared if isinstance(shared, str) else None)
    every, steps = config.finite("log_every"), config.finite("steps")
    adapts = config.optimizer == AUTOMAGIC
    if every is None or steps is None:
        return {}
    if trainer.per_expert.supported:
        groups = adapts and config.trains_both and config.is_wan22_14b
        return {
            "tensorboard_crashes": (bool(log and groups and every.value), [log_dir.place]),
            "metrics_written": (config.trains_both or not adapts, [config.place("optimizer")]),
        }
    sinks = [config.flag(name, default=False) for name in ("log.database", "log.wandb")]
    written = any(sink.value for sink in sinks) or bool(log)
    place = next((each.place for each in sinks if each.written), config.place("logging"))
    return {"losses_logged": (bool(written and 0 < every.value <= steps.value), [place, every.place])}
