"""Reading `diagnose.yaml`: strict, with one line for a fault. Loads pydantic, so only where there is such a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Intent, Place, Scalar
from diagnose.sources.config.content import BOM, Content, read_content, read_text
from diagnose.sources.config.dotted import join
from diagnose.sources.config.tree import Kind, Lines, Node
from diagnose.sources.config.yaml_tree import parse_yaml
from diagnose.sources.project import Project

MAX_BYTES = 64 * 1024
MOST_WORDS = 200
_WORDS: Mapping[str, str] = {
    "bool_type": "give true or false",
    "dict_type": "give a mapping of names to values",
    "enum": "give {expected}",
    "list_type": "give a list of words, like [spin, jump]",
    "string_type": "give a text; quote what would be read as something else",
    "string_too_short": "give a text; this one is empty",
    "string_too_long": "give at most {max_length} characters",
    "too_long": "give at most {max_length}",
}


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    intent: Annotated[Intent, Field(strict=False)] | None = None
    trainer: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = None
    motion_words: Annotated[
        list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]],
        Field(max_length=MOST_WORDS),
    ] = []
    dataset: Annotated[str, StringConstraints(min_length=1, max_length=4096)] | None = None
    parameters: dict[str, bool | int | float | str] = {}
    ignore: dict[str, Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]] = {}


def read_project(path: Path) -> Project:
    """Read a project file.

    Raises:
        DiagnoseError: it cannot be read, is too large or no YAML mapping, or a key or value is at fault.
    """
    content = _content(path)
    if content.data is None:
        content = Content({}, {}, ())
    if not isinstance(content.data, dict):
        raise DiagnoseError(f"{path}:1: give a mapping of keys to values, like intent: motion")
    for remark in content.remarks:
        raise DiagnoseError(f"{path}:{remark.place.line or 1}: {remark.place.key or 'the file'}: {remark.text}")
    try:
        shape = _Shape.model_validate(content.data)
    except ValidationError as error:
        raise DiagnoseError(_fault(path, content, error.errors(include_url=False)[0])) from error
    return Project(
        path=path,
        intent=shape.intent,
        trainer=shape.trainer,
        motion_words=tuple(shape.motion_words),
        dataset=path.parent / shape.dataset if shape.dataset is not None else None,
        parameters={name: _text(value) for name, value in shape.parameters.items()},
        ignore=shape.ignore,
        places={key: Place(path.name, line, key) for key, line in content.lines.items()},
    )


def _content(path: Path) -> Content:
    text = read_text(path, str(path), "a project file, which has a few lines", limit=MAX_BYTES).removeprefix(BOM)
    try:
        document = parse_yaml(text)
        root = document.root and _without_asides(document.root, text)
        return read_content(replace(document, root=root), path.name, Lines(text))
    except DiagnoseError as error:
        raise DiagnoseError(f"{path}, {error}") from error


def _without_asides(node: Node, text: str) -> Node:
    """Drop the notes on scalars that came out as they are written: how a trainer would take them is no matter here."""
    if node.kind is Kind.SCALAR:
        return replace(node, note="") if node.alias or _as_written(node.value, text[node.start : node.end]) else node
    return replace(node, entries=tuple(replace(each, value=_without_asides(each.value, text)) for each in node.entries))


def _as_written(value: Scalar | None, written: str) -> bool:
    try:
        return value == written or value == float(written)
    except ValueError:
        return False


def _text(value: bool | float | str) -> str:  # noqa: FBT001 - a parameter's value, whatever it is
    """Return a value as it would be written behind --set."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fault(path: Path, content: Content, detail: ErrorDetails) -> str:
    """Word the first fault with the line of the innermost key that the file has."""
    known, line = "", 1
    for part in detail["loc"]:
        key = join(known, part)
        if key not in content.lines:
            break
        known, line = key, content.lines[key]
    if detail["type"] == "extra_forbidden":
        keys = ", ".join(_Shape.model_fields)
        return f"{path}:{line}: {known}: unknown key; the file may hold {keys}"
    if known.startswith("parameters."):
        return f"{path}:{line}: {known}: give a number, a text, true or false"
    if known == "ignore" or known.startswith("ignore."):
        return f"{path}:{line}: {known}: give each rule a reason, like no-previews: we look at them elsewhere"
    context: dict[str, Any] = detail.get("ctx", {})
    words = _WORDS.get(detail["type"], detail["msg"]).format_map(context)
    return f"{path}:{line}: {known}: {words}"
