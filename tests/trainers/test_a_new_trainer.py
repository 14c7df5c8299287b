"""A trainer is its own folder and its own description. It touches nothing else, and no rule is about it unasked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from trainer_names import AI_TOOLKIT, BOTH, RELAXIS

from diagnose import DiagnoseError, Settings, postmortem, preflight, trainers
from diagnose.api import understand
from diagnose.core import paths
from diagnose.report.formats import render
from diagnose.settings import rule_base
from diagnose.verdict.consult import Consultation

KILN = Path(__file__).parents[1] / "support" / "new_trainer"
OURS = paths.data_root()
CONFIG = "max_steps: {steps}\nlearning_rate: {rate}\noptimizer: adamw\nexperts: {{{other}: false}}\n"
OTHER = {"high": "low", "low": "high"}
ANSWERED = ("start_rate", "rate_greatest", "rate_key", "rate_tenth", "per_expert_keys", "updates")
STATED = [
    "config.steps",
    "config.steps_alone",
    "config.steps_of_both",
    "config.optimizer",
    "config.optimizer_is_mapping",
    "config.lr",
    "config.lr_written",
    "config.per_expert_keys",
    "config.trains",
    "config.rate_value",
    "config.rate_outside",
    "config.rate_above",
    "config.rate_usual",
    "config.rate_sane",
]
"""What is known of a config by its settings alone."""


@pytest.fixture(scope="module", autouse=True)
def _kiln(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Put the folder beside the rooms, and the description beside the others; nothing else is touched."""
    root = tmp_path_factory.mktemp("data")
    shutil.copytree(OURS / "knowledge", root / "knowledge")
    (root / "rules").symlink_to(OURS / "rules")
    shutil.copy(KILN / "kiln.yaml", root / "knowledge" / "trainers" / "kiln.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainers, "__path__", [*trainers.__path__, str(KILN)])
        patch.setattr(paths, "data_root", lambda: root)
        yield


def half(folder: Path, expert: str, *, steps: int, rate: float, trained: int | None = None) -> Path:
    folder.mkdir()
    (folder / "kiln.yaml").write_text(CONFIG.format(steps=steps, rate=rate, other=OTHER[expert]))
    rows = range(steps if trained is None else trained)
    (folder / "kiln.log").write_text("".join(f"{step} 0.1 {rate}\n" for step in rows))
    return folder


def rules_about(held: Consultation) -> set[tuple[str, ...]]:
    """The trainers that the rules name which fired, passed or want more."""
    inference = held.inference
    tried = {each.rule for each in inference.firings} | {each.rule for each in inference.gaps}
    tried |= {rule for rule, _ in inference.silent}
    return {held.grounds.rules[rule].trainers for rule in tried}


def test_it_is_recognised_by_its_config_which_is_read(tmp_path: Path) -> None:
    config = half(tmp_path / "run", "high", steps=4000, rate=1e-4) / "kiln.yaml"
    held = understand(config, Settings(intent="motion"))
    assert (held.known.trainer.trainer, held.known.trainer.kin) == ("kiln", ("kiln",))
    read = {name: held.known.value(name) for name in ("config.steps", "config.lr", "config.optimizer")}
    assert {name: fact.value for name, fact in read.items() if fact} == {
        "config.steps": 4000,
        "config.lr": 1e-4,
        "config.optimizer": "adamw",
    }
    steps = read["config.steps"]
    assert steps is not None
    assert (steps.places[0].line, steps.places[0].key) == (1, "max_steps")


def test_it_inherits_no_rule_that_does_not_name_it(tmp_path: Path) -> None:
    run = half(tmp_path / "run", "high", steps=4000, rate=1e-4)
    for source in (run, run / "kiln.yaml"):
        assert rules_about(understand(source, Settings(intent="motion"))) == {("any",)}
    about = {rule.trainers for rule in rule_base(Settings()).rules}
    assert {trainer for each in about for trainer in each} == {"any", *BOTH}, "no rule of ours names it"


def test_what_its_room_answers_is_known(tmp_path: Path) -> None:
    held = understand(half(tmp_path / "run", "high", steps=400, rate=1e-4), Settings(intent="motion"))
    answered = {
        ("effective.start_rate", "run"): 1e-4,
        ("effective.rate_greatest", "run"): 1e-4,
        ("effective.rate_key", "run"): "learning_rate",
        ("effective.per_expert_keys", "run"): "not declared",
        ("effective.updates", "high"): 400,
    }
    assert {key: fact.value for key in answered if (fact := held.known.value(*key)) is not None} == answered
    assert held.known.evidence.series is not None
    assert held.known.evidence.series.nan_exact, "it says that no loss is weighed down to zero"


def test_what_its_room_does_not_answer_is_unknown_and_never_false(tmp_path: Path) -> None:
    held = understand(half(tmp_path / "run", "high", steps=400, rate=1e-4), Settings(intent="motion"))
    told = {fact.name: fact.value for fact in held.known.facts if fact.known}
    own = ("effective", "config", "trainer", "resume", "dataset")
    made = {name for name in told if name.startswith(own)} - set(STATED) - {f"effective.{each}" for each in ANSWERED}
    assert made == {"effective.preview_outlived", "effective.split"}
    assert told["effective.preview_outlived"] is False, "nothing shows that it went on after a preview"
    assert held.known.evidence.expectation is not None
    assert held.known.evidence.expectation.forecast is None


def test_it_is_known_by_name_everywhere(tmp_path: Path) -> None:
    config = half(tmp_path / "run", "low", steps=400, rate=1e-4) / "kiln.yaml"
    assert preflight(config, Settings(trainer="kiln")).run.trainer == "kiln"
    with pytest.raises(DiagnoseError, match=r"give one of ai-toolkit, ai-toolkit-relaxis, kiln$"):
        Settings(trainer="oven")


def test_the_others_are_judged_as_before(v15_dir: Path) -> None:
    held = understand(v15_dir / "config.yaml")
    assert set(held.known.trainer.kin) == set(BOTH)
    assert {(AI_TOOLKIT, RELAXIS), ("any",)} <= rules_about(held)


def test_two_of_its_runs_are_a_pair(tmp_path: Path) -> None:
    high = half(tmp_path / "first", "high", steps=4000, rate=1e-4)
    low = half(tmp_path / "second", "low", steps=1000, rate=1e-4, trained=800)
    report = postmortem(high, Settings(intent="motion"), partner=low)
    told = json.loads(render(report, "json"))
    fields = ("experts", "trainer", "steps_trained", "steps_configured")
    assert [[each[field] for field in fields] for each in told["run"]["trainings"]] == [
        [["high"], "kiln", 4000, 4000],
        [["low"], "kiln", 800, 1000],
    ]
    assert told["run"]["trainer"] == "kiln"
    assert told["lr_ratio"]["observed_median"] == pytest.approx(1.0)
    assert told["experts"]["high"]["lr_last"] == told["experts"]["low"]["lr_last"] == pytest.approx(1e-4)
    about = {f.name: {e.subject for e in f.evidence} for f in report.findings}
    assert about["trained-too-long"] == {"high"}
    assert about["run-shows-no-end"] == {"low"}
    assert about["lr-ratio-too-small"] == {"run"}
