from pathlib import Path

from builders import config_of

from diagnose.core.values import Intent, Place
from diagnose.facts.intent import conclude_intent

CLIPS, STILLS = [{"num_frames": 33}], [{"num_frames": 1}]


def test_what_the_user_says_wins(tmp_path: Path) -> None:
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


def test_where_the_user_said_it_is_kept() -> None:
    at = Place("diagnose.yaml", 2, "intent")
    verdict = conclude_intent(None, Intent.CHARACTER, at)
    assert (verdict.evidence, verdict.places) == (("as declared in diagnose.yaml:2",), (at,))
    assert conclude_intent(None, Intent.CHARACTER).places == (Place("command line", key="--intent"),)
