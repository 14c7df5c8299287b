"""How a console ends, in words: phase, values, advice, the system whose paths it has."""

from __future__ import annotations

from msgspec.structs import replace

from diagnose.core.values import Confidence
from diagnose.crashes.reading import read_end, read_text
from diagnose.rulebase.crash_kinds import CrashKind, KindAdvice, KindEnd, Phase, System
from diagnose.sources.console_text.end_region import EndRegion

KIND = CrashKind(
    "full",
    "It was full",
    "It was full.",
    ("no room(?: for (?P<what>\\w+))?",),
    Confidence.HIGH,
    shows=("{what} did not fit",),
    advice=(
        KindAdvice("buy a larger one"),
        KindAdvice("press the key", systems=(System.WINDOWS,)),
        KindAdvice("turn the wheel", trainers=("mine",)),
        KindAdvice("load less", phases=("load",)),
    ),
)
PHASES = {
    "load": Phase("while it loaded", {"any": ("^Loading",)}),
    "first-step": Phase("in its first step"),
    "training": Phase("in a step", frames=("in train$",)),
}
POSIX = '  File "/app/a.py", line 1, in train\n'


def error(frame: str = POSIX, message: str = "OSError: no room") -> str:
    return f"Traceback (most recent call last):\n{frame}    x()\n{message}\n"


def test_values_are_shown_where_the_error_gives_them() -> None:
    assert read_text("OSError: no room for shoes", {"full": KIND}, PHASES).shown == ("shoes did not fit",)
    assert read_text("OSError: no room", {"full": KIND}, PHASES).shown == ()


def test_advice_for_others_is_left_out() -> None:
    everybody = ("buy a larger one", "press the key", "turn the wheel", "load less")
    assert read_text("OSError: no room", {"full": KIND}, PHASES).advice({}) == everybody
    found = read_text(error(), {"full": KIND}, PHASES, trainers=["other"])
    assert (found.advice({}), found.system, found.phase) == (("buy a larger one",), System.LINUX, "training")
    windows = error('  File "C:\\app\\a.py", line 1, in main\n')
    assert read_text(windows, {"full": KIND}, PHASES, trainers=["mine"]).advice({})[1:3] == everybody[1:3]


def test_advice_that_is_all_for_others_is_given_all_the_same() -> None:
    assert KIND.advice_for() == tuple(each.say for each in KIND.advice)
    only = CrashKind("x", "X", "X.", ("x",), Confidence.HIGH, advice=(KindAdvice("so", trainers=("mine",)),))
    assert only.advice_for(["other"]) == ("so",)


def test_what_opens_a_run_is_over_once_a_step_is_trained() -> None:
    region = EndRegion()
    for number, line in enumerate(("Loading it", "OSError: no room"), start=1):
        region.add(number, line.encode())
    phases = {**PHASES, "load": replace(PHASES["load"], opening=True)}
    found = [read_end(region.text(torn=True), {}, phases, trained=trained).phase for trained in (False, True)]
    assert found == ["load", "training"]


def test_a_run_that_trained_nothing_died_in_its_first_step() -> None:
    region = EndRegion()
    for number, line in enumerate(error().splitlines(), start=1):
        region.add(number, line.encode())
    for torn, trained, phase in ((False, False, "first-step"), (False, True, "training"), (True, False, "training")):
        found = read_end(region.text(torn=torn), {}, PHASES, trained=trained)
        assert (found.phase, found.phase_says) == (phase, PHASES[phase].says)
        assert (found.ends, found.match, found.shown, found.advice({})) == (KindEnd.DIED, None, (), ())


def test_a_text_without_an_end_has_none() -> None:
    found = read_text("Loading\nhello\n", {"full": KIND}, PHASES)
    assert (found.ends, found.error, found.cause, found.phase) == (KindEnd.NONE, None, None, "load")


def test_ten_thousand_tracebacks_are_one_end() -> None:
    found = read_text(error() * 10_000, {"full": KIND}, PHASES)
    assert found.match is not None
    assert found.error is not None
    assert found.error.number == 40_000
