"""What measuring checkpoints costs, on files the size of a WAN 2.2 A14B expert at rank 64: 400 modules, 613 MB.

Stand-alone; prints figures and asserts nothing. `tests/bench/WEIGHTS.md` keeps what was seen.

    python tests/bench/bench_weights.py generate DIR --pairs 4
    python tests/bench/bench_weights.py one DIR/job_000000100_high_noise.safetensors
    python tests/bench/bench_weights.py loop DIR
    python tests/bench/bench_weights.py product DIR/job_000000100_high_noise.safetensors
    python tests/bench/bench_weights.py run DIR
    python tests/bench/bench_weights.py heading DIR

What is compared is timed in turns, each time once the other processes are idle; the first turn warms caches and is
not counted. How much of the processors others took all the same is printed: figures are worth little above some 5 %.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

WIDTH, FFN = 5120, 13824
ATTENTION = [f"{part}.{name}" for part in ("self_attn", "cross_attn") for name in "qkvo"]
SHAPES = {**dict.fromkeys(ATTENTION, (WIDTH, WIDTH)), "ffn.0": (WIDTH, FFN), "ffn.2": (FFN, WIDTH)}
IDLE, PATIENCE = 0.9, 30
STAT = Path("/proc/stat")

MEASURE = """
import sys, time
from pathlib import Path
import resource
began = time.perf_counter()
from diagnose.weights.measure import measure_run
imported = time.perf_counter()
from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint
from diagnose.core.cache import Cache
path = Path(sys.argv[1])
measure_run([read_checkpoint(path, run_dir=path.parent)], cache=Cache(None))
done = time.perf_counter()
peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(imported - began, done - imported, *peaks)
"""
# What kohya's check_lora_weights.py does to a file, in our words and without its other imports: load it whole, and
# print the mean and the minimum of |w|, in float32, of every factor. The script takes one file per process.
PLAIN_LOOP = """
import sys, torch
from safetensors.torch import load_file
for path in sys.argv[1:]:
    tensors = load_file(path)
    print("tensors:", len(tensors))
    for name, tensor in tensors.items():
        values = tensor.to(torch.float32)
        print(name, tuple(values.shape), torch.mean(torch.abs(values)), torch.min(torch.abs(values)), sep=",")
