"""The report: what the verdict hands to every view. JSON is this value, key by key (see `report/json.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Remark, Severity
from diagnose.facts.outlook.forecast import Forecast
from diagnose.facts.weights.evolution import Evolution
from diagnose.facts.weights.keep import Keep
from diagnose.facts.weights.trajectory import Trajectory
from diagnose.rulebase.knowledge import PlanItem
from diagnose.rulebase.rule import Param
from diagnose.verdict.card import Card
from diagnose.verdict.curves import Curves
from diagnose.verdict.ignored import Ignored
from diagnose.verdict.judgement import Finding, NotEvaluated, Passed, Supposition, TraceStep
from diagnose.verdict.motion import MotionTable
from diagnose.verdict.needs import Needs
from diagnose.verdict.next.next_config import NextConfig
from diagnose.verdict.one_answer import Unsaid
from diagnose.verdict.run_summary import RunSummary
from diagnose.verdict.run_tables import CheckpointRow, ExpertFigures, LrRatio
from diagnose.verdict.settings_in_effect import EffectiveSetting
from diagnose.verdict.stories import Story, Verdict, stories
from diagnose.verdict.ticked_items import ChecklistItem

SCHEMA = "diagnose/report/1"


class Tool(Struct, frozen=True):
    """What produced the report. `rulebase` is the sha256 over rules and knowledge."""

    version: str
    rulebase: str
    engine: str
    engine_note: str


class FilmStrip(Struct, frozen=True):
    """Some pictures of one preview side by side, from where it moves most: a JPEG in base64.

    `step` and `prompt` None: a training clip.
    """

    step: int | None
    prompt: int | None
    file: str
    picture: str


class Report(Struct, frozen=True):
    """Everything the tool has to say about one run."""

    tool: Tool
    run: RunSummary
    verdict: Verdict
    experts: tuple[tuple[str, ExpertFigures], ...]
    lr_ratio: LrRatio
    checkpoints: tuple[CheckpointRow, ...]
    findings: tuple[Finding, ...]
    passed: tuple[Passed, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    effective: tuple[EffectiveSetting, ...]
    forecast: Forecast | None
    next: NextConfig
    needs: Needs
    """What a run with this config takes of disk and memory, and how often it sees the data."""
    parameters: tuple[Param, ...]
    """The thresholds this report used, overridden ones first."""
    unread: tuple[Remark, ...]
    """What could not be read or had to be repaired."""
    trace: tuple[TraceStep, ...]
    checklist: tuple[ChecklistItem, ...] = ()
    """The pre-flight checklist; empty for a run that has been started."""
    evolution: Evolution | None = None
    """What became of the weights; None before a run."""
    plan: tuple[PlanItem, ...] = ()
    """What to watch while the next run trains; empty where the intent is not motion."""
    lr_shared_last: float | None = None
    """The last rate of a log that has one for both experts, mixed over them."""
    suppositions: tuple[Supposition, ...] = ()
    """What hangs on the intent; empty where it is known."""
    unsaid: tuple[Unsaid, ...] = ()
    """What was left out because it would contradict what is said."""
    ignored: tuple[Ignored, ...] = ()
    """The findings that the user has us ignore, with the reasons."""
    titles: Mapping[str, str] = {}
    """The experts' names, in the order of the tables, each with what it is called in a sentence."""
    card: Card | None = None
    """How to use what was saved; None before a run, for another model, and without a save."""
    motion: MotionTable | None = None
    """The motion in the previews; None before a run and where none was measured: the JSON then has no such key."""
    curves: Curves = Curves()
    """What the figures of the page draw; the JSON report leaves it out."""
    film: tuple[FilmStrip, ...] = ()
    """The previews in pictures, where they were asked for; the JSON report leaves them out."""
    glossary: Mapping[str, str] = {}
    """What the terms of the page mean, by the term; the JSON report leaves it out."""

    @property
    def stories(self) -> tuple[Story, ...]:
        """The findings by what they tell, the story to read first in front: its head, then what belongs to it."""
        return stories(self.findings)

    @property
    def keep(self) -> Keep | None:
        """Which saves to keep; None before a run and without a measured save."""
        return self.evolution.keep if self.evolution is not None else None

    @property
    def trajectory(self) -> Trajectory | None:
        """How the weights moved; None before a run and where too few saves tell."""
        return self.evolution.trajectory if self.evolution is not None else None

    def to(self, form: str, *, width: int = 100, full: bool = False) -> str:
        """Return the report as text: "markdown", "html", "json", "terminal", "sarif"; `full` leaves nothing out.

            print(report.to("terminal"))

        Raises:
            DiagnoseError: there is no such format.
        """
        return _view().render(self, form, width=width, full=full)

    def save(self, path: Path | str, form: str | None = None) -> None:
        """Write the report to a file, in a format or in the one that the file's ending names.

            report.save("report.html")

        Raises:
            DiagnoseError: the ending names no format, the file lies in the run's folder, or it cannot be written.
        """
        _view().save(self, Path(path), form)

    def __repr__(self) -> str:
        """Return the report in a line, for a prompt: its parts are long."""
        grave = Counter(finding.severity.value for finding in self.findings if finding.severity is not Severity.GOOD)
        found = ", ".join(f"{grave[each.value]} {each.value}" for each in Severity if grave[each.value])
        return f"<Report {self.run.name!a}: {self.verdict.status.value}{f', {found}' if found else ''}>"

    __str__ = __repr__

    def _repr_markdown_(self) -> str:
        return self.to("markdown")

    def _repr_html_(self) -> str:
        """Return the page in a frame of its own, so that its styles stay out of a notebook's."""
        from html import escape  # noqa: PLC0415 - loads every entity of HTML; only a notebook needs it

        page = escape(self.to("html"), quote=True)
        return f'<iframe srcdoc="{page}" sandbox="allow-scripts" style="width:100%;height:42em;border:0"></iframe>'


class Views(Protocol):
    """What shows reports. It is handed in from above: nothing here knows a view."""

    def render(self, report: Report, form: str, *, width: int, full: bool) -> str:
        """Return a report as text."""

    def save(self, report: Report, path: Path, form: str | None) -> None:
        """Write a report to a file."""


_views: list[Views] = []


def show_with(views: Views) -> None:
    """Have reports shown by these."""
    _views[:] = [views]


def _view() -> Views:
    if not _views:
        raise DiagnoseError("no views are loaded; import diagnose.api first")
    return _views[0]
