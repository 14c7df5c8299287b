"""What the report says of the motion in the previews."""

from __future__ import annotations

from typing import Any

from made_motion import broken, clip, series_of
from msgspec.structs import replace
from report_text import shown

from diagnose.motion.series import MotionSeries, Point
from diagnose.report.sections.motion import MOST_ROWS, motion
from diagnose.verdict.motion import MotionCourse, table_of
from diagnose.verdict.report import Report

FALLING = series_of({0: (0.2, 0.3, 0.4, 0.5), 100: (0.2, 0.3, 0.41, 0.5), 200: (0.08, 0.12, 0.16, 0.2)})


def text(report: Report, series: MotionSeries) -> str:
    return "\n".join(shown(motion(replace(report, motion=table_of(series)))))


def test_a_run_without_previews_has_no_such_section(failing: Report) -> None:
    assert motion(failing) == []


def test_each_step_is_told_against_the_model_without_the_lora(failing: Report) -> None:
    told = text(failing, FALLING)
    assert "At step 200 the previews move **40 %** as much as at step 0, the model without the LoRA." in told
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in told.splitlines() if row.startswith("|")]
    assert rows[0] == ["Step", "Motion", "Against step 0", "90 % range", "Trust", "Prompts"]
    assert rows[2] == ["0", "0.35", "", "", "0.90", "4"]
    assert rows[-1] == ["200", "0.14", "40 %", "40 % to 40 %", "0.90", "4"]
    assert "not on previews of a real 14B run" in told


def test_noise_gets_no_figure(failing: Report) -> None:
    told = text(failing, series_of({0: (None, None), 100: (None, None)}))
    assert "**The previews are noise, or too broken to measure: no figure.**" in told
    assert "0.15 of the pixels" in told
    assert "|" not in told


def test_one_step_alone_compares_with_nothing(failing: Report) -> None:
    told = text(failing, series_of({0: (None, None), 100: (0.2, 0.2)}))
    assert "Only the previews of step 100 could be measured, so nothing compares." in told


def test_what_was_not_measured_is_named_with_the_reason(failing: Report) -> None:
    bad = broken("samples/1__000000300_0.webp")
    first, *others = FALLING.prompts
    first = replace(first, points=(*first.points, Point(300, bad.file, bad)))
    told = text(failing, replace(FALLING, prompts=(first, *others)))
    assert "Not measured: `samples/1__000000300_0.webp` (truncated, or not a video)." in told


def test_where_nothing_could_be_measured_the_reason_is_all(failing: Report) -> None:
    missing = broken("a.webp", "opencv-python-headless is not installed: pip install 'diagnose[video]'")
    (own,) = series_of({100: (0.2,)}).prompts
    told = text(failing, MotionSeries((replace(own, points=(Point(100, "a.webp", missing),)),)))
    assert "The motion in the previews was not measured: opencv-python-headless is not installed" in told
    assert told.endswith("pip install 'diagnose\\[video\\]'.")


def test_stills_have_no_motion(failing: Report) -> None:
    told = text(failing, MotionSeries(left_out=("prompt 1: one frame, so there is no motion",)))
    assert "There is no motion to measure in the previews: prompt 1: one frame, so there is no motion." in told


def test_changed_previews_and_the_clips_are_told(failing: Report) -> None:
    told = text(failing, replace(FALLING, changed=(500,), clips=(clip("a.mp4", 0.5), clip("b.mp4", 0.7))))
    assert "The previews are others from step 500 on" in told
    assert "The training clips move at 0.60 as the trainer teaches them (2 clips, the median)." in told


def test_many_steps_are_thinned(failing: Report) -> None:
    told = text(failing, series_of(dict.fromkeys(range(0, 3000, 100), (0.2, 0.2))))
    rows = [row for row in told.splitlines() if row.startswith("|")]
    assert len(rows) == MOST_ROWS + 2
    assert rows[-1].startswith("| 2900 ")
    assert "16 of 30 steps; the JSON report has all." in told


def test_which_weights_made_the_previews_is_told_where_it_matters(failing: Report) -> None:
    made = replace(table_of(FALLING), averaged=True, alone="high")
    told = "\n".join(shown(motion(replace(failing, motion=made))))
    assert "The previews were made with the averaged (EMA) weights, as the saves were." in told
    assert "This run trains the high-noise expert alone; the other expert in its previews is the base model's." in told
    assert "alone" not in text(failing, FALLING)
    assert "EMA" not in text(failing, FALLING)


COURSE = MotionCourse(4, False, None, None, None, None, None, None, 200, "step 100 and 300", 9, 0.2, None)


def told(report: Report, **changes: Any) -> str:
    found = replace(table_of(FALLING), course=replace(COURSE, **changes))
    return "\n".join(shown(motion(replace(report, motion=found))))


def test_a_change_is_told_with_its_step_and_its_band(failing: Report) -> None:
    text = told(failing, turned_at=200, change=0.4, low=0.35, high=0.46, way="at once")
    assert (
        "The previews move **40 % as much as before, from step 200 on**, at once (35 % to 46 %; 4 prompts). "
        "At step 200 the previews move **40 %** as much as at step 0, the model without the LoRA."
    ) in text
    assert "- Such previews show a fall of the motion by 30 % in 9 of 10 runs (simulated)." in text
    assert "- Step 200 moves most; step 100 and 300 may be as good." in text


def test_a_steady_motion_is_told_with_what_would_have_shown(failing: Report) -> None:
    text = told(failing, steady=True, best_equals=None)
    assert "**The motion neither falls nor rises over the steps** (4 prompts). A fall by 20 % would have shown." in text
    assert "- Step 200 moves most." in text


def test_too_few_prompts_are_inconclusive_with_how_many_would_do(failing: Report) -> None:
    few = told(failing, prompts=2, inconclusive=True, prompts_to_settle=6, power=None, best_step=None)
    assert "**Inconclusive:** 2 prompts cannot tell a change from chance. 6 prompts with fixed seeds" in few
    assert "of 10 runs" not in few
    assert "moves most" not in few
    assert "chance. At step 200" in told(failing, inconclusive=True)
