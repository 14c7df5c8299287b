from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from diagnose.rulebase import yaml_places
from diagnose.rulebase.faults import Fault, dotted
from diagnose.rulebase.yaml_places import MAX_FAULTS, Document, parse, read_plain, spelled


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-3", -3),
        ("0", 0),
        ("0.008", 0.008),
        ("-1.5", -1.5),
        ("5.0e-06", 5e-06),
        ("1.0e+3", 1000.0),
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("lora", "lora"),
        ("0.1.0", "0.1.0"),
        ("in effect", "in effect"),
        ("none", "none"),
        ("$lr_ratio_min", "$lr_ratio_min"),
        ("-", "-"),
    ],
)
def test_what_every_reader_takes_alike_is_taken(text: str, value: object) -> None:
    result, complaint = read_plain(text)
    assert complaint is None
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("text", "value", "complaint"),
    [
        ("5e-06", 5e-06, "5e-06 is not a number to every YAML reader: write 5.0e-06 (or quote it for text)"),
        ("1e3", 1000.0, "1e3 is not a number to every YAML reader: write 1000.0 (or quote it for text)"),
        ("2.5e3", 2500.0, "2.5e3 is not a number to every YAML reader: write 2500.0 (or quote it for text)"),
        (".5", 0.5, ".5 is not a number to every YAML reader: write 0.5 (or quote it for text)"),
        ("+3", 3.0, "+3 is not a number to every YAML reader: write 3.0 (or quote it for text)"),
        ("010", 10.0, "010 is not a number to every YAML reader: write 10.0 (or quote it for text)"),
        ("1_000", 1000.0, "1_000 is not a number to every YAML reader: write 1000.0 (or quote it for text)"),
        ("no", False, "no is not a truth value to every YAML reader: write false (or quote it for text)"),
        ("On", True, "On is not a truth value to every YAML reader: write true (or quote it for text)"),
        ("1:30", "1:30", "1:30 is not plain text to every YAML reader: quote it"),
        ("0x1f", "0x1f", "0x1f is not plain text to every YAML reader: quote it"),
        (".inf", ".inf", ".inf is not plain text to every YAML reader: quote it"),
        ("nan", "nan", "nan is not plain text to every YAML reader: quote it"),
        ("2026-01-31", "2026-01-31", "2026-01-31 is not plain text to every YAML reader: quote it"),
        ("~", "~", "~ is not plain text to every YAML reader: quote it"),
        ("1.0e+999", 0.0, "1.0e+999 is too large for a number"),
        ("9" * 21, 0, "the number has too many digits"),
        ("9" * 99_999, 0, "the number has too many digits"),
        ("9" * 999 + ".0", 0.0, "9" * 60 + " is too large for a number"),
    ],
)
def test_what_readers_take_differently_is_refused_with_what_to_write(text: str, value: object, complaint: str) -> None:
    assert read_plain(text) == (value, complaint)


@given(st.text(alphabet="0123456789+-._eExyn:~ntrufalsofINF", max_size=12))
def test_whatever_is_accepted_is_what_pyyaml_reads(text: str) -> None:
    value, complaint = read_plain(text)
    if complaint is None:
        loader: Any = yaml.SafeLoader("")
        tag = loader.resolve(yaml.ScalarNode, text, (True, False))
        read = loader.construct_object(yaml.ScalarNode(tag, text))
        assert (read, type(read)) == (value, type(value))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_recommended_spelling_is_accepted_and_exact(number: float) -> None:
    value, complaint = read_plain(spelled(number))
    assert complaint is None
    assert value == number


TEXT = """\
# a comment
id: WGT001
when:
  - {fact: a.b, lt: 3}
  - any:
      - fact: c
        is: "5e-06"
why: >
  two
  lines
"""


def faults(text: str) -> list[tuple[int, str]]:
    return [(fault.line, fault.text) for fault in parse("f", text).faults]


def test_values_come_with_the_line_of_every_key_and_item() -> None:
    document = parse("f", TEXT)
    assert not document.faults
    assert document.data == {
        "id": "WGT001",
        "when": [{"fact": "a.b", "lt": 3}, {"any": [{"fact": "c", "is": "5e-06"}]}],
        "why": "two lines\n",
    }
    assert document.lines["id",] == 2
    assert document.lines["when", 0] == document.lines["when", 0, "lt"] == 4
    assert document.lines["when", 1, "any", 0, "is"] == 7
    assert document.lines["why",] == 8


