"""A fault of usage is one line with what was meant, never a wall of usage."""

from __future__ import annotations

import pytest

from diagnose.cli.main import main
from diagnose.cli.parser import listed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["postmortem", "x", "--intent", "moton"], "--intent moton: did you mean motion? Give motion, character or style"),
        (["preflight", "x", "--format", "htlm"], "did you mean html?"),
        (["preflight", "x", "--fail-on", "zzz"], "--fail-on zzz: give blocker, "),
        (["rules", "lst"], "lst: did you mean list?"),
        (["postmortem", "x", "--formt", "json"], "--formt: diagnose postmortem has no such option; did you mean --format?"),
        (["demo", "x", "y"], "y: one argument too many"),
        (["postmortem"], "required: RUN_DIR"),
        (["next", "x", "--agreement", "much"], "invalid float value"),
    ],
)  # fmt: skip
def test_a_fault_is_one_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("diagnose: ")
    assert words in shown.err
    assert shown.err.count("\n") == 1


def test_help_and_version_end_well(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["next", "--help"], ["--version"]):
        assert main(arguments) == 0
        assert capsys.readouterr().err == ""


def test_without_a_word_four_examples_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out.count("\n  diagnose ") == 4


def test_one_name_or_none_near() -> None:
    assert listed("x", ["only"]) == "give only"
