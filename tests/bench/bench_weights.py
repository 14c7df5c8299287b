"""What measuring checkpoints costs, on files the size of a WAN 2.2 A14B expert at rank 64: 400 modules, 613 MB.

Stand-alone; prints figures and asserts nothing. `tests/bench/WEIGHTS.md` keeps what was seen.

    python tests/bench/bench_weights.py generate DIR --pairs 1
    python tests/bench/bench_weights.py one DIR/job_000000100_high_noise.safetensors
    python tests/bench/bench_weights.py plain DIR/job_000000100_high_noise.safetensors
    python tests/bench/bench_weights.py run DIR
    python tests/bench/bench_weights.py direction DIR
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

WIDTH, FFN = 5120, 13824
ATTENTION = [f"{part}.{name}" for part in ("self_attn", "cross_attn") for name in "qkvo"]
SHAPES = {**dict.fromkeys(ATTENTION, (WIDTH, WIDTH)), "ffn.0": (WIDTH, FFN), "ffn.2": (FFN, WIDTH)}
REPEATS = 7

MEASURE = """
import sys, time
from pathlib import Path
import resource
began = time.perf_counter()
import diagnose.weights.modules
imported = time.perf_counter()
from diagnose.sources.checkpoints import read_checkpoint
from diagnose.cache import Cache
from diagnose.weights.measure import measure_file
path = Path(sys.argv[1])
measured = measure_file(read_checkpoint(path, run_dir=path.parent), cache=Cache(None))
done = time.perf_counter()
print(imported - began, done - imported, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
PLAIN_MEANS = """
import sys, torch
from safetensors.torch import load_file
for name, tensor in load_file(sys.argv[1]).items():
    value = tensor.to(torch.float32)
    print(name, tuple(value.shape), torch.mean(torch.abs(value)).item(), torch.min(torch.abs(value)).item())
"""
PLAIN_NORMS = """
import sys, torch
from safetensors.torch import load_file
tensors = load_file(sys.argv[1])
for name, down in tensors.items():
    if name.endswith("lora_A.weight"):
        up = tensors[name.replace("lora_A", "lora_B")].float()
        update = up @ down.float()
        print(name, down.float().abs().mean().item(), up.abs().mean().item(), update.norm().item())
"""
PLAIN_SPECTRUM = """
import sys, time, torch
from safetensors.torch import load_file
tensors = load_file(sys.argv[1])
name = next(name for name in tensors if name.endswith("self_attn.q.lora_A.weight"))
update = tensors[name.replace("lora_A", "lora_B")].float() @ tensors[name].float()
began = time.perf_counter()
torch.linalg.svdvals(update)
print(time.perf_counter() - began)
"""


def generate(folder: Path, pairs: int, blocks: int) -> None:
    """Write `pairs` pairs of experts: down near its initialisation, up with a few strong directions."""
    import torch  # noqa: PLC0415 - the other commands start processes whose memory is measured
    from safetensors.torch import save_file  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    for step in range(100, 100 * pairs + 1, 100):
        for expert in ("high", "low"):
            random = torch.Generator().manual_seed(hash((step, expert == "high")) % 2**31)
            tensors = {}
            for block in range(blocks):
                for kind, (fan_in, fan_out) in SHAPES.items():
                    module = f"diffusion_model.blocks.{block}.{kind}"
                    down = (torch.rand(64, fan_in, generator=random) * 2 - 1) / fan_in**0.5
                    up = torch.randn(fan_out, 64, generator=random) * 0.002
                    for strength in (0.02, 0.01, 0.005):
                        left = torch.randn(fan_out, 1, generator=random)
                        up += strength * left @ torch.randn(1, 64, generator=random)
                    tensors[f"{module}.lora_A.weight"] = down.bfloat16()
                    tensors[f"{module}.lora_B.weight"] = up.bfloat16()
            path = folder / f"job_{step:09d}_{expert}_noise.safetensors"
            save_file(tensors, path, metadata={"format": "pt", "training_info": f'{{"step": {step}, "epoch": 1}}'})
            print(f"{path}: {path.stat().st_size / 1e6:.0f} MB")


def python(code: str, *arguments: object) -> list[str]:
    """Run a piece of code in a process of its own and return the words of its last line."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1].split()


def timed(action: Callable[[], object], repeats: int = REPEATS) -> list[float]:
    """Return the seconds of every repetition, ascending; the first, which warms the page cache, is not counted."""
    action()
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - began)
    return sorted(seconds)


def said(seconds: Sequence[float]) -> str:
    return f"best {seconds[0]:.3f} s, median {statistics.median(seconds):.3f} s"


def cat(path: Path) -> list[float]:
    with Path(os.devnull).open("wb") as nowhere:
        return timed(lambda: subprocess.run(["cat", str(path)], stdout=nowhere, check=True))


def one(path: Path) -> None:
    """The statistics of one file against reading it, import time apart, and the memory they take."""
    reading = cat(path)
    rows = [[float(word) for word in python(MEASURE, path)] for _ in range(REPEATS + 1)][1:]
    imports, measures, memory = (sorted(column) for column in zip(*rows, strict=True))
    print(f"cat to /dev/null, warm:   {said(reading)}")
    print(f"importing torch:          {said(imports)}")
    print(f"statistics of the file:   {said(measures)}")
    print(f"statistics / cat:         {measures[0] / reading[0]:.1f} (best to best)")
    print(f"peak memory with torch:   {memory[-1]:.0f} MB")


def plain(path: Path) -> None:
    """Whole processes: ours, and plain loops over the tensors."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DIAGNOSE_CACHE_DIR": folder}
        command = [sys.executable, "-m", "diagnose", "weights", str(path), "--format", "json", "--per-module"]

        def ours() -> None:
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)

        print(f"diagnose weights, cached:              {said(timed(ours))}")
        environment["DIAGNOSE_CACHE_DIR"] = "/dev/null"
        print(f"diagnose weights, not cached:          {said(timed(ours))}")
    print(f"plain loop, mean and min |w| only:     {said(timed(lambda: python(PLAIN_MEANS, path)))}")
    print(f"plain loop, mean |w| and |up @ down|:  {said(timed(lambda: python(PLAIN_NORMS, path), 2))}")
    seconds = float(python(PLAIN_SPECTRUM, path)[0])
    print(f"plain spectrum of one 5120 module:     {seconds:.1f} s; of 400 such modules {seconds * 400 / 60:.0f} min")


