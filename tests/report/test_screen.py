"""One screen, safe for a terminal."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from diagnose.core.values import Severity
from diagnose.report.formats import render
from diagnose.report.sections.to_do import steps
from diagnose.report.spans import text_of
from diagnose.verdict.judgement import Conflict, Supposed, Supposition
from diagnose.verdict.report import Report


def test_the_screen_holds_verdict_findings_figures_and_changes(failing: Report) -> None:
    screen = render(failing, "terminal", width=100, color=False)
    for words in (
        "run-v15  FAILING",
        "set by you: weight_ratio_min 1.4 (was 1.5)",
        "1. major  The learning-rate ratio is too small for motion",
        "explains critical  The low-noise expert overpowers the high-noise one",
        "weight magnitude        0.005605    0.004710",
        "high/low: LR 1.35 (declared 2.00, in effect 2.00), weights 1.19",
        "to keep: step 1900 to 2100, equals",
        "train.optimizer_params.high_noise_lr_bump: 1e-5 -> 2e-5",
        "train.steps: 10000 -> 2200",
        "3 other findings, 2 rules passed, 4 not judged",
    ):
        assert words in screen
    assert len(screen.splitlines()) < 40
    assert "\x1b" not in screen


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(failing: Report, width: int) -> None:
    assert max(len(line) for line in render(failing, "terminal", width=width, color=False).splitlines()) <= width


def test_colour_only_where_asked_whatever_the_environment_says(
    failing: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = render(failing, "terminal", width=100, color=False)
    coloured = render(failing, "terminal", width=100, color=True)
    assert "\x1b[1;31mFAILING" in coloured
    for name, value in (("NO_COLOR", "1"), ("FORCE_COLOR", "1"), ("TERM", "dumb"), ("COLUMNS", "20")):
        monkeypatch.setenv(name, value)
    assert render(failing, "terminal", width=100, color=False) == plain
    assert render(failing, "terminal", width=100, color=True) == coloured


@pytest.mark.parametrize("color", [False, True])
def test_a_stranger_cannot_steer_the_terminal(failing: Report, color: bool) -> None:
    hostile = "x\x1b]0;owned\x07\x1b[2J[bold red]y[/]:smile:\x9b31m"
    report = replace(failing, run=replace(failing.run, name=hostile))
    screen = render(report, "terminal", width=200, color=color)
    assert "\x1b]" not in screen
    assert "\x1b[2J" not in screen
    assert "\x9b" not in screen
    assert "[bold red]y[/]:smile:" in screen


def test_unknown_is_said_in_words(unknown: Report) -> None:
    screen = render(unknown, "terminal", width=100, color=False)
    assert "None" not in screen
    assert "not logged" in screen
    assert "weights unknown" in screen


def test_many_changes_are_cut_and_conflicts_named(failing: Report) -> None:
    plan = replace(
        failing.next, changes=failing.next.changes[:1] * 20, conflicts=(Conflict("train.lr", (("a", "b"),)),)
    )
    screen = render(replace(failing, next=plan), "terminal", width=100, color=False)
    assert "and 8 more" in screen
    assert "train.lr: rules disagree, left as it is" in screen


def test_a_config_shows_its_checklist_in_place_of_figures(ahead: Report) -> None:
    screen = render(ahead, "terminal", width=100, color=False)
    assert "checklist: 1 pass, 1 fail, 1 open" in screen
    assert "LR high/low: declared 2.00, in effect 2.00" in screen
    assert "weight magnitude" not in screen


def test_what_to_do_now_stands_under_the_verdict_in_the_words_of_the_page(failing: Report) -> None:
    screen = render(failing, "terminal", width=200, color=False)
    first = screen.index("What to do now")
    assert first < screen.index("1. major")
    for step in steps(failing):
        assert text_of(step) in screen
    assert "`" not in screen[: screen.index("1. major")]
    assert "not looked at: clips and captions (--dataset DIR)" in screen[:first]


def test_an_unknown_intent_is_told_with_what_hangs_on_it(ahead: Report) -> None:
    more = Supposed("few-clips", "DST011", Severity.MAJOR, "Few clips", "Few.")
    screen = render(
        replace(ahead, suppositions=(Supposition(("motion",), (more,)),)), "terminal", width=200, color=False
    )
    assert "intent unknown: --intent motion adds 1 finding, the worst of them major." in screen


def test_a_rate_that_mixes_the_experts_is_shown_as_such(unknown: Report) -> None:
    screen = render(replace(unknown, lr_shared_last=1.89e-4), "terminal", width=100, color=False)
    assert "1.89e-4 (mixed)" in screen
