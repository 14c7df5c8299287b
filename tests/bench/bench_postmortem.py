"""What the main job costs: a post-mortem of a 3070-row log with full-size checkpoints, and a config by itself.

Stand-alone; prints figures and asserts nothing. The checkpoints come from `bench_weights.py generate DIR --pairs 2`:

    python tests/bench/bench_postmortem.py DIR

Wall time and peak memory are of whole processes, import and all; of memory, that of the command itself, without its
workers.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def build_run(pairs: Path, folder: Path) -> Path:
    """Return a run folder with the log and config of run-v15 and the generated checkpoints (hard links)."""
    run = folder / "run"
    # in a process of its own: a child starts with its parent's memory, and the writer loads torch
    write = f"from diagnose.demo.writer import write_demo; from pathlib import Path; write_demo('run-v15', Path({str(run)!r}))"
    subprocess.run([sys.executable, "-c", write], check=True)
    for small in run.glob("*.safetensors"):
        small.unlink()
    for large in sorted(pairs.glob("*.safetensors"))[:4]:
        os.link(large, run / large.name.replace("job_", "run-v15_"))
    return run


def timed(argv: list[str], cache: Path) -> tuple[float, float]:
    """Return seconds and peak megabytes of one whole process."""
    started = time.perf_counter()
    environment = {**os.environ, "DIAGNOSE_CACHE_DIR": str(cache)}
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, env=environment) as process:
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def main() -> None:
    """Run each job and print a line for it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    command = [sys.executable, "-m", "diagnose"]
    # a hard link must lie on the same disk as its file
    with tempfile.TemporaryDirectory(dir=options.pairs.parent) as folder:
        run = build_run(options.pairs, Path(folder))
        config = Path(folder) / "config.yaml"
        config.write_bytes((run / "config.yaml").read_bytes())
        size = sum(path.stat().st_size for path in run.glob("*.safetensors")) / 1e6
        print(f"checkpoints {size:.0f} MB, {resource.getpagesize()} byte pages, {os.cpu_count()} cores")
        for index in range(options.repeat):
            cache = Path(folder) / f"cache{index}"
            for label, argv in (
                ("post-mortem, nothing cached", [*command, "postmortem", str(run), "--format", "json"]),
                ("post-mortem, measured before", [*command, "postmortem", str(run), "--format", "json"]),
                ("pre-flight of a config", [*command, "preflight", str(config), "--format", "json"]),
            ):
                seconds, memory = timed(argv, cache)
                print(f"{label:30} {seconds:6.2f} s {memory:6.0f} MB")


if __name__ == "__main__":
    main()
