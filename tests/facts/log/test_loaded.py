"""Which weights a part of the model did not get: known parts, none, and what a console without its start leaves open."""

from __future__ import annotations

from builders import CONSOLE, facts_of, readings, recorder
from msgspec.structs import replace
from run_evidence import evidence

from diagnose.core.values import Place
from diagnose.facts.log.loaded import extract
from diagnose.sources.console_text.loaded_keys import LoadedKeys
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, LogReading, SessionEnd
from diagnose.sources.log_rows import NO_ROWS

AT = Place("log.txt", line=3)
ENCODER = LoadedKeys("UMT5EncoderModel", AT, 8, 2, "encoder.q")


def told(*loaded: LoadedKeys, whole: bool = True) -> dict[tuple[str, str], object]:
    session = ConsoleSession("log.txt", 1, 9, SessionEnd.CUT_OFF, whole=whole)
    console = ConsoleReading(LogReading("log.txt", CONSOLE, NO_ROWS), (session,), loaded=loaded)
    record = recorder()
    extract(evidence(read=replace(readings(), console=console)), record)
    return {key: fact.value for key, fact in facts_of(record).items() if key[0].startswith("load.") and fact.known}


def test_a_part_of_the_model_and_an_adapter_are_told_apart() -> None:
    assert told(ENCODER, LoadedKeys("network", AT, 1, 2, "a.b"), whole=False) == {
        ("load.missing", "UMT5EncoderModel"): 8,
        ("load.unexpected", "UMT5EncoderModel"): 2,
        ("load.first", "UMT5EncoderModel"): "encoder.q",
        ("load.adapter_off", "network"): 3,
        ("load.first", "network"): "a.b",
    }


def test_only_a_whole_console_says_that_nothing_was_missing() -> None:
    assert told() == {("load.missing", "none"): 0, ("load.adapter_off", "none"): 0}
    assert told(whole=False) == {}
    assert ("load.missing", "none") not in told(ENCODER)
    assert told(ENCODER)["load.adapter_off", "none"] == 0
