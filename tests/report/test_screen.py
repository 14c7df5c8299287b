"""One screen, safe for a terminal."""

from __future__ import annotations

import pytest
from made_motion import series_of
from msgspec.structs import replace

from diagnose.core.values import Severity
from diagnose.report.formats import render
from diagnose.report.screen import bars
from diagnose.report.sections.to_do import steps
from diagnose.report.spans import Kind
from diagnose.verdict.curves import Curves
from diagnose.verdict.judgement import Conflict, Supposed, Supposition
from diagnose.verdict.motion import table_of
from diagnose.verdict.report import Report
from diagnose.verdict.run_summary import Pace
from diagnose.verdict.run_tables import LrRatio
from diagnose.verdict.stories import Status

COMMAND = "diagnose next runs/run-v15 --intent motion -o next.yaml"


def screen(report: Report, width: int = 80) -> str:
    return render(report, "terminal", width=width, color=False)


def test_the_screen_in_order(failing: Report) -> None:
    text = screen(failing)
    at = [
        text.index(words)
        for words in (
            "run-v15  FAILING  motion · ai-toolkit-relaxis (fork) · 3070 of 10000 steps,",
            "The learning-rate ratio is too small for motion. The high-noise rate was 1.35",
            "How sure: high confidence; its limits are from one reference run.",
            "this config would end the same way.",
            "You set weight_ratio_min to 1.4 instead",
            "Do this",
            f"\n     {COMMAND}\n     Changes: high_noise_lr_bump 1e-5 → 2e-5; low_noise_max_lr 1e-4 (new);",
            "LR ratio      1.35 ▁▁",
            "weight ratio  ",
            "best: steps 1900 to 2100",
            "critical  medium  The low-noise expert overpowers the high-noise one",
            "minor     high    Too many steps are configured",
            "Good: Saving every 100 steps made the best checkpoint findable (high).",
            "Not checked: 4 checks; add the previews (samples/) for 2 of them.",
        )
    ]
    assert at == sorted(at)
    assert "\x1b" not in text


def test_a_wide_terminal_gets_no_longer_lines(failing: Report) -> None:
    assert screen(failing, 300) == screen(failing, 100)


def test_the_pace_is_told_of_a_run_that_goes_on_or_became_slow(failing: Report) -> None:
    pace = Pace(8.0, 8.0, 8.0, 8.2, None, 6.11, None, {})
    told = [
        screen(replace(failing, run=replace(failing.run, open=going, pace=replace(pace, slow_from=slow)))).split(
            "\n\n"
        )[0]
        for going, slow in ((True, None), (False, 300), (False, None))
    ]
    assert "8.2 s a step, 6.1 hours left" in " ".join(told[0].split())
    assert "8.2 s a step since step 300, 6.1 hours left" in " ".join(told[1].split())
    assert "a step" not in told[2]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal_but_a_command(failing: Report, width: int) -> None:
    wide = [line for line in screen(failing, width).splitlines() if len(line) > width]
    assert all(line.strip() == COMMAND for line in wide)
    assert bool(wide) is (width < len(COMMAND))


def test_a_command_is_whole_on_a_line_of_its_own_however_long(failing: Report) -> None:
    path = "/" + "/".join(f"folder{index}" for index in range(120))
    lines = screen(replace(failing, run=replace(failing.run, path=path))).splitlines()
    assert f"     diagnose next {path} --intent motion -o next.yaml" in lines


def test_every_finding_is_named_and_more_room_shows_more(failing: Report) -> None:
    info = tuple(
        replace(
            failing.findings[0], rule=f"X{n}", severity=Severity.INFO, explains=(), title=f"Note {n} " + "long " * 12
        )
        for n in range(20)
    )
    crowded = screen(replace(failing, findings=(*failing.findings, *info)))
    assert len(crowded.splitlines()) <= 40
    assert "Good: 1 finding." in crowded
    for finding in failing.findings[:-1]:
        assert finding.title in crowded
    assert "To know: Note 0" in crowded
    roomy = screen(replace(failing, findings=(*failing.findings, *info[:2])))
    assert "Note 1" in roomy
    assert " more." not in roomy.partition("To know")[2]


def test_a_healthy_run_is_told_so_in_green(healthy: Report) -> None:
    assert "HEALTHY" in screen(healthy).splitlines()[0]
    colored = render(healthy, "terminal", width=80, color=True)
    assert "\x1b[1;32mHEALTHY" in colored
    assert "\x1b[1;32mBoth experts learned as a motion run should." in colored
    assert "\x1b[1;32mNothing to change." in colored


