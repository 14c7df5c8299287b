"""A plain install, without what needs a compiler or gigabytes: everything runs but what is said to be missing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from labelled_runs import DATA

ROOT = Path(__file__).parents[1]
EXTRAS = ("av", "cv2", "durable_rules_engine", "safetensors", "shtab", "torch")
CONFIG = DATA / "fork-frozen" / "config.yaml"
RUN = "import sys; sys.path[:0] = sys.argv[1:3]; del sys.argv[1:3]; from diagnose.cli.main import entry; entry()"


def declared(section: str) -> set[str]:
    """The names of packages in a list of pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(rf"^{section} = \[\n(.*?)^\]", text, re.DOTALL | re.MULTILINE)
    assert block is not None
    return set(re.findall(r'^\s*"([A-Za-z0-9_.-]+)', block[1], re.MULTILINE))


def with_what_they_need(names: set[str]) -> dict[str, Path]:
    """Each top-level file or folder of some packages, and of those that they need."""
    found: dict[str, Path] = {}
    seen: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue  # for another system or version
        needed = [each for each in package.requires or [] if "extra ==" not in each]
        left += [re.split(r"[\s;<>=!~\[(]", each)[0] for each in needed]
        for file in package.files or []:
            top = file.parts[0]
            if not top.startswith(".."):
                found[top] = Path(str(package.locate_file(top)))
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain") / "site"
    folder.mkdir()
    for name, path in with_what_they_need(declared("dependencies")).items():
        (folder / name).symlink_to(path)
    assert not [name for name in EXTRAS if list(folder.glob(f"{name}*"))]
    return folder


def run(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", "-c", RUN, str(ROOT), str(site), *arguments]
    environment = os.environ | {"DIAGNOSE_CACHE_DIR": str(site.parent / "cache")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_extras_are_those_that_are_left_out() -> None:
    assert declared("full") == {"diagnose", "durable-rules", "safetensors", "shtab", "torch"}, "with the extra video"
    assert declared("video") == {"av", "opencv-python-headless"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["preflight", str(CONFIG)],
        ["preflight", str(CONFIG), "--format", "html"],
        ["preflight", str(CONFIG), "--format", "terminal"],
        ["next", str(CONFIG)],
        ["explain", "LRN001"],
        ["rules", "list"],
        ["rules", "check"],
        ["runs", str(DATA)],
    ],
)
def test_it_runs(arguments: list[str], site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, *arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert done.stdout


def test_logs_and_weights_are_judged_and_what_is_missing_is_said(site: Path, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from lora_files import factors  # noqa: PLC0415 - makes tensors
    from safetensors.torch import save_file  # noqa: PLC0415 - as above

    folder = tmp_path / "run"
    shutil.copytree(DATA / "main-o_j_nologging", folder)
    for expert in ("high", "low"):
        save_file(factors(seed=1), folder / f"o_j_nologging_000000020_{expert}_noise.safetensors")
    mask = {"quantized": torch.ones(4, dtype=torch.int8), "scale": 3e-5}
    state = {"state": {0: {"lr_mask": mask}}, "param_groups": [{"lr": 1e-4, "lr_bump": 1e-5, "params": [0]}]}
    torch.save(state, folder / "optimizer.pt")
    done = run(site, tmp_path, "postmortem", str(folder), "--format", "json")
    report = json.loads(done.stdout)
    assert report["checkpoints"][0]["high_magnitude"] > 0
    said = {each["source"]["file"]: each["text"] for each in report["unread"]}
    assert "optimizer.pt" not in said, "live rates are read without torch"
    assert "durable-rules is not installed" in report["tool"]["engine_note"] or sys.version_info >= (3, 13)


@pytest.mark.parametrize("arguments", [["demo"], ["completion", "bash"]])
def test_what_cannot_run_says_how_to_get_it(arguments: list[str], site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "pip install 'diagnose[full]'" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_clips_that_are_not_looked_at_are_said_to_be(site: Path, tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "a.mp4").write_bytes(b"x")
    (tmp_path / "clips" / "a.txt").write_text("she spins")
    done = run(site, tmp_path, "preflight", str(CONFIG), "--dataset", "clips", "--format", "json", "--fail-on", "never")
    assert "clips are not looked at: av is not installed" in done.stdout, done.stderr


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_a_run_with_previews_says_what_would_measure_them(form: str, site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, "postmortem", str(DATA / "fork-e_adamw"), "--full", "--format", form)
    assert done.returncode == 0, done.stderr
    assert "The motion in the previews was not measured" in done.stdout
    assert done.stdout.count("av is not installed") >= 1
    command = run(site, tmp_path, "motion", str(DATA / "fork-e_adamw"))
    assert (command.returncode, command.stderr.count("\n")) == (2, 1)
    assert "pip install 'diagnose[video]'" in command.stderr
