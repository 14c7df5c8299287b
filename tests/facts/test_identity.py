from pathlib import Path

from builders import CONSOLE, TRAINERS, config_of, reading, readings
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.core.values import Intent, Place
from diagnose.facts.identity import conclude_intent, conclude_trainer, how_said, where_said
from diagnose.sources.log_readings import ConsoleReading, LogReading, Sign
from diagnose.sources.log_rows import NO_ROWS, LogRow
from diagnose.sources.readings import CheckpointFile, RunReadings

ROW = LogRow(0, 1, loss=0.5)
CLIPS, STILLS = [{"num_frames": 33}], [{"num_frames": 1}]


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
    console = ConsoleReading(LogReading("log.txt", CONSOLE, NO_ROWS), (), signs=(sign,))
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


def test_an_intent_that_the_user_says_wins(tmp_path: Path) -> None:
    config = config_of(tmp_path, model={"arch": "wan22_14b_i2v"}, datasets=CLIPS)
    assert conclude_intent(config, Intent.STYLE).intent is Intent.STYLE


def test_clips_on_an_image_to_video_model_mean_motion_and_say_so(tmp_path: Path) -> None:
    verdict = conclude_intent(config_of(tmp_path, model={"arch": "wan22_14b_i2v"}, datasets=CLIPS), None)
    assert verdict.intent is Intent.MOTION
    assert verdict.evidence[0].startswith("inferred")
    assert verdict.places[1].line is not None


def test_stills_and_other_models_leave_the_intent_open(tmp_path: Path) -> None:
    for arch, sets in (("wan22_14b_i2v", STILLS), ("wan22_14b", CLIPS), ("wan22_14b_i2v", [])):
        assert conclude_intent(config_of(tmp_path, model={"arch": arch}, datasets=sets), None).intent is None
    assert conclude_intent(None, None).intent is None


def test_where_the_user_said_the_intent_is_kept() -> None:
    at = Place("diagnose.yaml", 2, "intent")
    verdict = conclude_intent(None, Intent.CHARACTER, at)
    assert (verdict.evidence, verdict.places) == (("as declared in diagnose.yaml:2",), (at,))
    assert conclude_intent(None, Intent.CHARACTER).places == (Place("command line", key="--intent"),)


def test_on_the_command_line_or_in_a_file() -> None:
    assert how_said(where_said("intent", None)) == "as asked with --intent"
    assert how_said(where_said("intent", Place("diagnose.yaml", 3, "intent"))) == "as declared in diagnose.yaml:3"
