import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from config_documents import dumped, handwritten, trained
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config.content import Content, read_content
from diagnose.sources.config.dotted import get, split, walk
from diagnose.sources.config.tree import Lines
from diagnose.sources.config.yaml_tree import parse_yaml
from diagnose.trainers.aitoolkit.config_file import MAX_BYTES, MAX_REMARKS, READERS, read_config

Write = Callable[[str, "str | bytes"], Path]
CASES = Path(__file__).parents[4] / "shared" / "cases"
FRAME = "job: extension\nconfig:\n  name: run\n  process:\n  - type: sd_trainer\n"


def content(text: str) -> Content:
    return read_content(parse_yaml(text), "config.yaml", Lines(text))


def test_a_config_as_the_trainer_sees_it(write: Write) -> None:
    text = FRAME + "    train:\n      lr: 1e-4  # c\n      steps: 2000\n    sample: {prompts: ['[name], a cat']}\n"
    reading = read_config(write("config.yaml", text), name="shown.yaml")
    assert reading.file == "shown.yaml"
    assert reading.text == text
    assert reading.root == "config.process[0]"
    assert get(reading, "train.lr") == 1e-4
    assert get(reading, "sample.prompts") == ["run, a cat"]
    assert reading.lines["config.process[0].train.lr"] == 7
    (remark,) = reading.remarks
    assert remark.place.line == 7
    assert "1.0e-4" in remark.text


def test_the_suffix_decides_between_yaml_and_json(write: Write) -> None:
    text = json.dumps({"job": "extension", "config": {"name": "r", "process": [{"type": "sd_trainer"}]}}, indent=1)
    for suffix in (".json", ".jsonc", ".yaml", ".yml"):
        reading = read_config(write(f"config{suffix}", text))
        assert reading.data == json.loads(text)
        assert reading.lines["config.process[0].type"] == 7
        assert not reading.remarks
    with pytest.raises(DiagnoseError, match="not JSON"):
        read_config(write("config.json", FRAME))


def test_another_suffix_is_remarked(write: Write) -> None:
    assert "opens .yaml" in read_config(write("config.txt", FRAME)).remarks[0].text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_stay(write: Write, end: str) -> None:
    text = "\ufeff" + FRAME.replace("\n", end)
    reading = read_config(write("config.yaml", text.encode()))
    assert reading.text == text
    assert reading.lines["config.process[0].type"] == 5
    assert not reading.remarks


def test_the_trainer_refuses_json_with_a_byte_order_mark(write: Write) -> None:
    text = '\ufeff{"job": "x", "config": {"name": "r", "process": [{"type": "sd_trainer"}]}}'
    (remark,) = read_config(write("config.json", text)).remarks
    assert "byte order mark" in remark.text


def test_the_environment_is_not_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "DIAGNOSE_DATA", "/secret")
    text = FRAME + "    datasets:\n    - folder_path: ${DIAGNOSE_DATA}/clips\n    # ${OTHER} ${OTHER}\n"
    reading = read_config(write("config.yaml", text))
    assert get(reading, "datasets[0].folder_path") == "${DIAGNOSE_DATA}/clips"
    assert [(remark.place.line, remark.text.split()[0]) for remark in reading.remarks] == [
        (7, "${DIAGNOSE_DATA}"),
        (8, "${OTHER}"),
    ]


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        (FRAME.replace("  name: run\n", ""), "there is no config.name"),
        (FRAME + "  - type: ui_trainer\n", "config.process[1] trains too"),
        ("train:\n  steps: 5\n", "a process entry by itself"),
        (FRAME + "    a: !thing 5\n", "does not take the tag !thing"),
        (FRAME + "    a: 1\n    a: 2\n", "this key is also on line 6"),
    ],
)
def test_what_is_remarked(write: Write, text: str, remark: str) -> None:
    (found,) = read_config(write("config.yaml", text)).remarks
    assert remark in found.text


