"""Whole run folders: real ones with some of their files damaged, doubled, missing, or replaced by links, pipes and folders."""

from __future__ import annotations

from random import Random

from fuzz import alpha_state, checkpoint, config, console, loss_db, metrics_log, optimizer, project_file
from fuzz.formats import DATA, Entry, Files, Folder, Format, Link, Pipe
from fuzz.noise import noisy

from diagnose.inputs import facts_of, run_inputs

LARGEST = 60_000
RUNS = [
    {
        path.relative_to(folder).as_posix(): path.read_bytes()[:LARGEST]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    for folder in sorted(DATA.iterdir())
    if folder.is_dir()
]
ODD_NAMES = (
    "a\nb.jsonl", "\x1b[31m.log", "\udcff.yaml", "metrics_.jsonl", "metrics_\u591c.jsonl", "x" * 250 + ".log", "-o.safetensors",
    "logs/1_log.txt", "logs/999999999_log.txt", "samples/1__000000020_0.mp4", "samples/9999999999999999__999999999_9.jpg",
    ".job_config.json", "config.yml", "x_000000020.safetensors", "x_high_noise.safetensors", "x_000000020_alpha_scheduler.json",
    "loss_log.db", "loss_log.db-wal", "optimizer.pt", "diagnose.yaml", "pid.txt", "log.txt", "stdout.log", "logs", "samples",
)  # fmt: skip
OTHERS = (
    Link("/dev/zero"),
    Link("/dev/stdin"),
    Link("config.yaml"),
    Link("."),
    Link(".."),
    Link("loop"),
    Link("/etc"),
    Pipe(),
    Folder(),
)


def part(chance: Random) -> Entry:
    """Return a file of any format, whatever its name will be."""
    if chance.random() < 0.25:
        return chance.choice(OTHERS)
    makers = (
        lambda: config.damaged(chance)[1],
        lambda: metrics_log.damaged(chance),
        lambda: console.damaged(chance),
        lambda: alpha_state.damaged(chance),
        lambda: loss_db.damaged(chance),
        lambda: optimizer.damaged(chance),
        lambda: checkpoint.make(chance)[checkpoint.NAME],
        lambda: project_file.make(chance)["diagnose.yaml"],
    )
    return chance.choice(makers)()


def make(chance: Random) -> Files:
    files: dict[str, Entry] = dict(chance.choice(RUNS))
    for _ in range(chance.choice((1, 2, 3, 5))):
        name, kind = chance.choice(sorted(files)), chance.randrange(6)
        if kind <= 1 and isinstance(content := files[name], bytes):
            files[name] = noisy(content, chance)
        elif kind == 2 and len(files) > 1:
            del files[name]
        elif kind == 3:
            files[name] = part(chance)
        elif kind == 4:
            files |= {chance.choice(ODD_NAMES): files[name]}
        else:
            files[chance.choice(ODD_NAMES)] = part(chance)
    return files


FORMAT = Format(
    make=make,
    read=lambda folder: run_inputs(folder, None),
    facts=lambda folder: facts_of(run_inputs(folder, None)),
    command=lambda folder: ["postmortem", str(folder), "--format", "json"],
    facts_every=4,
    judged_every=20,
)
