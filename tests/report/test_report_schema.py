"""The schema of the JSON report: as shipped, true of real reports, and with nothing in them that it does not name."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from labelled_runs import RUNS, Labelled, judged
from report_schema import report_schema

import diagnose.report
from diagnose import Report, preflight
from diagnose.report.formats import render

SHIPPED = Path(diagnose.report.__file__).parent / "report.schema.json"


def strict(schema: Any) -> Any:
    """Return the schema without room for keys that it does not name."""
    if isinstance(schema, dict):
        closed = {"additionalProperties": False} if "properties" in schema and schema.get("type") == "object" else {}
        return {key: strict(each) for key, each in schema.items()} | closed
    return [strict(each) for each in schema] if isinstance(schema, list) else schema


def faults(report: Report, schema: Any) -> list[str]:
    found = Draft202012Validator(schema).iter_errors(json.loads(render(report, "json")))
    return [f"{error.json_path}: {error.message}" for error in found]


def test_the_shipped_file_is_the_schema_of_today() -> None:
    text = json.dumps(report_schema(), indent=1) + "\n"
    if os.environ.get("UPDATE_REPORTS"):
        SHIPPED.write_text(text, encoding="utf-8")
    assert SHIPPED.read_text(encoding="utf-8") == text


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(report_schema())


@pytest.mark.parametrize("run", RUNS[:8], ids=lambda run: run.path.name)
def test_a_real_run_has_every_key_and_no_other(run: Labelled) -> None:
    assert faults(judged(run), strict(report_schema())) == []


def test_a_preflight_has_every_key_and_no_other() -> None:
    report = preflight(RUNS[0].path / "config.yaml")
    assert faults(report, strict(report_schema())) == []


def test_a_report_without_a_key_is_refused() -> None:
    document = json.loads(render(judged(RUNS[0]), "json"))
    del document["findings"][0]["severity"]
    messages = [error.message for error in Draft202012Validator(report_schema()).iter_errors(document)]
    assert messages == ["'severity' is a required property"]
