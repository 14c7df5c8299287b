"""The project file: read strictly, refused in one line."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trainer_names import RELAXIS

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Intent, Place
from diagnose.sources.project import NAME
from diagnose.sources.project_file import MAX_BYTES, read_project

WHOLE = """\
# what this run is for
intent: motion
trainer: ai-toolkit-relaxis
motion_words: [spin, " head turn "]
dataset: ../clips
parameters:
  lr_ratio_min: 2.5
  static_movement: 4
"""


def test_everything_a_project_may_say(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(WHOLE)
    project = read_project(tmp_path / NAME)
    assert (project.intent, project.trainer) == (Intent.MOTION, RELAXIS)
    assert project.motion_words == ("spin", "head turn")
    assert project.dataset == tmp_path / ".." / "clips"
    assert project.parameters == {"lr_ratio_min": "2.5", "static_movement": "4"}
    assert project.places["intent"] == Place(NAME, 2, "intent")
    assert project.places["parameters.lr_ratio_min"].line == 7


@pytest.mark.parametrize(
    ("written", "read"), [("1e-5", "1e-05"), ("1.e6", "1000000.0"), ("&a 2e-5", "2e-05"), ("2026-01-02", "2026-01-02")]
)
def test_how_a_trainer_would_take_a_value_is_no_matter(tmp_path: Path, written: str, read: str) -> None:
    (tmp_path / NAME).write_text(f"parameters:\n  x: {written}\n")
    assert read_project(tmp_path / NAME).parameters == {"x": read}


def test_a_value_may_be_written_once_for_two(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("parameters: {x: &a 1e-5, y: *a}\n")
    assert read_project(tmp_path / NAME).parameters == {"x": "1e-05", "y": "1e-05"}


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}\n", "intent:\n"])
def test_a_project_may_say_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    project = read_project(tmp_path / NAME)
    assert (project.intent, project.dataset, project.motion_words) == (None, None, ())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("intent: dance", ":1: intent: give 'motion', 'character' or 'style'"),
        ("\nintents: motion", ":2: intents: unknown key; the file may hold intent, trainer, motion_words, dataset"),
        ("motion_words: spin", ":1: motion_words: give a list of words"),
        ("motion_words:\n  - spin\n  - 3", ":3: motion_words[1]: give a text"),
        ("motion_words: ['  ']", ":1: motion_words[0]: give a text; this one is empty"),
        ("parameters: [1]", ":1: parameters: give a mapping of names to values"),
        ("parameters:\n  a:\n    - 1", ":2: parameters.a: give a number, a text, true or false"),
        ("parameters:\n  lr_ratio_min:", ":2: parameters.lr_ratio_min: give a number, a text, true or false"),
        ("intent: motion\nintent: style", ":2: intent: this key is also on line 1"),
        ("dataset: 3", ":1: dataset: give a text"),
        ("trainer: 3", ":1: trainer: give a text"),
        ("- motion", ":1: give a mapping"),
        ("a: [", "not YAML"),
        ("intent: !!python/object:os.system motion", ":1: intent: "),
        ("parameters: {x: !mine 5}", ":1: parameters.x: the trainer does not take the tag"),
        ("parameters:\n  x: 010", ":2: parameters.x: 010 is read as 8 (octal)"),
        ("parameters:\n  x: 1:30", ":2: parameters.x: 1:30 is read as 90"),
    ],
)
def test_a_fault_is_one_line_with_its_place(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(DiagnoseError) as error:
        read_project(tmp_path / NAME)
    assert fault in str(error.value)
    assert str(error.value).startswith(str(tmp_path / NAME))
    assert "\n" not in str(error.value)


def test_a_file_too_large_or_no_text_is_refused(tmp_path: Path) -> None:
    for content, words in (
        (b"#" * (MAX_BYTES + 1), "larger than 64 kB"),
        (b"intent: motion\n\xff", ", line 2: not UTF-8"),
    ):
        (tmp_path / NAME).write_bytes(content)
        with pytest.raises(DiagnoseError, match=words):
            read_project(tmp_path / NAME)


@given(text=st.text(max_size=80))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("project") / NAME
    path.write_text(text, encoding="utf-8", errors="replace")
    with suppress(DiagnoseError):
        assert read_project(path).path == path
