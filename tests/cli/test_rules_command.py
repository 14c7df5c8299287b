from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import pytest

from diagnose.cli import rules_command
from diagnose.core.errors import DiagnoseError

SOUND = Path(__file__).parents[1] / "rulebase/data"
CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small sound rule base in the working folder, in place of ours."""
    folder = Path(shutil.copytree(SOUND, tmp_path / "base"))
    monkeypatch.setattr(rules_command, "rules_dir", lambda: folder / "rules")
    monkeypatch.setattr(rules_command, "knowledge_dir", lambda: folder / "knowledge")
    monkeypatch.chdir(folder)
    return folder


def command(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    rules_command.add_rules(parser)
    options = parser.parse_args(arguments)
    return int(options.run(options))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.usefixtures("base")
def test_list_shows_one_line_per_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("list") == 0
    assert capsys.readouterr().out.splitlines() == [
        "CAU001  cause    minor     experimental  experts-out-of-balance: The experts are out of balance",
        "REM001  remedy   -         stable        end-earlier: End the run earlier",
        "WGT001  symptom  major     test          high-noise-too-weak: The high-noise expert is too weak",
    ]


@pytest.mark.usefixtures("base")
def test_check_closes_with_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("check") == 0
    assert capsys.readouterr().out == "3 rules, 6 facts, 2 parameters, 4 claims: 0 faults\n"


def test_check_shows_faults_from_where_the_user_stands(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(base / "rules/REM001-end-earlier.yaml", "status: stable", "status: good")
    assert command("check") == 1
    assert capsys.readouterr().out.splitlines() == [
        "rules/REM001-end-earlier.yaml:5: status: give 'experimental', 'test' or 'stable'",
        "2 rules, 6 facts, 2 parameters, 4 claims: 1 fault",
    ]


def test_check_shows_notes_apart_from_faults(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(
        base / "rules/WGT001-high-noise-too-weak.yaml",
        "bump, op: set, recipe: bump",
        "steps, op: set, value: 5",
    )
    assert command("check") == 0
    assert capsys.readouterr().out.splitlines() == [
        "rules/WGT001-high-noise-too-weak.yaml:31: note: changes[0]: end-earlier sets steps to 3, this rule to 5",
        "3 rules, 6 facts, 2 parameters, 4 claims: 0 faults",
    ]


@pytest.mark.parametrize("again", ["rules", "rules/.", "../base/rules"])
@pytest.mark.usefixtures("base")
def test_a_folder_that_is_named_again_is_read_once(capsys: pytest.CaptureFixture[str], again: str) -> None:
    assert command("check", "--rules", again, "--rules", again) == 0
    assert capsys.readouterr().out == "3 rules, 6 facts, 2 parameters, 4 claims: 0 faults\n"


def test_what_is_taken_by_a_file_elsewhere_names_its_folder(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(base / "rules", base / "more")
    (base / "more/CAU001-experts-out-of-balance.yaml").unlink()
    (base / "more/WGT001-high-noise-too-weak.yaml").unlink()
    assert command("check", "--rules", "more") == 1
    first, *_ = capsys.readouterr().out.splitlines()
    assert first == f"more/REM001-end-earlier.yaml:1: id: 'REM001' is taken by {base}/rules/REM001-end-earlier.yaml"


def test_the_example_for_contributors_is_a_whole_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    section = CONTRIBUTING.read_text(encoding="utf-8").partition("## Add a rule")[2].partition("\n## ")[0]
    name = section.partition("this one `")[2].partition("`")[0]
    (tmp_path / name).write_text(section.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    assert command("check", "--rules", str(tmp_path)) == 0
    assert capsys.readouterr().out.count("\n") == 1, "no fault, and no note"
    assert command("test", "--rules", str(tmp_path)) == 0


@pytest.mark.parametrize("what", ["list", "test", "coverage"])
def test_a_base_with_faults_is_only_checked(base: Path, capsys: pytest.CaptureFixture[str], what: str) -> None:
    edit(base / "rules/REM001-end-earlier.yaml", "status: stable", "status: good")
    assert command(what) == 1
    assert capsys.readouterr().out.endswith("1 fault\n")


@pytest.mark.usefixtures("base")
def test_test_counts_cases_and_parts(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("test") == 0
    assert capsys.readouterr().out == (
        "3 rules, 16 cases: 0 failed; 0 of 12 conditions not shown to be needed; 0 of 7 limits without a case at it\n"
    )


def test_test_shows_what_fails_and_what_no_case_needs(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(base / "rules/CAU001-experts-out-of-balance.yaml", "subjects: [high]", "subjects: [low]")
    edit(
        base / "rules/WGT001-high-noise-too-weak.yaml",
        "is: lora}\n",
        "is: lora}\n  - {fact: run.steps, is_not: 9000}\n",
    )
    assert command("test") == 1
    assert capsys.readouterr().out.splitlines() == [
        "rules/CAU001-experts-out-of-balance.yaml:20: tests[0]: fires: it should fire for low; it fires for high",
        "rules/WGT001-high-noise-too-weak.yaml:20: applies[1]: no case fails without it; add one that does, or leave it out",
        "3 rules, 16 cases: 1 failed; 1 of 9 conditions not shown to be needed; 0 of 5 limits without a case at it",
    ]


@pytest.mark.usefixtures("base")
def test_coverage_shows_claims_and_conditions(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("coverage") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "WGT-01    high-noise-too-weak, parameter high_magnitude_min"
    assert lines[3:5] == ["RES-01    not used", "3 of 4 claims used"]
    assert lines[6:13] == [
        "CAU001  experts-out-of-balance: fires 1, silent 2, unknown 1",
        "  needed  when[0]                   symptom.high_noise_too_weak is true: silent",
        "  needed  when[1]                   weights.magnitude of each <= 0.01 and > 0.001: fires",
        "  needed  when[1].le                weights.magnitude of each <= 0.01: fires",
        "  needed  when[1].gt                weights.magnitude of each > 0.001: silent at the lower limit",
        "  limit   when[1].le                weights.magnitude of each <= 0.01: fires",
        "  limit   when[1].gt                weights.magnitude of each > 0.001: silent at the lower limit",
    ]
    assert "  needed  when[2]                   at least one of them: silent with neither" in lines
    assert (
        "  limit   grades[0].lt              critical where magnitude_high < 0.004 (far_too_small): weak, not very weak"
        in lines
    )
    assert lines[-1] == "3 of 3 rules with a case that fires, is silent, is unknown, and one at each limit"


def test_more_rules_are_read_beside_ours(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = base / "more"
    more.mkdir()
    (base / "rules/REM001-end-earlier.yaml").rename(more / "REM001-end-earlier.yaml")
    assert command("check", "--rules", str(more)) == 0
    assert capsys.readouterr().out.startswith("3 rules")
    with pytest.raises(DiagnoseError, match="no such folder"):
        command("check", "--rules", "nowhere")


def test_traps_are_listed_with_the_rules_that_see_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("traps") == 0
    shown = capsys.readouterr().out
    assert "\n 4  automagic never adapts" in shown
    assert "      LRN004  lr-not-adapting\n" in shown
    assert "\n39  A file of one expert" in shown
    assert "      not seen: at both commits" in shown
    assert shown.splitlines()[-1] == "39 of 40 traps seen by a rule"


def test_coverage_counts_the_traps(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("coverage") == 0
    assert "39 of 40 traps seen by a rule\n" in capsys.readouterr().out