"""
# The same two figures, and nothing else, by our reader: what is left if all other arithmetic were free.
OUR_LOOP = """
import sys
from pathlib import Path
from multiprocessing import Pool
import numpy as np
from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint
from diagnose.weights.factor_reader import FactorReader
from diagnose.weights.lora_pairs import lora_pairs
from diagnose.weights.worker import one_thread_each
def figures(factor):
    ones, total, least = np.ones(factor.rank, np.float32), 0.0, np.inf
    for block in factor.blocks(52 * 2**10 // factor.rank):
        magnitudes = np.abs(block)
        total += float((ones @ magnitudes).sum())
        least = min(least, float(magnitudes.min()))
    return total / factor.bits.size, least
def both(name):
    path = Path(name)
    reader = FactorReader(path)
    with one_thread_each():
        pairs = lora_pairs(read_checkpoint(path, run_dir=path.parent))
        return [(pair.name, *figures(reader.down(pair)), *figures(reader.up(pair))) for pair in pairs]
with Pool() as processes:
    for file in processes.imap(both, sys.argv[1:]):
        for found in file:
            print(*found, sep=",")
"""
PLAIN_PRODUCT = """
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


def busy() -> float:
    """Return how many seconds the processors have worked, added up; 0 where there is no /proc/stat."""
    if not STAT.exists():
        return 0.0
    ticks = [int(word) for word in STAT.read_text().split("\n")[0].split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def own() -> float:
    """Return how many seconds of processor time went to this process and those it started."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def settle() -> None:
    """Wait until the processors are idle, at most PATIENCE seconds."""
    for _ in range(PATIENCE):
        before = busy()
        time.sleep(1)
        if busy() - before < (1 - IDLE) * (os.cpu_count() or 1):
            return


def python(code: str, *arguments: object) -> list[str]:
    """Run a piece of code in a process of its own and return the words of its last line."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1].split()


def in_turns(actions: Mapping[str, Callable[[], float]], turns: int) -> dict[str, list[float]]:
    """Return what every action gave in each turn, the first turn apart, and print the processor time it took."""
    found: dict[str, list[float]] = {name: [] for name in actions}
    worked: dict[str, list[float]] = {name: [] for name in actions}
    taken: list[float] = []
    for turn in range(turns + 1):
        for name, action in actions.items():
            settle()
            all_before, own_before, began = busy(), own(), time.perf_counter()
            value = action()
            elapsed, work = time.perf_counter() - began, own() - own_before
            if turn:
                found[name].append(value)
                worked[name].append(work)
                taken.append((busy() - all_before - work) / elapsed / (os.cpu_count() or 1))
    print(f"taken by other processes meanwhile: {median(taken):.0%} of the processors ({max(taken):.0%} at most)")
    for name, values in worked.items():
        print(f"{name:58} processor time: least {min(values):7.3f} s, median {median(values):7.3f} s")
    return found


def seconds(action: Callable[[], object]) -> Callable[[], float]:
    """Return an action that returns how long it took."""

    def timed() -> float:
        began = time.perf_counter()
        action()
        return time.perf_counter() - began

    return timed


def say(found: Mapping[str, Sequence[float]]) -> None:
    for name, values in found.items():
        print(f"{name:58} best {min(values):7.3f} s, median {median(values):7.3f} s")


def compare(found: Mapping[str, Sequence[float]], one: str, other: str) -> None:
    """Print how many times as long `one` took as `other`."""
    ratios = [first / second for first, second in zip(found[one], found[other], strict=True)]
    best = min(found[one]) / min(found[other])
    print(
        f"({one}) / ({other}): {best:.1f} best to best, {median(ratios):.1f} median of the turns "
        f"({min(ratios):.1f} to {max(ratios):.1f})"
    )


def cat(*paths: Path) -> None:
    """Read files, one process each."""
    with Path(os.devnull).open("wb") as nowhere:
        for path in paths:
            subprocess.run(["cat", str(path)], stdout=nowhere, check=True)


def diagnose(*arguments: object, cache: str = os.devnull) -> None:
    """Run `diagnose weights`; without a cache unless a folder is given."""
    command = [sys.executable, "-m", "diagnose", "weights", *map(str, arguments), "--format", "json", "--per-module"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env={**os.environ, "DIAGNOSE_CACHE_DIR": cache})


def one(path: Path, turns: int) -> None:
    """The statistics of one file against reading it, start of the workers included, and the memory they take."""
    imports, memory, workers = [], [], []

    def statistics() -> float:
        loading, measuring, own_peak, worker_peak = (float(word) for word in python(MEASURE, path))
        imports.append(loading)
        memory.append(own_peak)
        workers.append(worker_peak)
        return measuring

    found = in_turns({"cat": seconds(lambda: cat(path)), "statistics": statistics}, turns)
    say({**found, "importing diagnose.weights": imports[1:]})
    compare(found, "statistics", "cat")
    print(f"peak memory: {max(memory):.0f} MB, and {max(workers):.0f} MB of the largest worker")


def loop(folder: Path, turns: int) -> None:
    """Whole processes over all files of a run: ours, and a plain loop over the tensors."""
    paths = sorted(folder.glob("*.safetensors"))
    ours, each = "diagnose weights RUN, measured", "plain loop, one process per file"
    every, floor = "plain loop, one process for all", "mean and min |w| alone, our reader"
    with tempfile.TemporaryDirectory() as cache:
        diagnose(folder, cache=cache)
        actions = {
            ours: seconds(lambda: diagnose(folder)),
            "diagnose weights RUN, from the cache": seconds(lambda: diagnose(folder, cache=cache)),
            each: seconds(lambda: [python(PLAIN_LOOP, path) for path in paths]),
            every: seconds(lambda: python(PLAIN_LOOP, *paths)),
            floor: seconds(lambda: python(OUR_LOOP, *paths)),
            "cat of all files": seconds(lambda: cat(*paths)),
            "python -c 'import torch, safetensors.torch'": seconds(lambda: python(PLAIN_LOOP + "print(0)")),
        }
        found = in_turns(actions, turns)
    print(f"{len(paths)} files, {sum(path.stat().st_size for path in paths) / 1e9:.2f} GB")
    say(found)
    for plain in (each, every):
        compare(found, plain, ours)
    compare(found, every, floor)


def product(path: Path, turns: int) -> None:
    """Plain loops that form up @ down, which is what the norm and the spectrum of the update take without Gram."""
    found = in_turns(
        {
            "diagnose weights FILE, measured": seconds(lambda: diagnose(path)),
            "plain loop, mean |w| and |up @ down|": seconds(lambda: python(PLAIN_PRODUCT, path)),
        },
        turns,
    )
    say(found)
    spectrum = float(python(PLAIN_SPECTRUM, path)[0])
    print(f"plain spectrum of one 5120 x 5120 module: {spectrum:.1f} s; of 400 such {spectrum * 400 / 60:.0f} min")


def run(folder: Path, turns: int) -> None:
    """A pair of files, all pairs, and all again from the cache: whether time grows with the bytes alone."""
    paths = sorted(folder.glob("*.safetensors"))
    size = sum(path.stat().st_size for path in paths)
    with tempfile.TemporaryDirectory() as cache:
        diagnose(folder, cache=cache)
        stored = sum(path.stat().st_size for path in Path(cache).rglob("*.json"))
        found = in_turns(
            {
                "2 files": seconds(lambda: diagnose(*paths[:2])),
                f"{len(paths)} files": seconds(lambda: diagnose(folder)),
                f"{len(paths)} files, from the cache": seconds(lambda: diagnose(folder, cache=cache)),
            },
            turns,
        )
    print(f"{len(paths)} files, {size / 1e9:.2f} GB; the cache holds {stored / len(paths) / 1e3:.0f} kB per file")
    say(found)


def heading(folder: Path, turns: int) -> None:
    """What following the direction of change through a run adds to its statistics."""
    from diagnose.core.cache import Cache  # noqa: PLC0415
    from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint  # noqa: PLC0415
    from diagnose.weights.headings import chosen, comparisons  # noqa: PLC0415
    from diagnose.weights.measure import measure_run, measure_weights  # noqa: PLC0415

    checkpoints = [read_checkpoint(path, run_dir=folder) for path in sorted(folder.glob("*.safetensors"))]
    count = sum(len(comparisons(series)) for series in chosen(checkpoints))

    def followed() -> float:
        with tempfile.TemporaryDirectory() as name:
            measure_run(checkpoints, cache=Cache(Path(name)))
            return seconds(lambda: measure_weights(checkpoints, cache=Cache(Path(name))))()

    say(in_turns({f"{count} comparisons, statistics known": followed}, turns))


COMMANDS: Mapping[str, Callable[[Path, int], None]] = {
    "one": one,
    "loop": loop,
    "product": product,
    "run": run,
    "heading": heading,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("generate")
    making.add_argument("path", type=Path)
    making.add_argument("--pairs", type=int, default=1)
    making.add_argument("--blocks", type=int, default=40)
    for name in COMMANDS:
        timing = commands.add_parser(name)
        timing.add_argument("path", type=Path)
        timing.add_argument("--turns", type=int, default=7)
    options = parser.parse_args()
    if options.command == "generate":
        generate(options.path, options.pairs, options.blocks)
        return
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load}")
    with tempfile.TemporaryDirectory() as compiled:
        # As of an installed package, whose byte code lies beside it.
        os.environ["PYTHONPYCACHEPREFIX"] = compiled
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        COMMANDS[options.command](options.path, options.turns)


if __name__ == "__main__":
    main()
