"""`diagnose log`: a console by itself, from a file or from standard input."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from labelled_runs import DATA

from diagnose import console
from diagnose.cli import targets
from diagnose.cli.main import main

CRASHED = DATA / "fork-snr" / "stdout.log"
MUSUBI = "INFO:musubi_tuner.training:x\nTraceback (most recent call last):\n  File x\nValueError: no\n"


class Piped:
    """Standard input that somebody pipes bytes into."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)

    def isatty(self) -> bool:
        return False


def judged(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert main(["log", *arguments, "--format", "json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def names(report: dict[str, object]) -> set[str]:
    return {finding["name"] for finding in report["findings"]}  # type: ignore[attr-defined]


def test_a_file_and_a_pipe_say_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = tmp_path / "stdout.log"
    alone.write_bytes(CRASHED.read_bytes())
    by_file = judged([str(alone)], capsys)
    assert "training-crashed" in names(by_file)
    for arguments in ([], ["-"]):
        monkeypatch.setattr(sys, "stdin", Piped(CRASHED.read_bytes()))
        assert names(judged(arguments, capsys)) == names(by_file)


def test_only_what_a_console_can_answer_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alone = tmp_path / "run.log"
    alone.write_text(MUSUBI)
    report = judged([str(alone)], capsys)
    assert report["not_evaluated"] == []
    assert main(["log", str(alone), "--full"]) == 0
    said = capsys.readouterr()
    assert "musubi-tuner" in said.out
    assert "Only the console was read" in said.out
    assert "postmortem" not in said.err


def test_a_run_that_has_more_is_pointed_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log", str(CRASHED)]) == 0
    assert f"diagnose postmortem {CRASHED.parent}" in capsys.readouterr().err


def test_the_gate_and_the_output_are_those_of_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    assert main(["log", str(CRASHED), "-o", str(page), "--fail-on", "blocker"]) == 1
    assert page.read_text().startswith("<!doctype html>")
    assert main(["log", str(CRASHED), "-o", str(CRASHED)]) == 2
    assert "never written to" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("piped", "words"),
    [
        (b"", "nothing came"),
        (b" \n\n", "nothing came"),
        (b"hello\n", "standard input: is no console of a training"),
        (b"x" * 99, "more than 0 MB"),
    ],
)
def test_a_text_that_is_none_is_one_line(
    piped: bytes, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets, "MOST_PIPED", 50)
    monkeypatch.setattr(sys, "stdin", Piped(piped))
    assert main(["log", "-"]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_a_text_and_files_do_not_mix(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log", "-", str(CRASHED)]) == 2
    assert "goes by itself" in capsys.readouterr().err


def test_from_python_it_is_a_file_or_a_text() -> None:
    for given in (CRASHED, str(CRASHED), CRASHED.read_bytes(), CRASHED.read_text(errors="replace")):
        assert "training-crashed" in {finding.name for finding in console(given).findings}


def test_the_bar_says_how_many_steps_there_were_to_be() -> None:
    bar = "steps:  10%|#  | 4/40 [01:00<09:00, 15.00s/it, avr_loss=0.1]\n"
    run = console(bar.encode()).run
    assert (run.steps_trained, run.steps_configured) == (4, 40)
