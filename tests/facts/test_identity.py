from pathlib import Path

from builders import CONSOLE, TRAINERS, reading, readings
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.core.values import Place
from diagnose.facts.identity import conclude_trainer
from diagnose.sources.log_readings import ConsoleReading, LogReading, LogRow, Sign
from diagnose.sources.readings import CheckpointFile, RunReadings

ROW = LogRow(0, 1, loss=0.5)


def trainer(run: RunReadings) -> str | None:
    return conclude_trainer(run, TRAINERS, None).trainer


def test_each_log_belongs_to_one_trainer() -> None:
    assert trainer(readings(metrics=[ROW])) == RELAXIS
    assert trainer(readings(metrics=[])) == RELAXIS, "an empty metrics file is the fork's all the same"
    assert trainer(readings(loss_db=[ROW])) == AI_TOOLKIT


def test_keys_in_the_config_are_a_hint_that_evidence_overrules(tmp_path: Path) -> None:
    config = reading(tmp_path, train={"optimizer_params": {"high_noise_lr_bump": 1e-5}})
    assert trainer(readings(config=config)) == RELAXIS
    assert trainer(readings(config=config, loss_db=[ROW])) == AI_TOOLKIT


def test_a_key_that_one_trainer_reads_is_a_hint_at_it(tmp_path: Path) -> None:
    for sections, expected in (
        ({"logging": {"use_ui_logger": True}}, AI_TOOLKIT),
        ({"sample": {"sample_start_step": 0}}, AI_TOOLKIT),
        ({"datasets": [{"max_pixels_per_frame": 262144}]}, RELAXIS),
        ({"network": {"alpha_schedule": {"enabled": True}}}, RELAXIS),
        ({"datasets": [{"max_pixels_per_frame": 262144}], "logging": {"use_ui_logger": True}}, None),
        ({"train": {"steps": 100, "no_such_key": 1}}, None),
    ):
        assert trainer(readings(config=reading(tmp_path, **sections))) == expected, sections


def test_contradicting_evidence_decides_nothing_and_is_shown() -> None:
    verdict = conclude_trainer(readings(metrics=[ROW], loss_db=[ROW]), TRAINERS, None)
    assert verdict.trainer is None
    assert {clue.trainer for clue in verdict.clues} == {RELAXIS, AI_TOOLKIT}


def test_what_the_user_says_wins() -> None:
    verdict = conclude_trainer(readings(loss_db=[ROW]), TRAINERS, RELAXIS)
    assert verdict.trainer == RELAXIS
    assert verdict.asked


def test_where_the_user_said_it_is_kept() -> None:
    at = Place("diagnose.yaml", 3, "trainer")
    assert conclude_trainer(readings(), TRAINERS, RELAXIS, at).asked == at
    asked = conclude_trainer(readings(), TRAINERS, RELAXIS)
    assert asked.asked == Place("command line", key="--trainer")


def test_a_sign_of_console_or_newest_checkpoint_decides() -> None:
    sign = Sign(AI_TOOLKIT, "only upstream does this", Place("log.txt", 3))
    console = ConsoleReading(LogReading("log.txt", CONSOLE, ()), (), signs=(sign,))
    assert trainer(readings(console=console)) == AI_TOOLKIT
    saves = [
        CheckpointFile(
            f"{step}.safetensors", Path("j"), ("high", "low"), step, final=False, size=1, modified=1, header_sha256="",
            tensors=(), signs=(sign,) * (step == 20),
        )
        for step in (10, 20, 30)
    ]  # fmt: skip
    assert trainer(readings(checkpoints=saves[:2])) == AI_TOOLKIT
    assert trainer(readings(checkpoints=saves)) is None
