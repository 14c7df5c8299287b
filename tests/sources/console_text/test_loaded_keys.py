"""What libraries print of missing and unexpected weights: how many, of which part, and what is no news."""

from __future__ import annotations

import pytest

from diagnose.core.values import Place
from diagnose.sources.console_text.loaded_keys import MOST_PARTS, ROWS_READ, KeysReader, LoadedKeys

MISSING = (
    "Some weights of UMT5EncoderModel were not initialized from the model checkpoint at /m and are newly initialized: "
)
UNUSED = "Some weights of the model checkpoint at /m were not used when initializing WanTransformer3DModel: "
ADAPTER = "Loading adapter weights from state_dict led to "


def told(*lines: str) -> list[tuple[str, int, int, str]]:
    reader = KeysReader("log.txt")
    for number, line in enumerate(lines, start=1):
        reader.read(number, line.encode())
    return [(each.part, each.missing, each.unexpected, each.first) for each in reader.told()]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([f"{MISSING}['encoder.a.weight', 'encoder.b.weight']"], ("UMT5EncoderModel", 2, 0, "encoder.a.weight")),
        ([UNUSED, " ['blocks.0.scale, blocks.1.scale']"], ("WanTransformer3DModel", 0, 2, "blocks.0.scale")),
        ([f"{UNUSED}['blocks.0.scale']"], ("WanTransformer3DModel", 0, 1, "blocks.0.scale")),
        (
            [f"{ADAPTER}missing keys in the model: blocks.0.q.lora_A.weight"],
            ("adapter", 1, 0, "blocks.0.q.lora_A.weight"),
        ),
        (
            [f"{ADAPTER}unexpected keys found in the model: a.b, c.d. {ADAPTER}missing keys in the model: e.f"],
            ("adapter", 1, 2, "a.b"),
        ),
        ([f"{ADAPTER}unexpected keys not found in the model:  ['a.b']. "], ("adapter", 0, 1, "a.b")),
        (
            ["Loaded DiT model from /d.safetensors, info=_IncompatibleKeys(missing_keys=['a.b'], unexpected_keys=[])"],
            ("DiT", 1, 0, "a.b"),
        ),
        (
            ["load network weights from /l: _IncompatibleKeys(missing_keys=[], unexpected_keys=['a.b', 'c.d'])"],
            ("network", 0, 2, "a.b"),
        ),
        (
            [
                "UMT5EncoderModel LOAD REPORT from: /m",
                "Key | Status |",
                "-----+",
                "a.b.{0, 1}.q | MISSING | ",
                "c.d | UNEXPECTED |",
            ],
            ("UMT5EncoderModel", 1, 1, "a.b."),
        ),
    ],
)
def test_the_wordings_of_the_libraries_are_known(lines: list[str], expected: tuple[str, int, int, str]) -> None:
    assert told(*lines) == [expected]


@pytest.mark.parametrize(
    "line",
    [
        f"{MISSING}['encoder.embed_tokens.weight', 'lm_head.weight']",
        "Loaded DiT model from /d.safetensors, info=<All keys matched successfully>",
        "Missing keys: []",
        f'    "prompt": "{MISSING}[a.b]"',
        "a.b | MISSING |",
    ],
)
def test_what_is_no_news_is_passed_over(line: str) -> None:
    assert told(line) == []


def test_the_place_is_that_of_the_first_word() -> None:
    reader = KeysReader("log.txt")
    reader.read(7, f"{MISSING}['a.b']".encode())
    reader.read(9, f"{MISSING}['c.d']".encode())
    assert reader.told() == (LoadedKeys("UMT5EncoderModel", Place("log.txt", line=7), 2, 0, "a.b"),)


def test_a_report_ends_and_parts_are_bounded() -> None:
    head = "UMT5EncoderModel LOAD REPORT from: /m"
    assert told(head, *["-"] * (ROWS_READ - 1), "a.b | MISSING |")
    assert not told(head, *["-"] * ROWS_READ, "a.b | MISSING |")
    assert (
        len(told(*(MISSING.replace("UMT5", f"P{number}") + "['a.b']" for number in range(MOST_PARTS + 1))))
        == MOST_PARTS
    )
