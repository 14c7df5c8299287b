"""The report: what the verdict hands to every view. JSON is this value, key by key (see `report/json.py`)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from diagnose.core.values import Remark
from diagnose.facts.outlook.forecast import Forecast
from diagnose.facts.weights.evolution import Evolution
from diagnose.rulebase.knowledge import PlanItem
from diagnose.rulebase.rule import Param
from diagnose.verdict.card import Card
from diagnose.verdict.curves import Curves
from diagnose.verdict.judgement import Finding, NotEvaluated, Passed, Supposition, TraceStep
from diagnose.verdict.next.next_config import NextConfig
from diagnose.verdict.one_answer import Unsaid
from diagnose.verdict.run_summary import RunSummary
from diagnose.verdict.run_tables import CheckpointRow, ExpertFigures, LrRatio
from diagnose.verdict.settings_in_effect import EffectiveSetting
from diagnose.verdict.stories import Verdict
from diagnose.verdict.ticked_items import ChecklistItem

SCHEMA = "diagnose/report/1"


class Tool(Struct, frozen=True):
    """What produced the report. `rulebase` is the sha256 over rules and knowledge."""

    version: str
    rulebase: str
    engine: str
    engine_note: str


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
    titles: Mapping[str, str] = {}
    """The experts' names, in the order of the tables, each with what it is called in a sentence."""
    card: Card | None = None
    """How to use what was saved; None before a run, for another model, and without a save."""
    curves: Curves = Curves()
    """What the figures of the page draw; the JSON report leaves it out."""
