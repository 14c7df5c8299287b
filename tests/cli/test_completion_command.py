"""The script for a shell knows every command, and says so where the library is missing."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import pytest

from diagnose.cli.completion_command import SHELLS
from diagnose.cli.main import COMMANDS, main


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_in_the_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert all(name in script for name in COMMANDS)


@pytest.mark.skipif(which("bash") is None, reason="no bash here")
@pytest.mark.parametrize(
    ("line", "found"),
    [
        (["diagnose", "pref"], {"preflight"}),
        (["diagnose", "postmortem", "--intent", "mo"], {"motion"}),
        (["diagnose", "postmortem", "--form"], {"--format"}),
    ],
)
def test_bash_completes(line: list[str], found: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    script = tmp_path / "complete.sh"
    script.write_text(capsys.readouterr().out)
    words = " ".join(line)
    ask = (
        f"source {script}; COMP_WORDS=({words}); COMP_CWORD={len(line) - 1}; COMP_LINE='{words}'; "
        f"COMP_POINT={len(words)}; _shtab_diagnose diagnose '{line[-1]}' '{line[-2]}'; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert {each.strip() for each in done.stdout.splitlines() if each.strip()} == found


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("diagnose.cli.completion_command.is_here", lambda _: False)
    assert main(["completion", "bash"]) == 2
    assert "diagnose[full]" in capsys.readouterr().err
