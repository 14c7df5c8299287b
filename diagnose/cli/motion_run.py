"""The motion in the previews of a run by themselves: a table of the steps, or every preview for another program."""

from __future__ import annotations

import json
from pathlib import Path

from diagnose.cli.output import deliver, deliver_blocks
from diagnose.cli.progress import working
from diagnose.core.errors import DiagnoseError
from diagnose.inputs import facts_of, run_inputs
from diagnose.report.motion_rows import as_csv
from diagnose.report.sections.motion import of_previews
from diagnose.report.views.json import document
from diagnose.settings import Settings
from diagnose.verdict.motion import motion_of
from diagnose.weights.measurement import RunWeights

SCHEMA = "diagnose/motion/1"


def show_run(folder: Path, form: str, dataset: Path | None) -> None:
    """Print the motion in a run's previews: "terminal", "markdown", "json" or "csv".

    Raises:
        DiagnoseError: there is no run here, or it has no previews.
    """
    with working("measuring the previews"):
        settings = Settings(dataset=dataset, command_line=True)
        inputs = run_inputs(folder, settings, measure=lambda _: RunWeights())
        found = motion_of(facts_of(inputs))
    if found is None:
        raise DiagnoseError(f"{folder}: no previews to measure; they are looked for in {folder / 'samples'}")
    if form == "csv":
        deliver(as_csv(found), form, None)
    elif form == "json":
        deliver(json.dumps(document(SCHEMA, found), indent=2, allow_nan=False), form, None)
    else:
        deliver_blocks([of_previews(found, inputs.base.knowledge.domain.titles)], form, None)