def test_colour_only_where_asked_whatever_the_environment_says(
    failing: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = screen(failing)
    colored = render(failing, "terminal", width=80, color=True)
    assert "\x1b[1;31mFAILING" in colored
    for name, value in (("NO_COLOR", "1"), ("FORCE_COLOR", "1"), ("TERM", "dumb"), ("COLUMNS", "20")):
        monkeypatch.setenv(name, value)
    assert screen(failing) == plain
    assert render(failing, "terminal", width=80, color=True) == colored


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("full", [False, True])
def test_a_stranger_cannot_steer_the_terminal(failing: Report, color: bool, full: bool) -> None:
    hostile = "x\x1b]0;owned\x07\x1b[2J[bold red]y[/]:smile:\x9b31m\u202ez"
    run = replace(failing.run, name=hostile, path=hostile, trainer=hostile, intent=hostile, ended=hostile)
    findings = tuple(replace(each, title=hostile, message=hostile, why=hostile) for each in failing.findings)
    changes = tuple(replace(each, path=hostile, new=hostile) for each in failing.next.changes)
    plan = replace(failing.next, changes=changes)
    report = replace(failing, run=run, findings=findings, next=plan)
    text = render(report, "terminal", width=200, color=color, full=full)
    for steering in ("\x1b]", "\x1b[2J", "\x9b", "\x07", "\u202e"):
        assert steering not in text
    assert "[bold red]y[/]:smile:" in text


def test_unknown_is_said_in_words(unknown: Report) -> None:
    text = screen(unknown)
    assert "None" not in text
    assert "my-lora  NEEDS ATTENTION  intent unknown · trainer unknown · unknown steps" in text
    assert "LR ratio" not in text


def test_a_conflict_is_one_of_the_actions(failing: Report) -> None:
    plan = replace(failing.next, conflicts=(Conflict("train.lr", (("a", "b"),)),))
    assert "Decide on train.lr yourself: the rules disagree" in screen(replace(failing, next=plan))


def test_a_config_shows_its_checklist_and_what_is_planned(ahead: Report) -> None:
    text = screen(replace(ahead, curves=Curves()))
    assert "10000 steps planned" in " ".join(text.split())
    assert "Checklist: 1 passed, 1 failed, 1 unknown" in text
    assert "LR ratio      1.35 in the log; 2.00 in the config, in effect" in text
    assert "weight ratio  " not in text


def test_the_actions_are_those_of_the_page(failing: Report) -> None:
    words = " ".join(screen(failing).split())
    for step in steps(failing):
        for span in step:
            assert span.kind is Kind.COMMAND or " ".join(span.text.split()) in words


def test_an_unknown_intent_is_told_with_what_depends_on_it(ahead: Report) -> None:
    more = Supposed("few-clips", "DST011", Severity.MAJOR, "Few clips", "Few.")
    text = screen(replace(ahead, suppositions=(Supposition(("motion",), (more,)),)))
    assert "Intent unknown: --intent motion adds 1 finding (worst: major)." in " ".join(text.split())


def test_a_run_on_its_way_is_called_so(failing: Report) -> None:
    text = " ".join(screen(replace(failing, run=replace(failing.run, open=True))).split())
    assert "3070 of 10000 steps, may still be running" in text
    assert "If it is still running, stop it." in text


def test_without_a_course_the_ratio_is_in_words(failing: Report) -> None:
    report = replace(failing, checkpoints=(), evolution=None, curves=Curves(), lr_ratio=LrRatio(2.0, 1.0, 0.91, 0.9))
    assert "LR ratio      0.91 in the log; 2.00 in the config; 1.00 in effect" in screen(report)


def test_bars_span_the_values_and_a_flat_course_stays_flat() -> None:
    assert bars([1, 2, 3, 8], 20) == "▁▂▃█"
    assert bars([1.0, 1.001], 20) == "▁▁"
    assert len(bars(range(1, 1000), 20)) == 20
    assert bars(range(1, 1000), 2) == "▁█"


def test_the_status_has_its_colour(failing: Report) -> None:
    blocked = replace(failing, verdict=replace(failing.verdict, status=Status.BLOCKED))
    assert "\x1b[1;31mBLOCKED" in render(blocked, "terminal", width=80, color=True)


def test_the_course_of_the_motion_is_drawn_where_it_was_measured(failing: Report) -> None:
    falling = table_of(series_of({0: (0.2, 0.4), 100: (0.2, 0.4), 200: (0.1, 0.2)}))
    assert "motion        1.00 ██▁ 0.50  of that at step 0, in the previews\n" in screen(
        replace(failing, motion=falling)
    )
    noise = table_of(series_of({0: (None,), 100: (None,)}))
    assert "in the previews" not in screen(replace(failing, motion=noise))
