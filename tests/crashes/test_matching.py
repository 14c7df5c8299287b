"""Which kind wins: stops before kills before errors, what a kind goes before, what it needs near, what it is not."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from diagnose.core.values import Confidence
from diagnose.crashes.matching import Match
from diagnose.crashes.reading import HowItEnded, read_end, read_text
from diagnose.rulebase.crash_kinds import CrashKind, KindEnd, Near, Phase
from diagnose.sources.console_text.end_region import EndRegion

DIED = CrashKind("died", "It died", "It died.", ("no (?P<what>room|air)",), Confidence.MEDIUM)
PHASES = {
    "load": Phase("while it loaded", {"any": ("^Loading",)}),
    "save": Phase("while it saved", frames=("in save$",)),
}
FRAME = '  File "/app/a.py", line 1, in save\n    save(x)\n'
TRACEBACK = f"Traceback (most recent call last):\n{FRAME}"


def kinds(*more: CrashKind) -> dict[str, CrashKind]:
    return {kind.id: kind for kind in more}


def pasted(text: str, *more: CrashKind) -> Match | None:
    return read_text(text, kinds(*more), PHASES).match


def whole(text: str, *more: CrashKind, trainers: Collection[str] = ()) -> HowItEnded:
    region = EndRegion()
    for number, line in enumerate(text.splitlines(), start=1):
        region.add(number, line.encode())
    return read_end(region.text(), kinds(*more), PHASES, trainers=trainers)


def id_of(match: Match | None) -> str | None:
    return match.kind.id if match is not None else None


def test_only_what_failed_counts_in_a_console_and_every_line_in_a_pasted_text() -> None:
    assert id_of(pasted("warning: no room", DIED)) == "died"
    assert whole("warning: no room", DIED).match is None
    assert id_of(whole(f"{TRACEBACK}OSError: no room\n", DIED).match) == "died"
    assert id_of(whole("warning: no room", replace(DIED, alone=True)).match) == "died"


def test_an_indented_line_of_a_console_is_the_users_text() -> None:
    alone = replace(DIED, alone=True)
    assert whole('    "prompt": "no room"', alone).match is None
    assert id_of(pasted("    no room", alone)) == "died"


def test_a_stop_is_trusted_before_a_kill_and_a_kill_before_an_error() -> None:
    stop = CrashKind("stop", "S", "S.", ("^stopped$",), Confidence.HIGH, KindEnd.STOPPED, alone=True)
    kill = CrashKind("kill", "K", "K.", ("^Killed$",), Confidence.LOW, KindEnd.KILLED, alone=True)
    error = f"{TRACEBACK}OSError: no room\n"
    assert id_of(whole(f"{error}\nKilled\nstopped\n", DIED, stop, kill).match) == "stop"
    found = whole(f"{error}\nKilled\n", DIED, stop, kill)
    assert (id_of(found.match), found.ends) == ("kill", KindEnd.KILLED)
    assert found.error is not None
    assert found.error.text == "Killed"


def test_what_somebody_stopped_after_it_had_died_died() -> None:
    stop = CrashKind("stop", "S", "S.", ("^stopped$",), Confidence.HIGH, KindEnd.STOPPED, alone=True)
    found = whole(f"{TRACEBACK}OSError: no room\n\n{TRACEBACK}KeyError: 1\n\nstopped\n", DIED, stop)
    assert (id_of(found.match), found.ends) == ("stop", KindEnd.STOPPED)  # the last error is none that is known
    found = whole(f"{TRACEBACK}OSError: no room\n\nstopped\nstopped\n", DIED, stop)
    assert (id_of(found.match), found.ends) == ("died", KindEnd.DIED)
    assert found.error is not None
    assert found.error.text == "OSError: no room"
    assert id_of(whole(f"stopped\n{TRACEBACK}OSError: no room\n", DIED, stop).match) == "stop"
    assert (
        id_of(whole(f"{TRACEBACK}OSError: no room\nstopped\n", DIED, replace(stop, before=("died",))).match) == "stop"
    )


def test_what_looks_like_an_error_and_is_none_is_told_of_a_pasted_text_alone() -> None:
    none = replace(DIED, id="none", ends=KindEnd.NONE, alone=True)
    assert whole("no room", none).match is None
    assert id_of(pasted("no room", none)) == "none"
    assert id_of(pasted("no room", none, DIED)) == "died"


def test_a_kind_goes_before_those_that_it_names_then_the_surest_counts() -> None:
    surer = replace(DIED, id="surer", sure=Confidence.HIGH)
    assert id_of(pasted("OSError: no room", DIED, surer)) == "surer"
    first = replace(DIED, sure=Confidence.LOW, before=("surer",))
    assert id_of(pasted("OSError: no room", first, surer)) == "died"


def test_a_message_that_is_excluded_is_not_of_the_kind() -> None:
    kind = replace(DIED, excluded=("on the shelf",))
    assert pasted("OSError: no room on the shelf", kind) is None
    assert id_of(pasted("OSError: no room", kind)) == "died"


def test_what_is_needed_near_may_be_a_frame_or_a_line_before() -> None:
    framed = replace(DIED, near=(Near("in save", needs=True),))
    assert id_of(whole(f"{TRACEBACK}OSError: no room\n", framed).match) == "died"
    assert whole(f"{TRACEBACK}OSError: no room\n", replace(DIED, near=(Near("in load", needs=True),))).match is None
    before = replace(DIED, near=(Near("^lost (?P<step>[0-9]+)", needs=True, sure=Confidence.HIGH),))
    found = whole(f"lost 12\n{TRACEBACK}OSError: no room\n", before)
    assert found.match is not None
    assert (found.match.values, found.match.sure) == ({"what": "room", "step": "12"}, Confidence.HIGH)
    assert found.cause is not None
    assert found.cause.text == "lost 12"


def test_near_only_makes_surer_where_it_is_found() -> None:
    kind = replace(DIED, near=(Near("in save", sure=Confidence.HIGH),))
    for text, sure in ((f"{TRACEBACK}OSError: no room\n", Confidence.HIGH), ("OSError: no room", Confidence.MEDIUM)):
        found = pasted(text, kind)
        assert found is not None
        assert found.sure is sure


def test_a_kind_of_one_phase_is_less_sure_where_the_phase_is_unknown() -> None:
    kind = replace(DIED, phases=("load",))
    for text, sure in (("Loading\nOSError: no room", Confidence.MEDIUM), ("OSError: no room", Confidence.LOW)):
        found = pasted(text, kind)
        assert found is not None
        assert found.sure is sure
    assert pasted(f"{TRACEBACK}OSError: no room\n", kind) is None


def test_a_kind_of_another_trainer_does_not_match() -> None:
    kind = replace(DIED, trainers=("mine",))
    error = f"{TRACEBACK}OSError: no room\n"
    assert id_of(whole(error, kind, trainers=["mine"]).match) == "died"
    assert id_of(whole(error, kind).match) == "died"
    assert whole(error, kind, trainers=["other"]).match is None


def test_the_cause_of_a_chain_counts_where_the_end_is_of_no_kind() -> None:
    chain = "\nThe above exception was the direct cause of the following exception:\n\n"
    found = whole(f"{TRACEBACK}OSError: no room{chain}{TRACEBACK}ValueError: wrapped\n", DIED)
    assert id_of(found.match) == "died"
    assert found.error is not None
    assert found.cause is not None
    assert (found.error.text, found.cause.text) == ("ValueError: wrapped", "OSError: no room")
