"""Random configs for the readers and the editor: dumped in every style, and written the way people write them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

import yaml
from hypothesis import assume
from hypothesis import strategies as st

T = TypeVar("T")
Draw = Callable[[Any], Any]

KEYS = st.sampled_from(["train", "lr", "steps", "a", "b", "model", "name", "x_y", "k1"])
ODD_KEYS = st.one_of(
    KEYS, st.sampled_from(["on", "1", "a.b", "x y", "null", "été", "1e5", "~", "-", "?", "=", "<<", '"'])
)
ODD_TEXT = st.one_of(
    st.sampled_from(["1e-5", "1e5", "-.5", "0x1f", "010", "1:30", "no", "~", "2025-01-01", "<<", "=", "${X}"]),
    st.sampled_from(["a: b", "# c", "x #y", "&a", "*a", "!t", "it's", "[x", "{y", "- z", "%x", "@x", ","]),
    st.sampled_from(["", "a\nb", "a\n", "\n a\n\n", "é\u2028x", "\x85", "\t", "\x07", "\U0001f600", "why?", "wow!"]),
    st.text(alphabet=" abc:#-?!'\"\n{}[],&*%é\t\\|>=.0e1_", max_size=12),
)
ODD_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    ODD_TEXT,
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 5000),
    st.sampled_from([1e-5, 2.5e-4, 0.5, 1.0]),
    st.sampled_from(
        ["adamw", "a b", "it's", "x: y", "# no", "p, q", "one\ntwo\n", "", "50%", "why?", "[name]", "a\\b"]
    ),
)


def data(keys: st.SearchStrategy[str], scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    values = st.recursive(
        scalars,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=4)),
        max_leaves=12,
    )
    return st.dictionaries(keys, values, min_size=1, max_size=4)


class TrainerLoader(yaml.SafeLoader):
    """PyYAML with the float pattern of both trainers, term by term."""


TrainerLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
        r"|\.[0-9_]+(?:[eE][-+][0-9]+)?"
        r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+0123456789."),
)


def trained(text: str) -> Any:
    """What the trainer has after loading: parsed, and sent through JSON."""
    return json.loads(json.dumps(yaml.load(text, TrainerLoader)))  # noqa: S506 (a subclass of SafeLoader)


@st.composite
def dumped(draw: Draw) -> str:
    """A config as PyYAML dumps it in a random style, aliases included, in either line ending."""
    content = draw(data(ODD_KEYS, ODD_SCALARS))
    if len(content) > 1 and draw(st.booleans()):
        first, *_, last = content
        content[last] = {"again": content[first], "list": [content[first]]}
    text: str = yaml.dump(
        content,
        Dumper=yaml.SafeDumper,
        default_flow_style=draw(st.sampled_from([None, True, False])),
        default_style=draw(st.sampled_from([None, None, None, '"', "'", "|", ">"])),
        indent=draw(st.sampled_from([2, 3, 4])),
        width=draw(st.sampled_from([10, 40, 1000])),
        explicit_start=draw(st.booleans()),
        line_break=draw(st.sampled_from(["\n", "\r\n"])),
        allow_unicode=draw(st.booleans()),
    )
    return text


@st.composite
def handwritten(draw: Draw) -> str:
    """A config with comments, blank lines, flow collections over several lines, mixed quotes."""
    content = draw(data(KEYS, SCALARS))
    lines = _Hand(draw).block(content, 0)
    text: str = draw(st.sampled_from(["", "# head\n---\n"])) + "\n".join(lines)
    text += draw(st.sampled_from(["\n", "\n", "\n\n# end\n", ""]))
    assume(_says(text, content))
    end: str = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return text.replace("\n", end)


@st.composite
def json_text(draw: Draw) -> str:
    """A config as JSON in any of the usual layouts."""
    return json.dumps(
        draw(data(ODD_KEYS, ODD_SCALARS)),
        indent=draw(st.sampled_from([None, 2, 4, "\t"])),
        separators=draw(st.sampled_from([None, (",", ":")])),
        ensure_ascii=draw(st.booleans()),
    )


def _says(text: str, content: Any) -> bool:
    try:
        return bool(trained(text) == content)
    except (yaml.YAMLError, ValueError):
        return False


class _Hand:
    """Writes data the untidy way; every comment is numbered, so that a lost one can be told."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._count = 0
        self._step = draw(st.sampled_from([2, 4]))
        self._indented_lists = draw(st.booleans())

    def block(self, value: Any, margin: int) -> list[str]:
        pad = " " * margin
        lines: list[str] = []
        if isinstance(value, dict):
            for key, child in value.items():
                lines += [*self._between(margin), *self._entry(f"{pad}{self._key(key)}:", child, margin)]
            return lines
        for child in value:
            lines += self._between(margin)
            if isinstance(child, dict) and child and self._one(True, False):
                lines += self._compact(child, margin)
            else:
                lines += self._entry(f"{pad}-", child, margin)
        return lines

    def _compact(self, child: dict[str, Any], margin: int) -> list[str]:
        lines = self.block(child, margin + 2)
        while not lines[0].strip() or lines[0].lstrip().startswith("#"):
            del lines[0]
        return [" " * margin + "- " + lines[0].lstrip(" "), *lines[1:]]

    def _entry(self, head: str, value: Any, margin: int) -> list[str]:
        if isinstance(value, (dict, list)) and value and self._one(True, True, False):
            flush = isinstance(value, list) and not self._indented_lists and not head.endswith("-")
            return [head + self._comment(), *self.block(value, margin if flush else margin + self._step)]
        if isinstance(value, str) and value.endswith("\n") and self._one(True, False):
            return [f"{head} |", *(" " * (margin + self._step) + line for line in value[:-1].split("\n"))]
        written = self._flow(value, margin + 1) if isinstance(value, (dict, list)) else self._scalar(value)
        return f"{head}{' ' if written else ''}{written}{self._comment()}".split("\n")

    def _flow(self, value: Any, margin: int) -> str:
        if not isinstance(value, (dict, list)):
            return self._scalar(value) or "null"
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        inner = margin + 2
        if isinstance(value, dict):
            items = [f"{self._key(key)}: {self._flow(child, inner)}" for key, child in value.items()]
        else:
            items = [self._flow(child, inner) for child in value]
        if not items or self._one(True, False):
            space = self._one("", " ")
            return f"{opening}{space}{', '.join(items)}{self._one('', ',') if items else ''}{space}{closing}"
        lines = [opening + self._comment()]
        for number, item in enumerate(items, 1):
            mark = "," if number < len(items) else self._one("", ",")
            lines += [*self._between(inner), f"{' ' * inner}{item}{mark}{self._comment()}"]
        return "\n".join([*lines, " " * margin + closing])

    def _scalar(self, value: Any) -> str:
        if value is None:
            return self._one("null", "~", "")
        if isinstance(value, bool):
            return self._one("true", "True", "yes") if value else self._one("false", "off", "No")
        if isinstance(value, float):
            return self._one(repr(value), f"{value:e}")
        if isinstance(value, int):
            return str(value)
        spellings = [json.dumps(value)]
        if value and value.isprintable():
            spellings.append("'" + value.replace("'", "''") + "'")
        if value in {"adamw", "a b", "50%", "it's"}:
            spellings += [value, value]
        return self._one(*spellings)

    def _key(self, key: str) -> str:
        return self._one(key, key, f'"{key}"', f"'{key}'")

    def _comment(self) -> str:
        self._count += 1
        return self._one("", "", "", f"  # tail{self._count}", f" # tail{self._count}: {{x, y")

    def _between(self, margin: int) -> list[str]:
        self._count += 1
        return self._one([], [], [], [""], [f"{' ' * margin}# own{self._count}"], [f"# own{self._count}"])

    def _one(self, *choices: T) -> T:
        choice: T = self._draw(st.sampled_from(choices))
        return choice
