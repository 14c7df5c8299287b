from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Place
from diagnose.sources import run_files
from diagnose.sources.file_reader import Role
from diagnose.sources.run_files import RunFolder, find_files
from diagnose.trainers.rooms import run_readers

Write = Callable[[str, str | bytes], Path]

JOB = "job: extension\nconfig:\n  name: job\n  process:\n  - type: sd_trainer\n"


def discover(run_dir: Path) -> RunFolder:
    return find_files(run_dir, run_readers())


def names(paths: tuple[Path, ...]) -> list[str]:
    return [path.name for path in paths]


def test_everything_a_run_leaves_behind(write: Write, tmp_path: Path) -> None:
    for name in (
        "job_000000020_high_noise.safetensors",
        "job.safetensors",
        "optimizer.pt",
        "loss_log.db",
        "loss_log.db-wal",
    ):
        write(name, b"x")
    write("metrics_job.jsonl", "")
    write("job_000000020_alpha_scheduler.json", "{}")
    write("samples/1795406082575__000000000_0.webp", b"")
    write("samples/.thumbs/1795406082575__000000000_0.webp.jpg", b"")
    write("samples/notes.txt", b"")
    write("config.yaml", JOB)
    write("another.yaml", JOB)
    write("a.json", '{"job": "extension", "config": {"process": []}}')
    write("compose.yaml", "services: 1")
    write("stdout.log", "Running 1 job\n")
    os.utime(tmp_path / "stdout.log", (1, 1))
    write("log.txt", "Running 1 job\nand more\n")
    for number in (2, 10):
        write(f"logs/{number}_log.txt", "Running 1 job\n")
    write("logs/mine.log", "Running 1 job\n")
    write("caption.txt", "a red square")
    folder = discover(tmp_path)
    assert {role: sorted(names(folder.of(role))) for role in Role} == {
        Role.CONFIG: ["a.json", "another.yaml", "config.yaml"],
        Role.LOG: ["loss_log.db", "metrics_job.jsonl"],
        Role.CONSOLE: ["10_log.txt", "2_log.txt", "log.txt", "stdout.log"],
        Role.CHECKPOINT: ["job.safetensors", "job_000000020_high_noise.safetensors"],
        Role.ALPHA_STATE: ["job_000000020_alpha_scheduler.json"],
        Role.PREVIEW: ["1795406082575__000000000_0.webp"],
        Role.OPTIMIZER: ["optimizer.pt"],
    }
    assert folder.remarks == ()


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda _: None, "no such folder"),
        (lambda path: path.write_text("x"), "is not a folder"),
        (lambda path: path.mkdir(), "the folder is empty"),
        (lambda path: (path / "sub").mkdir(parents=True), "the folder is empty"),
        (lambda path: (path.mkdir(), (path / "cat.png").write_text("x")), "nothing of a training run"),
    ],
)
def test_a_folder_that_is_no_run_is_one_clear_line(
    tmp_path: Path, prepare: Callable[[Path], object], reason: str
) -> None:
    prepare(tmp_path / "run")
    with pytest.raises(DiagnoseError, match=reason) as caught:
        discover(tmp_path / "run")
    assert str(caught.value).startswith(f"{tmp_path / 'run'}: ")
    assert "\n" not in str(caught.value)


def test_links_are_followed_within_the_folder_alone(write: Write, tmp_path: Path) -> None:
    write("elsewhere/secret.safetensors", b"x")
    write("run/job.safetensors", b"x")
    write("elsewhere/1795406082575__000000000_0.webp", b"x")
    run = tmp_path / "run"
    (run / "again.safetensors").symlink_to(run / "job.safetensors")
    (run / "leak.safetensors").symlink_to(tmp_path / "elsewhere" / "secret.safetensors")
    (run / "dead.safetensors").symlink_to(tmp_path / "gone")
    (run / "ring.safetensors").symlink_to(run / "ring.safetensors")
    (run / "samples").symlink_to(tmp_path / "elsewhere")
    folder = discover(run)
    assert names(folder.of(Role.CHECKPOINT)) == ["again.safetensors", "job.safetensors"]
    assert folder.of(Role.PREVIEW) == ()
    assert [(remark.place, remark.text[-3:]) for remark in folder.remarks] == [(Place("dead.safetensors"), " 4)")]


@pytest.mark.parametrize("named", ["samples", "logs"])
def test_an_inner_folder_that_cannot_be_listed_costs_itself_alone(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    write("job.safetensors", b"x")
    (tmp_path / named).mkdir()
    scandir = os.scandir

    def refusing(folder: Path) -> object:
        if folder == tmp_path / named:
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refusing)
    folder = discover(tmp_path)
    assert names(folder.of(Role.CHECKPOINT)) == ["job.safetensors"]
    (remark,) = folder.remarks
    assert (remark.place, "cannot be listed (Permission denied)" in remark.text) == (Place(named), True)


def test_a_folder_of_nothing_but_links_out_of_it_names_the_way_out(write: Write, tmp_path: Path) -> None:
    write("blobs/1", JOB)
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot" / "config.yaml").symlink_to(Path("..") / "blobs" / "1")
    with pytest.raises(DiagnoseError, match=r"links that lead out of it, like config\.yaml.*cp -rL"):
        discover(tmp_path / "snapshot")


def test_a_path_that_cannot_be_looked_at_says_why(tmp_path: Path) -> None:
    with pytest.raises(DiagnoseError, match=r"cannot be looked at \(File name too long\)"):
        discover(tmp_path / ("a" * 300))


def test_a_run_folder_may_itself_be_a_link(write: Write, tmp_path: Path) -> None:
    write("run/job.safetensors", b"x")
    (tmp_path / "link").symlink_to(tmp_path / "run")
    assert names(discover(tmp_path / "link").of(Role.CHECKPOINT)) == ["job.safetensors"]


def test_what_is_no_regular_file_is_passed_over(write: Write, tmp_path: Path) -> None:
    write("job.safetensors", b"x")
    os.mkfifo(tmp_path / "stdout.log")
    (tmp_path / "folder.safetensors").mkdir()
    folder = discover(tmp_path)
    assert (names(folder.of(Role.CHECKPOINT)), folder.of(Role.CONSOLE)) == (["job.safetensors"], ())


def test_thousands_of_captions_are_not_all_opened(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        write(f"{number:02d}.txt", "a red square")
    write("zz.log", "Running 1 job\n")
    monkeypatch.setattr(run_files, "MOST_CANDIDATES", 10)
    folder = discover(tmp_path)
    assert names(folder.of(Role.CONSOLE)) == ["zz.log"]
    (remark,) = folder.remarks
    assert (remark.place, remark.text[:22]) == (Place("09.txt"), "this and 20 files afte")


def test_a_candidate_that_cannot_be_opened_is_remarked(write: Write, tmp_path: Path) -> None:
    write("stdout.log", "Running 1 job\n")
    write("job.safetensors", b"x")

    def refuse(path: Path) -> bool:
        raise DiagnoseError(f"{path}: cannot be read")

    readers = [replace(reader, sniff=refuse) for reader in run_readers()]
    assert [remark.place for remark in find_files(tmp_path, readers).remarks] == [Place("stdout.log")]
