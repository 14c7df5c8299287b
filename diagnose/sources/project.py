"""`diagnose.yaml`, the small file beside a config in which a user says once what the command line would say each time.

It may declare the intent, the trainer, the words for the motion, where the data set lies, thresholds, and rules to
ignore with the reason. Strict: a key or value it does not know is an error with its line, for a misspelt intent would
turn the advice round.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from diagnose.core.paths import is_regular
from diagnose.core.values import Intent, Place

NAME = "diagnose.yaml"


class Project(Struct, frozen=True):
    """What a project file declares; None or empty where it says nothing.

    `dataset` is relative to the file's own folder. `places` maps "intent", "parameters.NAME", ... to its line.
    """

    path: Path
    intent: Intent | None
    trainer: str | None
    motion_words: tuple[str, ...]
    dataset: Path | None
    parameters: Mapping[str, str]
    ignore: Mapping[str, str]
    """Why each of these rules is ignored, by its id or name."""
    places: Mapping[str, Place]


def project_path(folders: Iterable[Path]) -> Path | None:
    """Return the project file of the first folder that has one.

    Raises:
        DiagnoseError: a folder may not be searched.
    """
    return next((folder / NAME for folder in folders if is_regular(folder / NAME)), None)