def test_without_libyaml_the_same_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = parse("f", TEXT)
    monkeypatch.setattr(yaml_places, "_Parser", yaml.SafeLoader)
    assert parse("f", TEXT) == fast
    assert faults("a: yes\nb: &x 1\nb: 1e3\nc: !t d\n") == [
        (1, "a: yes is not a truth value to every YAML reader: write true (or quote it for text)"),
        (2, "b: anchor &x is not accepted; write plain values"),
        (3, "duplicate key b: it is already at line 2"),
        (3, "b: 1e3 is not a number to every YAML reader: write 1000.0 (or quote it for text)"),
        (4, "c: tag !t is not accepted; write plain values"),
    ]


def test_a_fault_stands_at_the_nearest_part_the_file_has() -> None:
    document = Document("f", {}, {("when",): 3, ("when", 0): 4}, [])
    assert document.fault(("when", 0, "fact"), "text") == Fault("f", 4, "when[0].fact: text")
    assert document.fault(("when", 7), "text") == Fault("f", 3, "when[7]: text")
    assert document.fault(("nowhere",), "text") == Fault("f", 1, "nowhere: text")


def test_paths_are_written_as_people_write_them() -> None:
    assert dotted(("when", 0, "any", 1, "fact")) == "when[0].any[1].fact"
    assert dotted(()) == ""


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ("", 1, "the file is empty"),
        ("# nothing\n", 1, "the file is empty"),
        ("- 1\n", 1, "the file must be a mapping of keys to values"),
        ("a: 1\n---\nb: 2\n", 2, "one document per file: remove what follows the first"),
        ("a: 1\nb: [\n", 3, "not YAML: did not find expected node content"),
        ("a: 1\nb: c: d\n", 2, "not YAML: mapping values are not allowed in this context"),
        ("a: \x07\n", 1, "not YAML: control characters are not allowed"),
        ("a: 1\nb: 2\na: 3\n", 3, "duplicate key a: it is already at line 1"),
        ("a:\n  b: {c: 1, c: 2}\n", 2, "duplicate key a.b.c: it is already at line 2"),
        ("a: 1\nb: 5e-06\n", 2, "b: 5e-06 is not a number to every YAML reader: write 5.0e-06 (or quote it for text)"),
        ("a: &x 1\n", 1, "a: anchor &x is not accepted; write plain values"),
        ("a: !!python/object:os.system 1\n", 1, "a: tag tag:yaml.org,2002:python/object:os.system is not accepted; write plain values"),
        ("!x {a: 1}\n", 1, "the file: tag !x is not accepted; write plain values"),
        ("a:\n  - *x\n", 2, "a[0]: aliases (*name) are not accepted; write the value out"),
        ("a: 1\n2: 3\n", 2, "'2': a key must be text; quote it if it is meant"),
        ("no: 3\n", 1, "'no': a key must be text; quote it if it is meant"),
        ("<<: {a: 1}\n", 1, "'<<': a key must be text; quote it if it is meant"),
        ("? [a]\n: 1\n", 1, "a key must be text"),
        ('a: "\\0"\n', 1, "a: control characters are not accepted"),
        ('"\\e": 1\n', 1, "'\\x1b': a key must be text; quote it if it is meant"),
        ("a: " + "[" * 17 + "]" * 17, 1, "nested deeper than 16 levels"),
    ],
)  # fmt: skip
def test_one_fault_at_its_line(text: str, line: int, complaint: str) -> None:
    assert faults(text) == [(line, complaint)]


def test_every_fault_is_found_at_once() -> None:
    assert [line for line, _ in faults("a: yes\nb: &x 1\nb: 1e3\nc: ok\n")] == [1, 2, 3, 3]


def test_a_flood_of_faults_is_cut_off() -> None:
    found = faults("a: [" + "yes, " * 1000 + "]\n")
    assert len(found) == MAX_FAULTS + 1
    assert found[-1] == (1, f"more than {MAX_FAULTS} faults; the rest of the file was not read")


def test_deep_nesting_costs_neither_stack_nor_time() -> None:
    assert faults("a: " + "[" * 17) == [(1, "nested deeper than 16 levels")]
    ((line, complaint),) = faults("a: " + "[" * 100_000)
    assert line == 1
    assert "nest" in complaint  # newer parsers have a limit of their own, and meet it first


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    document = parse("f", text)
    assert document.data is not None or document.faults
