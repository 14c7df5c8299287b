"""The film of the previews and the curve of their motion."""

from __future__ import annotations

from made_motion import clip, file_of, series_of
from msgspec.structs import replace
from report_text import read, shown

from diagnose.report.charts.motion import curve, film, motion_figures
from diagnose.verdict.motion import MotionCourse, table_of
from diagnose.verdict.report import FilmStrip, Report

ONE = FilmStrip(1000, 0, "samples/1000_0.webp", "aGk=")
FALLING = series_of({0: (0.2, 0.4), 100: (0.2, 0.4), 200: (0.08, 0.2)})


def test_each_strip_says_what_it_is(failing: Report) -> None:
    (found,) = film(replace(failing, film=(ONE, replace(ONE, step=2000), replace(ONE, prompt=1))))
    assert found.drawing.count('<img src="data:image/jpeg;base64,aGk="') == 3
    assert 'alt="Preview at step 1000, prompt 1"' in found.drawing
    assert "<span>step 2000</span>" in found.drawing
    assert found.drawing.count("<h4>") == 2
    assert "<h4>Prompt 2</h4>" in found.drawing
    assert [cell.strip() for cell in shown([found.table])[0].splitlines()[2].split("|")[1:-1]] == [
        "1000",
        "1",
        "",
        "`samples/1000_0.webp`",
    ]


def test_strips_have_prompt_seed_and_motion_where_they_are_known(failing: Report) -> None:
    strips = tuple(FilmStrip(step, 1, file_of(step, 1), "aGk=") for step in (0, 200))
    (found,) = film(replace(failing, film=strips, motion=table_of(FALLING)))
    assert "<h4>Prompt 2: a walk, 1 (seed 42)</h4>" in found.drawing
    assert "<span>step 200, motion 0.20</span>" in found.drawing


def test_a_preview_without_a_figure_says_so(failing: Report) -> None:
    strip = FilmStrip(100, 0, file_of(100, 0), "aGk=")
    (found,) = film(replace(failing, film=(strip,), motion=table_of(series_of({100: (None,)}))))
    assert "<span>step 100, motion no figure</span>" in found.drawing


def test_a_training_clip_is_a_reference(failing: Report) -> None:
    (found,) = film(replace(failing, film=(ONE, FilmStrip(None, None, "walk.mp4", "aGk="))))
    assert "<h4>A training clip</h4>" in found.drawing
    assert "<span>walk.mp4</span>" in found.drawing
    assert "Shown: 1 of 3 previews" in read(found.says)


def test_it_says_where_more_were_made_than_are_shown(failing: Report) -> None:
    assert "Shown: 1 of 3 previews; `--previews` shows more." in read(film(replace(failing, film=(ONE,)))[0].says)
    assert "Shown" not in read(film(replace(failing, film=(ONE,) * 3))[0].says)


def test_what_is_no_picture_is_not_shown(failing: Report) -> None:
    assert film(replace(failing, film=(replace(ONE, picture='"><script>'),))) == []
    assert film(failing) == []


def test_a_hostile_prompt_is_text(failing: Report) -> None:
    (first, *_) = FALLING.prompts
    hostile = replace(FALLING, prompts=(replace(first, text="<script>alert(1)</script>" * 10),))
    (found,) = film(replace(failing, film=(replace(ONE, file=file_of(100, 0)),), motion=table_of(hostile)))
    assert "<script>" not in found.drawing
    assert "&lt;script&gt;" in found.drawing


def test_the_curve_is_a_percentage_of_step_0_with_a_band(failing: Report) -> None:
    figures = motion_figures(replace(failing, motion=table_of(FALLING)))
    assert [each.name for each in figures] == ["motion"]
    assert "percentage of the same prompts' at step 0" in read(figures[0].says)
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in shown([figures[0].table])[0].splitlines()]
    assert rows[0] == ["Step", "Motion"]
    assert rows[2:] == [["0", "100"], ["100", "100"], ["200", "44.72"]]
    assert 'class="area one"' in figures[0].drawing


def test_the_clips_are_a_line_beside_it() -> None:
    (found,) = curve(table_of(replace(FALLING, clips=(clip("a.mp4", 0.6),))))
    assert "training clips" in found.drawing


def test_one_step_is_no_curve_and_nothing_trusted_is_none() -> None:
    assert curve(table_of(series_of({100: (0.2, 0.2)}))) == []
    assert curve(table_of(series_of({0: (None,), 100: (None,)}))) == []


def test_the_step_of_a_change_is_marked() -> None:
    course = MotionCourse(4, None, None, 200, 0.4, 0.3, 0.5, "at once", None, None, 9, None, None)
    (found,) = curve(replace(table_of(FALLING), course=course))
    assert "from step 200" in found.drawing
    assert 'class="turn thin"' in found.drawing


def test_names_of_two_lines_do_not_meet() -> None:
    (near,) = curve(table_of(replace(FALLING, clips=(clip("a.mp4", 0.31),))))
    (far,) = curve(table_of(replace(FALLING, clips=(clip("a.mp4", 0.6),))))
    assert ("step 0</text>" in near.drawing, "step 0</text>" in far.drawing) == (False, True)
