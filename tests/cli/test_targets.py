"""A path chooses its command; a path that leads nowhere is told what was meant."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from diagnose.cli.main import COMMANDS, main
from diagnose.cli.targets import STDIN, Target, command_for, config_in, existing, holds_a_run, runs_in, target_of
from diagnose.core.errors import DiagnoseError

RUNS = Path(__file__).parents[1] / "runs" / "data"
CONFIG = RUNS / "fork-frozen" / "config.yaml"


def test_each_kind_of_path_has_its_command(tmp_path: Path) -> None:
    lora = tmp_path / "lora.safetensors"
    lora.touch()
    console, bare = RUNS / "fork-snr" / "stdout.log", tmp_path / "console"
    bare.write_bytes(console.read_bytes())
    (tmp_path / "notes").touch()
    assert {command_for([str(path)], COMMANDS) for path in (console, bare)} == {"log"}
    with pytest.raises(DiagnoseError, match="neither a config, a checkpoint nor a console"):
        command_for([str(tmp_path / "notes")], COMMANDS)
    paths = {RUNS / "fork-frozen": "postmortem", CONFIG: "preflight", lora: "weights", RUNS: "runs", STDIN: "preflight"}
    for path, command in paths.items():
        assert command_for([str(path)], COMMANDS) == command
        assert command_for(["--format", "json", str(path), "-q"], COMMANDS) == command
    assert command_for([str(CONFIG), str(RUNS / "fork-nan")], COMMANDS) == "runs"


def test_a_folder_is_a_run_by_what_it_holds(tmp_path: Path) -> None:
    assert holds_a_run(RUNS / "fork-frozen")
    assert not holds_a_run(RUNS)
    assert not runs_in(tmp_path)
    (tmp_path / "c.yaml").write_text(CONFIG.read_text())
    assert target_of(tmp_path) is Target.RUN, "a config alone is a run that has not started"
    assert config_in(RUNS / "fork-nan").name == "config.yaml"
    with pytest.raises(DiagnoseError, match="no config"):
        config_in(RUNS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["postmorten", "x"], "did you mean postmortem?"),
        (["zzzz"], "neither a command nor a file"),
        ([str(RUNS / "fork-frozem")], "did you mean fork-frozen?"),
        ([str(RUNS / "no" / "way")], "no such file or folder"),
        (["--quiet"], "required"),
    ],
)
def test_a_slip_is_one_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="there they are paths")
@pytest.mark.parametrize(
    ("path", "words"),
    [
        (r"C:\Users\me\out put", "in WSL it is /mnt/c/Users/me/out put"),
        ("d:/loras/x", "/mnt/d/loras/x"),
        ("C:Usersme", "single quotes"),
    ],
)
def test_a_windows_path_is_explained(path: str, words: str) -> None:
    with pytest.raises(DiagnoseError, match=words):
        existing(Path(path))
    with pytest.raises(DiagnoseError, match=words):
        command_for([path], COMMANDS)


def test_a_config_comes_through_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for text, status in ((CONFIG.read_text(), 0), ("", 2), ("- 1\n", 2)):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        assert main(["preflight", "-", "--format", "json"]) == status
        shown = capsys.readouterr()
        assert ('"name": "r_switch1"' in shown.out) == (status == 0)
        assert shown.err.count("\n") == (status != 0)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a: \xff"), encoding="ascii"))
    assert main(["-"]) == 2
    assert "not UTF-8" in capsys.readouterr().err


def test_a_preflight_of_a_run_takes_its_config(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preflight", str(CONFIG.parent), "--format", "json"]) == 0
    assert f'"path": "{CONFIG}"' in capsys.readouterr().out
