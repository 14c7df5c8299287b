"""Small configs, logs and measurements, built by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml
from knowledge_files import load_knowledge
from msgspec.structs import replace
from trainer_names import RELAXIS

from diagnose.core.paths import knowledge_dir
from diagnose.core.values import Fact, Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.recorder import Recorder
from diagnose.facts.targets import Targets
from diagnose.rulebase.descriptions import read_descriptions
from diagnose.sources.log_readings import ConsoleReading, LogReading, Sign
from diagnose.sources.log_rows import LogRow
from diagnose.sources.readings import CheckpointFile, ConfigReading, RunReadings
from diagnose.sources.row_writer import rows_of
from diagnose.trainers.aitoolkit import loss_database, metrics_log
from diagnose.trainers.aitoolkit.answers import AiToolkit
from diagnose.trainers.aitoolkit.config_file import read_config
from diagnose.trainers.aitoolkit.console.transcript import ABILITIES
from diagnose.trainers.declared import Config
from diagnose.trainers.rooms import trainer_models

KNOWLEDGE = replace(load_knowledge(knowledge_dir()), trainers=read_descriptions(knowledge_dir()))
DECLARATIONS = KNOWLEDGE.facts
TARGETS = Targets.of(KNOWLEDGE.parameters)
CONSOLE = ABILITIES
"""What a console can tell."""
MODELS = trainer_models(KNOWLEDGE.trainers)
TRAINERS = {name: each for name, each in MODELS.items() if isinstance(each, AiToolkit)}


def config_of(folder: Path, trainer: str = RELAXIS, **sections: Any) -> Config:
    """Build a config from the sections of a process entry, seen through one trainer."""
    return Config(reading(folder, **sections), TRAINERS[trainer])


def reading(folder: Path, **sections: Any) -> ConfigReading:
    process = {"type": "diffusion_trainer", **sections}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "job", "process": [process]}}))
    return read_config(path)


def model(trainer: str = RELAXIS) -> AiToolkit:
    return TRAINERS[trainer]


def readings(
    *,
    config: ConfigReading | None = None,
    metrics: Sequence[LogRow] | None = None,
    loss_db: Sequence[LogRow] | None = None,
    console: ConsoleReading | None = None,
    checkpoints: Sequence[CheckpointFile] = (),
) -> RunReadings:
    given = (("metrics_job.jsonl", metrics_log, metrics), ("loss_log.db", loss_database, loss_db))
    logs = [LogReading(file, module.ABILITIES, rows_of(file, rows)) for file, module, rows in given if rows is not None]
    logs = [replace(log, job="job") if log.file.startswith("metrics") else log for log in logs]
    signs = [
        Sign(sign[0], sign[1], Place(file))
        for file, module, rows in given
        if rows is not None and (sign := module.READERS[0].sign) is not None
    ]
    return RunReadings(
        path=Path("run"),
        name="job",
        config=config,
        logs=(*logs, console.log) if console is not None else tuple(logs),
        console=console,
        checkpoints=tuple(checkpoints),
        file_signs=tuple(signs),
    )


def log_of(read: RunReadings, ending: str) -> LogReading | None:
    """Return the log whose file has this ending."""
    return next((log for log in read.logs if log.file.endswith(ending)), None)


def alternating(steps: int, block: int, row: Callable[[int, Expert], LogRow]) -> list[LogRow]:
    """Rows of a run that trains the experts in blocks, high-noise first."""
    return [row(step, Expert.LOW if step // block % 2 else Expert.HIGH) for step in range(steps)]


def recorder() -> Recorder:
    return Recorder(DECLARATIONS)


def facts_of(record: Recorder) -> dict[tuple[str, str], Fact]:
    return {fact.key: fact for fact in record.facts()}


def value(record: Recorder, name: str, subject: str = "run") -> Any:
    return facts_of(record)[name, subject].value
