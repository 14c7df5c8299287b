"""Damage to trees of keys and values: types swapped, keys renamed, parts moved, numbers beyond all bounds."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from random import Random
from typing import Any

import yaml

Tree = Any
"""What YAML and JSON hold."""
ODD_NUMBERS = (
    0, -0.0, 1, -1, 2, 3, 0.5, 1e-5, 5e-324, 1e308, -1e308, float("inf"), float("-inf"), float("nan"), 2**31, 2**53 + 1,
    2**63, -(2**63), 2**64, 10**30, 10**400, 1e-300, 999_999_999, 10_000_000_000, 0.1 + 0.2,
)  # fmt: skip
ODD_TEXTS = (
    "", " ", "0", "1", "-1", "1e5", "1e400", "nan", ".nan", "-.inf", "1_000", "0x1F", "0o7", "1:30", "yes", "off", "null", "~",
    "true", "True", "wan22_14b", "wan22_14b_i2v", "automagic", "adamw8bit", "motion", "high_noise", "bf16", "\x1b[31m",
    "\x1b]0;owned\x07", "a\nb", "\n", "\r", "\0", "\x85", "\u2028", "\u202e", "\ud800", "\U0001f3ac", "x" * 300, "y" * 70_000,
    "{job}", "{0}", "%s", "${HOME}", "`rm`", "<script>", "|", "[x](y)", "a.b", "a[0]", "]", "[", "../../..", "/dev/zero",
    "~", "C:\\x", "//", "2026-11-30", "12:30:45", "1x2x3", "1280x720", "!!python/object:os.system", "&a", "*a", "<<", "?", ":",
    "--n 5 --w 8", "a --f nan --s 1e999", "--", "--m",
)  # fmt: skip
DEEP = 400
Spot = tuple[Any, Any]
"""A container, and the key or index of a part of it."""


def odd(chance: Random) -> Tree:
    """Return a value that nobody expects."""
    kind = chance.random()
    if kind < 0.3:
        return chance.choice(ODD_NUMBERS)
    if kind < 0.55:
        return chance.choice(ODD_TEXTS)
    if kind < 0.7:
        return chance.choice((None, True, False))
    if kind < 0.98:
        one = chance.choice((*ODD_NUMBERS, *ODD_TEXTS, None, True))
        return chance.choice(
            ([], {}, [one], [one, one], [[one]], {"a": one}, {"": one}, [{}], [one] * 50, {"a": {"a": [one]}})
        )
    tree: Tree = chance.choice((None, 1, "x"))
    for _ in range(chance.choice((20, DEEP))):
        tree = [tree] if chance.random() < 0.5 else {"a": tree}
    return tree


def spots(tree: Tree) -> list[Spot]:
    """Return every place in a tree that holds a value."""
    found: list[Spot] = []
    todo = [tree]
    while todo:
        node = todo.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        for key in keys:
            found.append((node, key))
            todo.append(node[key])
    return found


def grown_wild(tree: Tree, chance: Random) -> Tree:
    """Return a copy of a tree with one change, or a few."""
    tree = deepcopy(tree)
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 6))):
        places = spots(tree)
        if not places:
            return odd(chance)
        with suppress(RecursionError):  # a deep value within a deep value
            _change(*chance.choice(places), chance.choice(places), chance)
    return tree


def _change(node: Any, key: Any, other: Spot, chance: Random) -> None:
    kind, value = chance.randrange(11), node[key]
    if kind <= 2:
        node[key] = odd(chance)
    elif kind == 3:
        del node[key]
    elif kind == 4:
        node[key] = deepcopy(other[0][other[1]])
    elif kind == 5:
        node[key] = chance.choice(([value], {"a": value}, [value, deepcopy(value)], str(value)[:999]))
    elif kind == 6 and isinstance(value, dict | list) and value:
        node[key] = value[chance.choice(list(value))] if isinstance(value, dict) else chance.choice(value)
    elif kind <= 8:
        node[key] = _near(value, chance)
    elif isinstance(node, dict):
        name = chance.choice((*ODD_TEXTS[:60], str(other[1]), f"{key}s", str(key).upper(), f" {key}"))
        node[name] = node.pop(key) if kind == 9 else odd(chance)
    else:
        node.insert(key, deepcopy(value))
        chance.shuffle(node)


def _near(value: Tree, chance: Random) -> Tree:
    """Return a value of the same kind, only another one; a number as a text, a text as a number."""
    if isinstance(value, bool):
        return chance.choice((not value, str(value), int(value), None))
    if isinstance(value, int | float):
        factor = chance.choice((0, -1, 0.5, 2, 10, 1e3, 1e-3, 1e9, 1e-9))
        try:
            return chance.choice((value * factor, int(value * factor), str(value), [value], f"{value} "))
        except (OverflowError, ValueError):
            return str(value)
    if isinstance(value, str):
        return chance.choice(
            (value.upper(), value[: len(value) // 2], value * 2, f"{value}\n", f" {value}", [value], 0, None)
        )
    return chance.choice((None, [], {}, "", 0))


def as_json(tree: Tree, chance: Random) -> bytes:
    """Write a tree as JSON, now and then with a key twice, a comment, or with what only some parsers take."""
    try:
        text = json.dumps(tree, indent=chance.choice((None, None, 1, 2)), ensure_ascii=chance.random() < 0.7)
    except (ValueError, RecursionError):
        text = "{}"
    if chance.random() < 0.1:
        text = text.replace("{", chance.choice(('{"a": 1, "a": 2, ', "{ // x\n", "{ /* x */", "{,", "{null: 1, ")), 1)
    return text.encode("utf-8", "surrogatepass")


YAML_BITS = (
    "&a ", "*a", "*b", "!!str ", "!!int ", "!!float ", "!!binary ", "!!set ", "!!omap ", "!x ", "!!python/object:os.system ",
    "<<: ", "<<: *a\n", "? ", "- ", "--- ", "\n---\n", "...\n", "%YAML 1.1\n", "\t", "| ", ">-\n", "'", '"', "#", ": ", "{", "[",
    "}", "]", ", ", "\\", "\\x", "&a [*a]", "@", "`", "~", "\0", "\x07", "\ufeff", "\u2028",
)  # fmt: skip


def as_yaml(tree: Tree, chance: Random) -> bytes:
    """Write a tree as YAML, now and then with anchors, tags, documents and keys twice."""
    if chance.random() < 0.15:
        return as_json(tree, chance)
    try:
        text = yaml.dump(tree, Dumper=_DUMPER, sort_keys=False, width=chance.choice((40, 10**6)))
    except (ValueError, yaml.YAMLError, RecursionError):
        return as_json(tree, chance)
    if chance.random() < 0.25:
        text = with_yaml_bits(text, chance)
    return str(text).encode("utf-8", "surrogatepass")


def with_yaml_bits(text: str, chance: Random) -> str:
    """Put what means something to YAML where no one expects it; move a line in or out; say a key twice."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        lines = text.split("\n")
        at = chance.randrange(len(lines))
        kind, line = chance.randrange(4), lines[at]
        if kind == 0:
            spot = line.find(":") + 2 if ":" in line else chance.randrange(len(line) + 1)
            lines[at] = line[:spot] + chance.choice(YAML_BITS) + line[spot:]
        elif kind == 1:
            lines[at] = line[1:] if line.startswith(" ") and chance.random() < 0.5 else f" {line}"
        elif kind == 2:
            lines.insert(at, line)
        else:
            spot = chance.randrange(len(line) + 1)
            lines[at] = line[:spot] + chance.choice(YAML_BITS) + line[spot:]
        text = "\n".join(lines)
    return text


_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
