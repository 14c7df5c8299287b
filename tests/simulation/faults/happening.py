"""What befalls runs whose config is right."""

from __future__ import annotations

from simulation.configs import changed, recipe, text_of
from simulation.deaths import BEFORE_TRAINING, LOOP, Death
from simulation.events import Events
from simulation.kind import Kind, pick

RECIPE = recipe("recommended")
NO_NUMBERS = ("losses-mostly-nan", "nan-losses")
SAVING = (
    ("jobs/process/BaseSDTrainProcess.py", 2438, "run"),
    ("jobs/process/BaseSDTrainProcess.py", 640, "save"),
)
LOADING = (
    ("jobs/process/BaseSDTrainProcess.py", 1630, "run"),
    ("toolkit/models/wan21/wan21.py", 340, "load_model"),
)


def _other_job(seed: int) -> str:
    """A short run with equal rates, of another name."""
    other = changed(RECIPE, {"train.steps": 400, "train.optimizer_params": {"lr_bump": 1e-5, "max_lr": 1e-4}})
    other["config"]["name"] = pick(seed, "other-lora", "walk-cycle", "test_2")
    return text_of(other)


HAPPENING = (
    Kind(
        "nan-from-the-start",
        "every loss is no number, from before the first update: no rate can be the cause",
        (*NO_NUMBERS, "nan-from-the-first-step"),
        lambda _: RECIPE,
        lambda _: Events(nan_from=0),
        cured=False,
    ),
    Kind(
        "nan-from-the-middle",
        "from some step on every loss is no number",
        (*NO_NUMBERS, "training-diverged"),
        lambda _: RECIPE,
        lambda seed: Events(nan_from=pick(seed, 900, 1300, 1600)),
        cured=False,
    ),
    Kind(
        "loss-explodes",
        "losses grow without end from some step on",
        ("loss-exploded", "training-diverged"),
        lambda _: RECIPE,
        lambda seed: Events(explodes_from=pick(seed, 1200, 1500, 1800)),
        cured=False,
    ),
    Kind(
        "rates-lost",
        "a resume that could not load the optimizer's state",
        ("optimizer-state-not-loaded",),
        lambda _: RECIPE,
        lambda seed: Events(resumed_at=pick(seed, 901, 1301, 1701), rates_lost=True),
        cured=False,
    ),
    Kind(
        "half-a-pair",
        "stopped between the two files of a save",
        ("half-of-a-pair-missing",),
        lambda _: RECIPE,
        lambda seed: Events(death=Death(pick(seed, 1501, 1801, 2101), "KeyboardInterrupt", SAVING), half_pair=True),
        cured=False,
    ),
    Kind(
        "log-of-another-job",
        "the folder holds the log of another job",
        ("files-of-another-job",),
        lambda _: RECIPE,
        lambda seed: Events(foreign_log=_other_job(seed)),
        cured=False,
    ),
    Kind(
        "crash",
        "an error of the trainer in mid-run",
        ("training-crashed",),
        lambda _: RECIPE,
        lambda seed: Events(
            death=Death(
                pick(seed, 340, 760, 1230),
                pick(
                    seed,
                    "RuntimeError: The size of tensor a (16) must match the size of tensor b (36) at non-singleton dimension 1",
                    "KeyError: 'blocks.0.attn1.to_q'",
                    "ValueError: cannot reshape array of size 0 into shape (3,480,480)",
                ),
                LOOP,
            )
        ),
        cured=False,
    ),
    Kind(
        "out-of-memory",
        "the graphics card has no memory left",
        ("out-of-memory",),
        lambda _: RECIPE,
        lambda seed: Events(
            death=Death(
                pick(seed, 3, 104),
                "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.20 GiB. GPU 0 has a total capacity of"
                " 23.99 GiB of which 512.00 MiB is free.",
            )
        ),
        cured=False,
    ),
    Kind(
        "disk-full",
        "no space is left for a save",
        ("disk-full", "training-crashed"),
        lambda _: RECIPE,
        lambda seed: Events(death=Death(pick(seed, 801, 1401), "OSError: [Errno 28] No space left on device", SAVING)),
        cured=False,
    ),
    Kind(
        "killed",
        "the system kills the process for its memory",
        ("killed-by-system", "training-crashed"),
        lambda _: RECIPE,
        lambda seed: Events(death=Death(pick(seed, 230, 640), "Killed"), killed=True),
        cured=False,
    ),
    Kind(
        "model-not-loaded",
        "the base model cannot be read",
        ("training-crashed",),
        lambda _: RECIPE,
        lambda _: Events(
            death=Death(
                BEFORE_TRAINING,
                "OSError: Error no file named diffusion_pytorch_model.safetensors found in directory models/wan.",
                LOADING,
            )
        ),
        cured=False,
    ),
)
