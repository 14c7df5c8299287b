"""Which previews are shown, and how many."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from clips import animated_webp, moving, write_clip
from made_motion import CLIP
from msgspec.structs import replace

from diagnose import postmortem
from diagnose.motion.series import follow
from diagnose.sources.readings import SampleFile
from diagnose.sources.video.frames import Unread
from diagnose.verdict import film
from diagnose.verdict.curves import ClipFile, Curves
from diagnose.verdict.film import Limit, evenly_by_step, with_film
from diagnose.verdict.motion import table_of
from diagnose.verdict.report import Report

RUN = Path(__file__).parents[1] / "runs" / "data" / "fork-snr"


@pytest.fixture(scope="module")
def bare() -> Report:
    return postmortem(RUN)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "samples").mkdir()
    for step in (0, 100, 200):
        for prompt in (0, 1):
            animated_webp(tmp_path / "samples" / f"{step}_{prompt}.webp", moving(3))
    return tmp_path


def of(bare: Report, *steps: int, prompts: int = 2) -> Report:
    made = tuple(SampleFile(f"samples/{s}_{p}.webp", s, p, 0) for s in steps for p in range(prompts))
    return replace(bare, curves=Curves(previews=made))


def test_previews_are_shown_prompt_by_prompt(bare: Report, run: Path) -> None:
    shown = with_film(of(bare, 0, 100, 200), run).film
    assert [(each.prompt, each.step) for each in shown] == [(0, 0), (0, 100), (0, 200), (1, 0), (1, 100), (1, 200)]
    assert all(each.picture for each in shown)


def test_none_are_shown_where_none_are_wanted_or_there(bare: Report, run: Path) -> None:
    assert with_film(of(bare, 0), run, asked=False).film == ()
    assert with_film(replace(bare, curves=Curves()), run).film == ()
    gone = with_film(of(bare, 7, 8), run)
    assert gone.film == ()
    assert [each.place.file for each in gone.unread[len(bare.unread) :]] == ["samples/7_0.webp"], (
        "one reason, told once"
    )
    assert "the preview is not shown: " in gone.unread[-1].text


def test_the_size_of_the_page_is_kept(bare: Report, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = len(with_film(of(bare, 0, prompts=1), run).film[0].picture)
    monkeypatch.setattr(film, "UNASKED", Limit(24, 2 * one + 10))
    assert len(with_film(of(bare, 0, 100, 200), run).film) == 2
    assert len(with_film(of(bare, 0, 100, 200), run, asked=True).film) == 6


def test_a_few_steps_are_chosen_evenly_with_the_first_and_the_last(bare: Report) -> None:
    many = of(bare, *range(0, 3100, 100)).curves.previews
    chosen = evenly_by_step(many, 10)
    assert sorted({each.step for each in chosen}) == [0, 800, 1500, 2200, 3000]
    assert len(chosen) == 10
    assert evenly_by_step(many[:4], 10) == list(many[:4])
    assert [each.step for each in evenly_by_step(many, 1)] == [0]


def test_a_strip_is_from_where_the_preview_moves_most(bare: Report, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int | None]] = []

    def seen(files: Sequence[tuple[Path, int | None]], **_: float) -> list[Unread]:
        asked.extend((path.name, around) for path, around in files)
        return [Unread("not today", damage=False)] * len(files)

    monkeypatch.setattr(film, "strips", seen)
    report = of(bare, 0, 100, prompts=1)
    motion = follow(report.curves.previews, {"samples/100_0.webp": replace(CLIP, file="samples/100_0.webp")}, ())
    with_film(replace(report, motion=table_of(motion)), run)
    assert asked == [("0_0.webp", None), ("100_0.webp", CLIP.liveliest)]


def test_a_training_clip_comes_last(bare: Report, run: Path, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "walk.mp4", moving(5))
    report = of(bare, 0, prompts=1)
    report = replace(report, curves=replace(report.curves, clip=ClipFile("walk.mp4", clip)))
    shown = with_film(report, run).film
    assert [(each.step, each.prompt, each.file) for each in shown] == [
        (0, 0, "samples/0_0.webp"),
        (None, None, "walk.mp4"),
    ]
    assert all(each.picture for each in shown)


def test_previews_of_an_earlier_start_are_not_shown(bare: Report, run: Path) -> None:
    first = SampleFile("samples/0_0.webp", 0, 0, 1)
    again = SampleFile("samples/0_1.webp", 0, 0, 2)
    shown = with_film(replace(bare, curves=Curves(previews=(first, again))), run).film
    assert [each.file for each in shown] == ["samples/0_1.webp"]


@pytest.mark.parametrize(
    ("most", "steps"),
    [
        (10, [0, 1100, 1200, 1500, 3000]),
        (8, [0, 1100, 1200, 3000]),
        (4, [0, 3000]),
        (2, [0]),
        (100, list(range(0, 3100, 100))),
    ],
)
def test_the_steps_about_a_change_are_among_them(bare: Report, most: int, steps: list[int]) -> None:
    many = of(bare, *range(0, 3100, 100)).curves.previews
    assert sorted({each.step for each in evenly_by_step(many, most, (1100, 1200, 7))}) == steps
