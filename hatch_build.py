"""The build's hook: the wheel carries our rule base checked, as one JSON file beside the files it was made of.

So an installed command neither parses nor checks them (`diagnose.rulebase.base`). A rule base with faults builds no
wheel. A build from an editable checkout needs none of it: the files there may change.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShippedRuleBase(BuildHookInterface[Any]):
    """Adds the checked rule base to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the rule base where the builder takes it from; hatchling calls this before it packs."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from diagnose.rulebase.base import SHIPPED, shipped_text  # noqa: PLC0415 - from the tree that is built

        self._folder = TemporaryDirectory()
        path = Path(self._folder.name, SHIPPED)
        path.write_bytes(shipped_text(Path(self.root)))
        build_data["force_include"][str(path)] = f"diagnose/_data/{SHIPPED}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove what was written; hatchling calls this when the wheel is there."""
        if version != "editable":
            self._folder.cleanup()
