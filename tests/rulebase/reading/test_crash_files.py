"""The kinds of crashes and the phases, read: every fault at its line."""

from __future__ import annotations

import pytest

from diagnose.core.values import Confidence
from diagnose.rulebase.crash_kinds import CrashKind, KindEnd, Near, RunsOutOf
from diagnose.rulebase.reading.crash_files import lint_kinds, lint_told_by, read_kind, read_phases
from diagnose.rulebase.yaml_places import Document, parse

KIND = r"""id: disk-full
title: The disk was full
means: A write failed.
runs_out_of: disk
sure: high
trainers: any
signatures: ['No space left on (?P<what>\w+)']
near:
  - {pattern: 'in save', needs: true}
not: ['quota']
before: [other]
advice:
  - {say: free space, phases: [save]}
shows: ["{what}"]
sources: [errno]
tests:
  match:
    - {text: No space left on device, kind_values: {what: device}}
    - No space left on disk
  not: [quota]
"""
PHASES = "save:\n  says: while it saved\n  markers: {any: [Saving], mine: [Wrote]}\n"


def read(text: str) -> tuple[CrashKind | None, Document]:
    document = parse("knowledge/crashes/disk-full.yaml", text)
    return read_kind(document).get("disk-full"), document


def faults(old: str, new: str) -> list[str]:
    assert KIND.count(old) == 1
    kind, document = read(KIND.replace(old, new))
    found = [str(fault).partition(":")[2] for fault in document.faults]
    if kind is not None and not found:
        phases = read_phases(parse("phases.yaml", PHASES))
        other = CrashKind("other", "The disk is full", "X.", ("x",), Confidence.HIGH, before=())
        documents = {"crashes/disk-full.yaml": document, "crashes/other.yaml": parse("other.yaml", "a: 1\n")}
        linted = lint_kinds({"disk-full": kind, "other": other}, phases, documents, {"low_vram"})
        found = [str(fault).partition(":")[2] for fault in linted]
    return found


def test_a_kind_is_read_with_all_its_parts() -> None:
    kind, document = read(KIND)
    assert document.faults == []
    assert kind is not None
    assert (kind.ends, kind.runs_out_of, kind.alone, kind.trainers) == (KindEnd.DIED, RunsOutOf.DISK, False, ("any",))
    assert kind.near == (Near("in save", needs=True),)
    assert (kind.excluded, kind.near_misses) == (("quota",), ("quota",))
    assert [each.text for each in kind.match] == ["No space left on device", "No space left on disk"]
    assert faults("[errno]", "[errno 28]") == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("id: disk-full", "id: disc-full", "1: id: the file is called disk-full; call both the same"),
        ("The disk was full", "the disk was full.", "2: title: write a headline: a capital first, no full stop"),
        ("A write failed.", "A write failed", "3: means: write a sentence: a capital first, a full stop last"),
        ("runs_out_of: disk", "runs_out_of: air", "4: runs_out_of: give 'graphics memory', 'main memory' or 'disk'"),
        ("say: free space", "say: free space.", "13: advice[0].say: leave out the full stop; it becomes part of a sentence"),
        ('"{what}"', '"{which}"', "14: shows[0]: no pattern has a group 'which'"),
        ('"{what}"', "nothing", "14: shows[0]: name a value in braces, like {asked}"),
        ('"{what}"', '"{what"', "14: shows[0]: not a text with values in braces: expected '}' before end of string"),
        ("{what: device}", "{where: device}", "18: tests.match[0]: no pattern has a group 'where'"),
        ("phases: [save]", "phases: [sale]", "13: advice[0].phases[0]: there is no phase sale; did you mean save?"),
        ("{say: free space, p", "{say: free space, sets: {low_ram: true}, p",
         "13: advice[0].sets.low_ram: there is no setting low_ram; did you mean low_vram?"),
        ("before: [other]", "behind: [{setting: low_ram}]",
         "11: behind[0]: there is no setting low_ram; did you mean low_vram?"),
        ("before: [other]", "behind: [{setting: low_vram, entry: which}]",
         "11: behind[0]: no pattern has a group 'which'"),
        ("before: [other]", "before: [othre]", "11: before[0]: there is no kind othre; did you mean other?"),
        ("before: [other]", "before: [disk-full]", "11: before: this kind would go before itself"),
        ("trainers: any", "trainers: [mien]", "6: trainers[0]: there is no trainer mien; did you mean mine?"),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_its_line(old: str, new: str, told: str) -> None:
    assert faults(old, new) == [told]


def test_a_kind_that_ends_a_run_says_what_to_do() -> None:
    text = KIND.replace("advice:\n  - {say: free space, phases: [save]}\n", "")
    assert [str(fault) for fault in read(text)[1].faults] == [
        "knowledge/crashes/disk-full.yaml:1: say under advice what to do"
    ]
    assert read(text.replace("sure: high", "sure: high\nends: stopped"))[1].faults == []


def test_a_title_is_taken_once() -> None:
    assert faults("The disk was full", "The disk is full") == ["1: title: 'The disk is full' is the title of disk-full"]


def test_a_rule_that_a_kind_names_is_one() -> None:
    kind, document = read(KIND.replace("before: [other]", "told_by: [no-room, no-rooms]"))
    assert kind is not None
    found = lint_told_by([kind], {"crashes/disk-full.yaml": document}, {"no-room"})
    assert [fault.text for fault in found] == ["told_by[1]: no rule is called no-rooms; did you mean no-room?"]


def test_phases_keep_their_order() -> None:
    document = parse(
        "phases.yaml", PHASES + "load: {says: while it loaded, markers: {any: [Loading]}, frames: [in load]}\n"
    )
    phases = read_phases(document)
    assert document.faults == []
    assert list(phases) == ["save", "load"]
    assert phases["load"].frames == ("in load",)
