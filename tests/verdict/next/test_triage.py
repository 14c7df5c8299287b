"""First things first: what broke a run is changed alone, a full disk keeps no more saves, and both are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml
from blank_rule import BLANK_RULE
from builders import config_of
from msgspec.structs import replace
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose import Report, Settings, next_config, preflight
from diagnose.core.values import Fact, Intent, Scalar, Severity, Stage
from diagnose.engine.inference import Firing
from diagnose.rulebase.rule import Applicability, ChangeOp, ChangeSpec, Grade, Meaning, Op, Rule, Test
from diagnose.verdict.judgement import Change
from diagnose.verdict.next.triage import Triage, later_of, triage

RUNS = Path(__file__).parents[2] / "runs" / "data"
MOTION = Settings(intent=Intent.MOTION)
UPSTREAM = Settings(intent=Intent.MOTION, trainer=AI_TOOLKIT)
FULL = 'safetensors_rust.SafetensorError: Error while serializing: IoError(Os { code: 28, kind: StorageFull, message: "No space left on device" })'
WINDOWS = "OSError: [WinError 112] There is not enough space on the disk"
MEMORY = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."
PINNED = "RuntimeError: CUDA error: out of memory"
TRAIN = {"optimizer": "adamw8bit", "lr": 1e-4, "steps": 3000, "noise_scheduler": "flowmatch", "timestep_type": "linear"}


def crashed(
    folder: Path, error: str, train: Mapping[str, Any] = MappingProxyType({}), clips: Sequence[Any] = (), **model: Any
) -> Path:
    """A run of upstream that ended in an error at step 250."""
    process = {
        "type": "diffusion_trainer",
        "network": {"type": "lora", "linear": 32},
        "save": {"save_every": 250, "max_step_saves_to_keep": 4},
        "train": {**TRAIN, **train},
        **({"datasets": list(clips)} if clips else {}),
        "model": {"name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "arch": "wan22_14b_i2v", **model},
    }
    folder.mkdir(exist_ok=True)
    config = {"job": "extension", "config": {"name": "wave", "process": [process]}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    bar = "wave:   8%|          | 250/3000 [33:20<6:06:40,  8.00s/it, lr: 1.0e-04 loss: 1.175e-01]"
    lines = [
        "Running 1 job",
        "# Running job: wave",
        bar,
        f"Error running job: {error}",
        "Traceback (most recent call last):",
    ]
    text = "\n".join([*lines, '  File "run.py", line 120, in <module>', "    main()", error])
    (folder / "log.txt").write_text(f"{text}\n")
    return folder


def paths(report: Report) -> set[str]:
    return {change.path for change in report.next.changes if change.path}


def waiting(report: Report) -> set[str]:
    return {each.change.path for each in report.next.later if each.change.path}


def test_after_a_divergence_nothing_else_changes_with_it() -> None:
    report = next_config(RUNS / "fork-nan", MOTION)
    assert not paths(report) & {"train.optimizer", "train.steps", "train.timestep_type"}
    assert {"train.optimizer", "train.steps", "train.timestep_type"} <= waiting(report)


def test_what_waits_is_not_asked_for_by_a_pre_flight_of_the_next_config(tmp_path: Path) -> None:
    first = next_config(RUNS / "fork-nan", MOTION)
    assert first.next.config is not None
    again = tmp_path / "next.yaml"
    again.write_text(first.next.config)
    second = preflight(again, Settings(intent=Intent.MOTION, trainer=RELAXIS))
    assert paths(second) == set()
    assert second.next.config == first.next.config
    assert "train.optimizer" in waiting(second)


@pytest.mark.parametrize("error", [FULL, WINDOWS])
def test_a_full_disk_keeps_no_more_saves(tmp_path: Path, error: str) -> None:
    report = next_config(crashed(tmp_path / "wave", error), UPSTREAM)
    assert "disk-full" in {finding.name for finding in report.findings}
    assert not paths(report) & {"save.max_step_saves_to_keep", "save.save_every"}
    assert {"save.max_step_saves_to_keep", "save.save_every"} <= waiting(report)


def test_a_full_disk_keeps_no_more_saves_in_two_runs_either(tmp_path: Path) -> None:
    run = crashed(tmp_path / "wave", FULL)
    plan = next_config(run, Settings(intent=Intent.MOTION, trainer=AI_TOOLKIT, split=True)).next
    for each in plan.configs:
        assert yaml.safe_load(each.config)["config"]["process"][0]["save"] == {
            "save_every": 250,
            "max_step_saves_to_keep": 4,
        }


FOUR = "uint4|ostris/accuracy_recovery_adapters/wan22_14b_i2v_torchao_uint4.safetensors"
PACKED = {"low_vram": True, "quantize": True}
OFFLOADED = ["model.layer_offloading", "model.layer_offloading_transformer_percent"]
SAVES_MEMORY = ("model.", "train.cache", "train.gradient_ch", "train.batch")


@pytest.mark.parametrize(
    ("model", "train", "keys"),
    [
        ({}, {"gradient_checkpointing": False}, ["train.gradient_checkpointing"]),
        ({}, {}, ["model.low_vram"]),
        ({"low_vram": True}, {}, ["model.quantize"]),
        (PACKED, {}, ["train.cache_text_embeddings"]),
        (PACKED, {"cache_text_embeddings": True}, ["model.qtype"]),
        ({**PACKED, "qtype": FOUR}, {"cache_text_embeddings": True, "batch_size": 2}, ["train.batch_size"]),
        ({**PACKED, "qtype": FOUR}, {"cache_text_embeddings": True}, OFFLOADED),
        ({**PACKED, "qtype": FOUR, "layer_offloading": True}, {"cache_text_embeddings": True}, []),
    ],
)
def test_a_want_of_memory_is_answered_by_one_means_or_by_none(
    tmp_path: Path, model: dict[str, Any], train: dict[str, Any], keys: list[str]
) -> None:
    report = next_config(crashed(tmp_path / "wave", MEMORY, train, **model), UPSTREAM)
    changed = [change.path for change in report.next.changes if change.path.startswith(SAVES_MEMORY)]
    assert changed == keys
    said = any("the next config does not save memory" in change.because for change in report.next.changes)
    assert said is not bool(keys)
    if keys:
        assert report.next.written[0].path == keys[0]


def test_it_says_how_much_memory_a_change_saves(tmp_path: Path) -> None:
    report = next_config(crashed(tmp_path / "wave", MEMORY, clips=[{"num_frames": 41, "resolution": 512}]), UPSTREAM)
    (change,) = [each for each in report.next.changes if each.path == "model.low_vram"]
    assert change.because == "the run ran out of GPU memory with both experts on the GPU; one less saves about 27 GB"


def test_main_memory_is_no_matter_of_a_key(tmp_path: Path) -> None:
    report = next_config(crashed(tmp_path / "wave", PINNED), UPSTREAM)
    assert not any(change.path.startswith("model.") for change in report.next.changes)
    assert any("free main memory" in change.because for change in report.next.changes)


@pytest.mark.parametrize("intent", list(Intent))
def test_the_rate_that_broke_the_run_is_lowered(intent: Intent) -> None:
    report = next_config(RUNS / "fork-nan", Settings(intent=intent))
    rate = next(change for change in report.next.changes if change.path == "train.lr")
    assert (rate.old, rate.new) == (1e20, 1e-4)


def test_advice_for_any_error_gives_way_to_the_answer_of_its_cause(tmp_path: Path) -> None:
    general = "fix what the error names"
    known = next_config(RUNS / "fork-n_neg_missing", MOTION)
    assert "training-crashed" in {finding.name for finding in known.findings}
    advised = [*known.next.changes, *(change for finding in known.findings for change in finding.changes)]
    assert not [change for change in advised if change.because.startswith(general)]
    assert "sample.neg" in paths(known)
    unknown = next_config(crashed(tmp_path, "ValueError: of a kind that nobody met"), UPSTREAM)
    assert [change for change in unknown.next.changes if change.because.startswith(general)]


RULE = replace(BLANK_RULE, id="A", name="a", severity=Severity.MAJOR, grades=())


def fired(rule: Rule, *bound: Fact, subject: str = "run") -> Firing:
    return Firing(rule.id, subject, tuple((fact.name, fact) for fact in bound), (), rule.stage)


def sorted_out(*pairs: tuple[Rule, Firing]) -> Triage:
    return triage({rule.id: rule for rule, _ in pairs}, [firing for _, firing in pairs], {})


def test_a_rule_that_fires_twice_counts_as_its_gravest() -> None:
    extreme = Grade(Severity.BLOCKER, "much", Test(Op.GT, 1))
    twice = replace(RULE, grades=(extreme,), derives=("symptom.x",))
    mend = replace(BLANK_RULE, id="M", name="mend", stage=Stage.REMEDY)
    little, much = (
        fired(twice, Fact("much", subject, value), subject=subject) for subject, value in (("a", 0), ("b", 2))
    )
    answer = fired(mend, Fact("symptom.x", "a", value=True))
    for firings in ((little, much), (much, little)):
        found = triage({"A": twice, "M": mend}, [*firings, answer], {})
        assert found.now == {"a", "mend"}


def test_what_goes_first_is_made_at_once_whatever_it_answers() -> None:
    first = replace(RULE, id="B", name="b", means=(Meaning.GOES_FIRST,))
    found = sorted_out((RULE, fired(RULE)), (first, fired(first)))
    assert (set(found.now), found.broke, found.disk_full) == ({"b"}, False, False)
    broke = replace(RULE, means=(Meaning.RUN_BROKE, Meaning.NO_ROOM))
    found = sorted_out((broke, fired(broke)))
    assert (set(found.now), found.broke, found.disk_full) == (set(), True, True)


def test_only_a_finding_with_an_answer_settles_what_it_explains() -> None:
    symptom = replace(RULE, id="S", name="s", derives=("symptom.x",))
    mend = replace(BLANK_RULE, id="M", name="mend", stage=Stage.REMEDY)
    advice = ChangeSpec("", ChangeOp.ADVISE, "so", Applicability.MANUAL)
    answer = (mend, fired(mend, Fact("symptom.x", "run", value=True)))
    for changes, severity, settled in (
        ((advice,), Severity.MAJOR, {"M", "S"}),  # the remedy, and advice of the finding itself
        ((), Severity.MAJOR, set()),
        ((advice,), None, set()),
    ):
        cause = replace(RULE, id="C", name="c", explains=("s",), changes=changes, severity=severity)
        assert sorted_out((symptom, fired(symptom)), (cause, fired(cause)), answer).settled == settled


@pytest.mark.parametrize(
    ("path", "new", "waits"),
    [
        ("save.max_step_saves_to_keep", 5, True),
        ("save.max_step_saves_to_keep", 4, False),
        ("save.save_every", 249, True),
        ("save.save_every", 250, False),
        ("save.save_every", "often", False),
        ("train.steps", 5000, False),
    ],
)
def test_after_a_full_disk_no_more_is_saved(path: str, new: Scalar, waits: bool, tmp_path: Path) -> None:
    config = config_of(tmp_path, save={"save_every": 250, "max_step_saves_to_keep": 4}, train={"steps": 100})
    change = Change(path, ChangeOp.SET, None, new, "so", (), Applicability.SAFE, (), setting=config.name_of(path))
    full, room = (Triage((), frozenset(), False, disk, frozenset()) for disk in (True, False))
    assert bool(later_of([change], full, config, was_run=True, split=False)) is waits
    assert not later_of([change], room, config, was_run=True, split=False)
    assert not later_of([replace(change, op=ChangeOp.REMOVE)], full, config, was_run=True, split=False)
    bare = config_of(tmp_path, save={"save_every": "often", "max_step_saves_to_keep": "all"}, train={"steps": 100})
    assert bool(later_of([change], full, bare, was_run=True, split=False)) is (
        path.startswith("save.") and new != "often"
    )
