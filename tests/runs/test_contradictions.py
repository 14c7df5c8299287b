"""Log and files against the settings: silent on every run as it was, loud where config and log are of two runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from one_answer import answered_twice

from diagnose import Report, Settings, postmortem
from diagnose.core.values import Intent, Severity
from diagnose.rulebase.rule import ChangeOp
from diagnose.settings import rule_base
from diagnose.verdict.judgement import Finding

RATES = Path(__file__).parents[1] / "data" / "rates"
Mixed = Callable[[str, str], Report]


def contradictions(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule.startswith("OBS")]


def names(report: Report) -> set[str]:
    return {finding.name for finding in contradictions(report)}


@pytest.mark.parametrize("run", sorted(RATES.iterdir()), ids=lambda run: run.name)
def test_a_log_with_its_own_config_contradicts_nothing(run: Path) -> None:
    assert names(postmortem(run)) == set()


def test_the_example_runs_contradict_nothing(v15: Report, v17: Report) -> None:
    assert names(v15) == names(v17) == set()


@pytest.fixture
def mixed(tmp_path: Path) -> Mixed:
    """Judge the config of one run with the log of another."""

    def mix(config: str, log: str) -> Report:
        shutil.copy(RATES / config / "config.yaml", tmp_path)
        (metrics,) = (RATES / log).glob("metrics_*.jsonl")
        shutil.copy(metrics, tmp_path)
        return postmortem(tmp_path, Settings(intent=Intent.MOTION))

    return mix


ODD: list[tuple[str, Callable[[int], bool]]] = [
    ("a step lost by extending a finished run", lambda step: step != 160),
    ("a log that begins late", lambda step: step >= 40),
    ("a log that breaks off within a turn", lambda step: step < 137),
    ("a log of the first turn", lambda step: step < 10),
    ("rows lost to a full disk", lambda step: not 80 <= step < 113),
]


@pytest.mark.parametrize("kept", [kept for _, kept in ODD], ids=[name for name, _ in ODD])
def test_what_trainers_and_machines_do_to_a_log_contradicts_nothing(
    tmp_path: Path, kept: Callable[[int], bool]
) -> None:
    run = RATES / "fork-a_ratio135"
    shutil.copy(run / "config.yaml", tmp_path)
    lines = (run / "metrics_a_ratio135.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    left = "".join(line for step, line in enumerate(lines) if kept(step))
    (tmp_path / "metrics_a_ratio135.jsonl").write_text(left, encoding="utf-8")
    assert names(postmortem(tmp_path)) == set()


MIXED = [
    ("fork-g_no_base_bump", "fork-a_ratio135", {"first-rate-not-from-config", "rate-moves-too-fast"}),
    ("fork-a_ratio135", "fork-g_no_base_bump", {"first-rate-not-from-config"}),
    ("fork-b_bump4x", "fork-a_ratio135", {"rate-outside-its-bounds", "lr-ratio-outside-forecast"}),
    ("fork-a_ratio135", "fork-b_bump4x", {"rate-outside-its-bounds", "lr-ratio-outside-forecast"}),
    ("fork-r_switch1", "fork-a_ratio135", {"rates-move-against-settings", "experts-take-other-turns"}),
    ("fork-a_ratio135", "fork-r_switch1", {"rates-stand-against-settings", "experts-take-other-turns"}),
]


@pytest.mark.parametrize(("config", "log", "expected"), MIXED)
def test_a_log_with_another_runs_config_contradicts_it(mixed: Mixed, config: str, log: str, expected: set[str]) -> None:
    report = mixed(config, log)
    assert expected <= names(report)
    (cause,) = (finding for finding in report.findings if finding.name == "config-and-run-disagree")
    assert expected & {link.name for link in cause.chain}
    assert "files-of-another-job" in names(report)
    for finding in contradictions(report):
        assert finding.severity not in {Severity.BLOCKER, Severity.CRITICAL}
        assert {"config.yaml", f"metrics_{log.removeprefix('fork-')}.jsonl"} <= files(
            finding
        ) or finding.name in NOT_OF_BOTH


def test_every_contradiction_says_what_it_may_be_and_what_tells() -> None:
    for rule in (rule for rule in rule_base(Settings()).rules if rule.id.startswith("OBS")):
        several = any(
            words in f" {rule.why.lower()}" for words in (" either ", "possible reasons: ", " so the files are ")
        )
        assert several or rule.name == "saved-before-its-first-step", rule.name
        advised = [change.op for change in rule.changes] == [ChangeOp.ADVISE]
        assert advised is not (" To find out: " in rule.why), rule.name


NOT_OF_BOTH = {"config-and-run-disagree", "files-of-two-trainers", "log-clock-runs-back", "step-in-file-differs"}
"""The first rests on the others; the rest hold log and files against each other, not against the config."""


def files(finding: Finding) -> set[str]:
    return {evidence.source.file for evidence in finding.evidence if evidence.source is not None}


@pytest.mark.parametrize("run", ["v15", "v17"])
def test_a_report_gives_one_answer_to_a_question(run: str, request: pytest.FixtureRequest) -> None:
    assert answered_twice(request.getfixturevalue(run)) == []
