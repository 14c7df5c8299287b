"""The texts of the kinds are tried: ours turn out as they say, and a wrong one is named."""

from __future__ import annotations

from builders import KNOWLEDGE
from msgspec.structs import replace

from diagnose.crashes.kind_cases import failed_texts
from diagnose.rulebase.crash_kinds import KindText

KINDS = {"disk-full": KNOWLEDGE.crashes["disk-full"]}


def test_each_text_of_ours_is_of_its_kind() -> None:
    assert [f"{kind.id} {path}: {text}" for kind, path, text in failed_texts(KNOWLEDGE.crashes, KNOWLEDGE.phases)] == []


def test_what_turns_out_wrong_is_named() -> None:
    kind = replace(
        KINDS["disk-full"],
        match=(KindText("hello"), KindText("OSError: [Errno 28] No space left on device", {"path": "x"})),
        near_misses=("OSError: [Errno 28] No space left on device", "bye"),
    )
    told = [(path, text.partition(":")[0]) for _, path, text in failed_texts({"disk-full": kind}, KNOWLEDGE.phases)]
    assert told == [
        (("tests", "match", 0), "taken for nothing"),
        (("tests", "match", 1), "path is None, not x"),
        (("tests", "not", 0), "taken for this kind"),
    ]
