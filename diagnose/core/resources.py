"""Where the rules and the knowledge lie: inside the wheel, or beside the package in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from diagnose.core.errors import DiagnoseError

PACKAGE = Path(__file__).resolve().parents[1]


@cache
def data_root() -> Path:
    """Return the folder that holds `rules/` and `knowledge/`.

    An installed wheel carries them in `diagnose/_data`; an editable checkout has them beside the package.

    Raises:
        DiagnoseError: neither place has them, so the installation is broken.
    """
    for root in (PACKAGE / "_data", PACKAGE.parent):
        if (root / "rules").is_dir() and (root / "knowledge").is_dir():
            return root
    raise DiagnoseError(
        f"{PACKAGE / '_data'}: no rules and no knowledge here nor in {PACKAGE.parent}; reinstall the package"
    )


def rules_dir() -> Path:
    """Return the folder of the rule files."""
    return data_root() / "rules"


def knowledge_dir() -> Path:
    """Return the folder of the knowledge: document, claims, facts, parameters, recipes, trainers."""
    return data_root() / "knowledge"
