"""What holds for any config and any edits."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from config_documents import KEYS, SCALARS, dumped, handwritten, json_text
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config.content import parse, read_content
from diagnose.sources.config.dotted import Step, join, split
from diagnose.sources.config.tree import Entry, Lines, Node
from diagnose.trainers.aitoolkit.config_file import read_config
from diagnose.verdict.edit.apply import Edit, apply_edits, remove_key, same, set_value

CASES = Path(__file__).parents[3] / "shared" / "cases"
REAL = sorted([*CASES.glob("configs/*.yaml"), *CASES.glob("real/*/config.yaml")])
MANY = settings(max_examples=100, deadline=None)


def data(text: str, *, json: bool = False) -> Any:
    return read_content(parse(text, json=json), "config", Lines(text)).data


def paths(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    children: list[tuple[Step, Any]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    for step, child in children:
        yield join(path, step), child
        yield from paths(child, join(path, step))


def edits_of(content: Any) -> st.SearchStrategy[list[Edit]]:
    """Edits of what is there, and of what is not."""
    known = list(paths(content))
    parents = ["", *(path for path, child in known if isinstance(child, dict) or child is None)]
    new = st.builds(join, st.sampled_from(parents), KEYS)
    choices = [st.builds(Edit, new, SCALARS), st.builds(Edit, st.builds(join, new, KEYS), SCALARS)]
    if known:
        old = st.sampled_from([path for path, _ in known])
        choices += [st.builds(Edit, old, SCALARS), st.builds(Edit, old, st.none(), st.just(value=True))]
    return st.lists(st.one_of(choices), min_size=1, max_size=4)


def after(content: Any, edits: list[Edit]) -> Any:
    expected = copy.deepcopy(content)
    for edit in edits:
        if edit.remove:
            remove_key(expected, split(edit.path))
        else:
            set_value(expected, split(edit.path), edit.value)
    return expected


def apply_or_skip(text: str, edits: list[Edit], *, json: bool) -> str:
    """Edit, but leave out what is refused with good reason; "not safely" is none for these texts."""
    try:
        return apply_edits(text, edits, json=json)
    except DiagnoseError as error:
        if "safely" not in str(error):
            reject()
        raise


def check(text: str, edits: list[Edit], *, json: bool) -> str:
    changed = apply_or_skip(text, edits, json=json)
    assert same(data(changed, json=json), after(data(text, json=json), edits))
    assert apply_edits(changed, edits, json=json) == changed
    return changed


@MANY
@given(st.data())
def test_handwritten_yaml(draws: st.DataObject) -> None:
    text = draws.draw(handwritten())
    edits = draws.draw(edits_of(data(text)))
    changed = check(text, edits, json=False)
    remaining = iter(changed.split("\n"))
    touched = set[int]().union(*(touched_lines(text, edit.path) for edit in edits))
    for number, line in enumerate(text.split("\n"), 1):
        assert number in touched or line in remaining


@MANY
@given(st.data())
def test_dumped_yaml(draws: st.DataObject) -> None:
    text = draws.draw(dumped().filter(lambda text: not re.search(r"[|>]\d?\+", text)))
    check(text, draws.draw(edits_of(data(text))), json=False)


@MANY
@given(st.data())
def test_json(draws: st.DataObject) -> None:
    text = draws.draw(json_text())
    check(text, draws.draw(edits_of(data(text, json=True))), json=True)


def touched_lines(text: str, path: str) -> set[int]:
    """The lines an edit of `path` may change: the entry's own, its parents' first lines, a comma, a dash."""
    lines, node, touched = Lines(text), parse(text, json=False).root, set[int]()
    for step in split(path):
        assert node is not None
        touched |= set(range(lines.line(node.start) - 1, lines.line(node.start) + 1))
        entry = _entry(node, step)
        if entry is None:
            return touched | _end(lines, node)
        touched.add(lines.line(entry.head.start))
        if len(node.entries) == 1 and node.flow:  # {} when it goes
            touched |= set(range(lines.line(node.start), lines.line(node.end) + 1))
        before = node.entries[: node.entries.index(entry)][-1:]
        behind = node.entries[node.entries.index(entry) + 1 :][:1]
        first = entry.head.start if entry.key or not before else before[0].value.end  # a dash may stand above
        own = set(range(lines.line(first), lines.line(max(entry.head.start, entry.value.end - 1)) + 1))
        near = {lines.line(other.value.end) for other in before if node.flow}
        near |= {lines.line(other.head.start) for other in behind if not before and not node.flow}
        node = entry.value
    return touched | own | near


def _entry(node: Node, step: Step) -> Entry | None:
    if isinstance(step, int):
        return node.entries[step]
    return next((entry for entry in reversed(node.entries) if entry.name == step), None)


def _end(lines: Lines, node: Node) -> set[int]:
    return {lines.line(entry.value.end) for entry in node.entries[-1:]} | {lines.line(node.end)}


NEXT = (
    Edit("train.steps", 2200),
    Edit("train.optimizer", "automagic"),
    Edit("train.optimizer_params.lr_bump", 1e-5),
    Edit("train.optimizer_params.high_noise_lr_bump", 2e-5),
    Edit("train.min_snr_gamma", remove=True),
    Edit("model.model_kwargs.train_high_noise", value=True),
    Edit("logging.log_every", 1),
    Edit("sample.fps", 16),
    Edit("save", remove=True),
)


@pytest.mark.parametrize("path", REAL, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_real_configs(path: Path) -> None:
    reading = read_config(path)
    edits = [Edit(f"{reading.root}.{edit.path}", edit.value, remove=edit.remove) for edit in NEXT]
    edits = [edit for edit in edits if "optimizer_params" not in edit.path or _takes_keys(reading.data)]
    changed = check(reading.text, edits, json=False)
    assert len(set(reading.text.split("\n")) - set(changed.split("\n"))) < 15


def _takes_keys(content: Any) -> bool:
    train = content["config"]["process"][0]["train"]
    return isinstance(train.get("optimizer_params", {}), dict)
