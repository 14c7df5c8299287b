"""The film: pictures with their step and prompt, and nothing but pictures."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import read, shown

from diagnose.report.charts.film import film
from diagnose.verdict.report import FilmStrip, Report

ONE = FilmStrip(1000, 0, "samples/1000_0.webp", "aGk=")


def test_each_strip_says_what_it_is(failing: Report) -> None:
    (found,) = film(replace(failing, film=(ONE, replace(ONE, step=2000))))
    assert found.drawing.count('<img src="data:image/jpeg;base64,aGk="') == 2
    assert 'alt="Preview at step 1000, prompt 1"' in found.drawing
    assert "<span>step 2000, prompt 1</span>" in found.drawing
    assert "| 1000 | 1      | `samples/1000_0.webp` |" in shown([found.table])[0]


def test_it_says_where_more_were_made_than_are_shown(failing: Report) -> None:
    assert "Shown: 1 of 3 previews; `--previews` shows more." in read(film(replace(failing, film=(ONE,)))[0].says)
    assert "Shown" not in read(film(replace(failing, film=(ONE,) * 3))[0].says)


def test_what_is_no_picture_is_not_shown(failing: Report) -> None:
    assert film(replace(failing, film=(replace(ONE, picture='"><script>'),))) == []
    assert film(failing) == []