def run(folder: Path) -> None:
    """All files of a run, file by file, then again from the cache."""
    paths = sorted(folder.glob("*.safetensors"))
    size = sum(path.stat().st_size for path in paths)
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "DIAGNOSE_CACHE_DIR": cache}
        command = [sys.executable, "-m", "diagnose", "weights", str(folder), "--format", "json"]
        for label in ("measured", "from the cache"):
            began = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)
            seconds = time.perf_counter() - began
            print(
                f"{len(paths)} files, {size / 1e9:.2f} GB, {label}: {seconds:.2f} s ({size / seconds / 1e9:.2f} GB/s)"
            )
        stored = sum(path.stat().st_size for path in Path(cache).rglob("*.json"))
    print(f"cache: {stored / len(paths) / 1e3:.0f} kB per file")


def direction(folder: Path) -> None:
    """The cosine between two consecutive checkpoints of one expert, norms already known."""
    from diagnose.cache import Cache  # noqa: PLC0415
    from diagnose.sources.checkpoints import read_checkpoint  # noqa: PLC0415
    from diagnose.weights.direction import update_directions  # noqa: PLC0415
    from diagnose.weights.measure import measure_run  # noqa: PLC0415

    paths = sorted(folder.glob("*high_noise.safetensors"))[:2]
    first, second = (read_checkpoint(path, run_dir=folder) for path in paths)
    with tempfile.TemporaryDirectory() as name:
        measure_run([first, second], cache=Cache(Path(name)))
        began = time.perf_counter()
        (found,) = update_directions(first, second, cache=Cache(Path(name)))
    print(f"direction between two files: {time.perf_counter() - began:.2f} s, cosine {found.cosine:.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("generate")
    making.add_argument("path", type=Path)
    making.add_argument("--pairs", type=int, default=1)
    making.add_argument("--blocks", type=int, default=40)
    for name in ("one", "plain", "run", "direction"):
        commands.add_parser(name).add_argument("path", type=Path)
    options = parser.parse_args()
    if options.command == "generate":
        generate(options.path, options.pairs, options.blocks)
        return
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load}")
    {"one": one, "plain": plain, "run": run, "direction": direction}[options.command](options.path)


if __name__ == "__main__":
    main()