def test_what_a_stranger_wrote_makes_no_long_or_broken_lines(write: Write) -> None:
    long = "x\\n" * 5000
    text = FRAME + f'    a: !!int "{long}"\n    b: ${{{"y " * 5000}}}\n    ? "{long}"\n    : 1\n    !{"z" * 900} c: 1\n'
    remarks = read_config(write("config.yaml", text)).remarks
    assert len(remarks) == 3
    assert all(len(remark.text) < 200 and "\n" not in remark.text for remark in remarks)


def test_remarks_are_counted_when_they_are_too_many(write: Write) -> None:
    reading = read_config(write("config.yaml", FRAME + "    a: 1\n" * 100))
    assert len(reading.remarks) == MAX_REMARKS + 1
    assert reading.remarks[-1].text.startswith("49 more remarks")


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "line 1: the config must be a mapping"),
        (b"- a\n", "line 1: the config must be a mapping"),
        (b"a: 1\n", "line 1: no training process"),
        (b"a: 1\nb: \xff\n", "line 2: not UTF-8"),
        ("a: 1\n".encode("utf-16"), "line 1: not UTF-8"),
        (b"a: [1\nb: 2\n", "line 2, column 2: not YAML"),
        (b"#" * (MAX_BYTES + 1), "larger than 2048 kB"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(write: Write, raw: bytes, problem: str) -> None:
    with pytest.raises(DiagnoseError, match=problem) as error:
        read_config(write("config.yaml", raw), name="config.yaml")
    assert str(error.value).startswith("config.yaml")
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DiagnoseError, match="no such file"):
        read_config(tmp_path / "none.yaml")
    with pytest.raises(DiagnoseError, match="a folder"):
        read_config(tmp_path)


@settings(max_examples=100, deadline=None)
@given(st.one_of(dumped(), handwritten()))
def test_the_data_are_the_trainers(text: str) -> None:
    assert _typed(content(text).data) == _typed(trained(text))


@settings(max_examples=100, deadline=None)
@given(st.one_of(dumped(), handwritten()))
def test_every_key_stands_on_its_line(text: str) -> None:
    lines = text.replace("\r\n", "\n").split("\n")
    for path, line in content(text).lines.items():
        key = split(path)[-1]
        if isinstance(key, str) and key.isidentifier() and key.isascii():
            assert key in lines[line - 1]


def test_real_configs_read_as_the_trainer_reads_them() -> None:
    paths = sorted([*CASES.glob("configs/*.yaml"), *CASES.glob("real/*/config.yaml")])
    if not paths:
        pytest.skip("the cases are not here")
    for path in paths:
        reading = read_config(path)
        text = path.read_text(encoding="utf-8")
        assert reading.data == trained(text)
        assert reading.root == "config.process[0]"
        for leaf, _ in walk(reading):
            key = split(leaf)[-1]
            line = text.split("\n")[reading.lines[f"{reading.root}.{leaf}"] - 1]
            assert f"{key}:" in line if isinstance(key, str) else line.lstrip().startswith("- ")


def _typed(value: Any) -> str:
    """The data with 1, 1.0 and true told apart; the order of keys is no part of it."""
    return yaml.safe_dump(value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("---\njob: extension\nconfig:\n  name: a\n  process:\n  - type: sd_trainer\n", True),
        ('{"job":"extension","config":{"name":"a","process":[]}}', True),
        ("services:\n  web:\n    image: a\n", False),
        ("config:\n  a: 1\n", False),
        ("", False),
    ],
)
def test_the_content_tells_a_job_config(write: Write, content: str, expected: bool) -> None:
    assert READERS[0].sniff(write("a.yaml", content)) is expected


def test_the_config_that_the_trainer_writes_comes_first() -> None:
    paths = [Path(name) for name in ("a.json", "z.yml", "b.yaml", "config.yaml")]
    assert [path.name for path in READERS[0].arrange(paths, "")] == ["config.yaml", "b.yaml", "z.yml", "a.json"]
