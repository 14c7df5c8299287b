"""What is temporary goes with its block, and with the process where a signal ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from diagnose.core.temporary import passing, temporary_folder

WAITS = """
import sys, time
from pathlib import Path
from diagnose.core.temporary import clean_up_when_ended, passing, temporary_folder
clean_up_when_ended()
place = Path(sys.argv[1])
with temporary_folder(place) as folder, passing(place / "half"):
    (folder / "copy").write_text("x")
    (place / "half").write_text("x")
    print("ready", flush=True)
    time.sleep(60)
"""


def test_a_folder_goes_with_its_block_even_after_a_failure(tmp_path: Path) -> None:
    with temporary_folder(tmp_path) as folder:
        (folder / "in").mkdir()
        assert folder.parent == tmp_path
        assert os.name == "nt" or folder.stat().st_mode & 0o77 == 0
    assert not folder.exists()
    with pytest.raises(ZeroDivisionError), temporary_folder(tmp_path):
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


def test_what_is_gone_already_is_no_fault(tmp_path: Path) -> None:
    with passing(tmp_path / "file"):
        pass
    with temporary_folder(tmp_path) as folder:
        folder.rmdir()


def test_where_no_folder_can_be_made_the_current_one_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("diagnose.core.temporary._USUAL", (str(tmp_path / "none"),))
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(OSError, match="set TMPDIR"), temporary_folder():
        pass
    assert not list(tmp_path.iterdir())
    (tmp_path / "mine").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "mine"))
    with temporary_folder() as folder:
        assert folder.parent == tmp_path / "mine"


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_behind_and_ends_the_process(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", WAITS, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait(60) == -number
    assert not list(tmp_path.iterdir())
