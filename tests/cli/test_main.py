"""The command line: exit statuses, one clear line for bad input, nothing written half."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from diagnose.cli.main import main

RUNS = Path(__file__).parents[1] / "runs" / "data"
SOUND = RUNS / "fork-frozen"


def test_json_is_one_document_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["postmortem", str(SOUND), "--format", "json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["schema"] == "diagnose/report/1"


@pytest.mark.parametrize(("level", "status"), [("never", 0), ("blocker", 0), ("critical", 1), ("info", 1)])
def test_fail_on_decides_the_exit_status(level: str, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["postmortem", str(SOUND), "--fail-on", level, "--intent", "motion"]) == status
    capsys.readouterr()


def bad_inputs(folder: Path) -> dict[str, list[str]]:
    empty = folder / "empty"
    empty.mkdir()
    file = folder / "file.txt"
    file.write_text("hello")
    listing = folder / "list.yaml"
    listing.write_text("- 1\n- 2\n")
    bomb = folder / "bomb.yaml"
    bomb.write_text(
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
            for before, name in zip("abcdefgh", "bcdefghi", strict=True)
        )
    )
    torn = folder / "torn"
    torn.mkdir()
    (torn / "job_000000100_high_noise.safetensors").write_bytes(b"\xff\xff\xff\xff\xff\xff\xff\x7f{")
    text = folder / "text"
    text.mkdir()
    (text / "job.safetensors").write_text("this is no checkpoint")
    (folder / "ring").symlink_to(folder / "ring")
    long = str(folder / ("a" * 300))
    return {
        "folder of a long name": ["postmortem", long],
        "config of a long name": ["preflight", f"{long}.yaml"],
        "next of a long name": ["next", long],
        "log of a long name": ["postmortem", str(SOUND), "--log", long],
        "weights of a long name": ["weights", long],
        "rules of a long name": ["postmortem", str(SOUND), "--rules", long],
        "data set of a long name": ["preflight", str(SOUND / "config.yaml"), "--dataset", long],
        "ring of links": ["postmortem", str(folder / "ring"), "-o", str(folder / "ring")],
        "missing folder": ["postmortem", str(folder / "nowhere")],
        "a file": ["postmortem", str(file)],
        "empty folder": ["postmortem", str(empty)],
        "not a mapping": ["next", str(listing)],
        "alias bomb": ["next", str(bomb)],
        "torn header": ["postmortem", str(torn)],
        "text as safetensors": ["postmortem", str(text)],
        "missing config": ["next", str(folder / "no.yaml")],
        "named config missing": ["postmortem", str(SOUND), "--config", str(folder / "no.yaml")],
        "unknown parameter": ["postmortem", str(SOUND), "--set", "lr_ratio_mini=2"],
        "no equals": ["postmortem", str(SOUND), "--set", "lr_ratio_min"],
        "not a number": ["postmortem", str(SOUND), "--set", "lr_ratio_min=wide"],
        "missing rules": ["postmortem", str(SOUND), "--rules", str(folder / "no-rules")],
        "unwritable output": ["postmortem", str(SOUND), "-o", str(folder / "no" / "report.md")],
    }


def test_bad_input_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], subtests: pytest.Subtests
) -> None:
    for what, argv in bad_inputs(tmp_path).items():
        with subtests.test(what):
            assert main(argv) == 2
            shown = capsys.readouterr()
            assert shown.out == ""
            assert len(shown.err.strip().splitlines()) == 1
            assert shown.err.startswith("diagnose: ")
            assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".")], "nothing half-written"


@pytest.mark.parametrize("command", ["preflight", "weights", "next"])
def test_a_name_that_steers_the_terminal_is_shown_without_its_escapes(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, str(tmp_path / "red\x1b[31m\u202e.safetensors")]) == 2
    assert "red\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}" in capsys.readouterr().err


def test_a_log_of_garbage_is_named_in_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "metrics_job.jsonl").write_bytes(bytes(range(256)) * 40)
    assert main(["postmortem", str(tmp_path), "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"]["status"] != "healthy"
    assert any("metrics_job.jsonl" in str(remark) for remark in report["unread"])


def test_usage_errors_are_status_two() -> None:
    assert main(["postmortem"]) == 2


def test_a_run_with_one_broken_file_is_still_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    shutil.copytree(SOUND, run)
    (run / "job_000000100_high_noise.safetensors").write_bytes(b"\x10")
    assert main(["postmortem", str(run)]) == 0
    assert "job_000000100_high_noise.safetensors" in capsys.readouterr().out


def test_output_goes_to_a_file_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "report.md"
    assert main(["postmortem", str(SOUND), "-o", str(target)]) == 0
    assert capsys.readouterr().out == ""
    assert target.read_text(encoding="utf-8").startswith("# ")
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]


def test_the_run_folder_is_refused_as_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    shutil.copytree(SOUND, run)
    assert main(["postmortem", str(run), "-o", str(run / "report.md")]) == 2
    assert "never written to" in capsys.readouterr().err


def test_next_prints_a_config_or_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["next", str(SOUND), "--intent", "motion"]) == 0
    printed = capsys.readouterr().out
    target = tmp_path / "next.yaml"
    assert main(["next", str(SOUND), "--intent", "motion", "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8").startswith(printed)
    assert "steps: 2200" in printed


def test_a_bug_of_ours_is_status_three(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("diagnose.api.postmortem", broken)
    assert main(["postmortem", str(SOUND)]) == 3
    assert "this is a bug" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        ImportError("libsqlite3.so.0: failed to map segment from shared object"),
    ],
    ids=repr,
)
def test_too_little_memory_is_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def short(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("diagnose.api.postmortem", short)
    assert main(["postmortem", str(SOUND)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("diagnose: not enough memory")
    assert said.count("\n") == 1


def test_a_module_that_is_missing_is_no_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ImportError("no such module")

    monkeypatch.setattr("diagnose.api.postmortem", missing)
    assert main(["postmortem", str(SOUND)]) == 3


def test_an_interruption_is_status_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("diagnose.api.postmortem", interrupted)
    assert main(["postmortem", str(SOUND)]) == 130
    capsys.readouterr()


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "diagnose", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("diagnose ")


def test_a_config_alone_imports_no_torch(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text((SOUND / "config.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    code = (
        "import sys; from diagnose.cli.main import main; "
        f"main(['next', {str(config)!r}, '--format', 'json']); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
