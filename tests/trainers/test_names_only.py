"""Who may write a trainer's own keys: its room and its data. Everything else names settings, and only declared ones."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import KNOWLEDGE, TRAINERS
from floors import MODULES, PACKAGE, name, tree

from diagnose.core.paths import knowledge_dir, rules_dir

ROOMS = PACKAGE / "trainers"
RAW = re.compile(
    r"(?<![\w./])(?:train|network|save|sample|model|logging)\.[a-z_]+|(?<![\w.])datasets\[|config\.process"
)
EXEMPT = ("demo/", "sources/config/dotted.py")
"""The demonstration writes a run of one trainer, config and all; an error shows how a path is written."""
ASKING = {"setting", "number", "finite", "text", "quoted_number", "flag", "mapping", "items", "key", "called", "place"}
ASKING |= {"entries", "named_entries", "entry"}
OF_CONFIG = {"config", "self", "after", "alone", "keys"}
ELSEWHERE = [path for path in MODULES if ROOMS not in path.parents or path.parent == ROOMS]


def texts(module: ast.AST) -> Iterator[str]:
    """Yield every text of a module but its docstrings."""
    docstrings = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


@pytest.mark.parametrize("path", ELSEWHERE, ids=name)
def test_no_module_but_a_trainers_own_writes_its_keys(path: Path) -> None:
    if name(path).startswith(EXEMPT):
        return
    found = [text for text in texts(tree(path)) if RAW.search(text)]
    assert not found


@pytest.mark.parametrize("path", sorted(rules_dir().rglob("*.yaml")), ids=lambda path: path.stem)
def test_no_change_or_condition_of_a_rule_does(path: Path) -> None:
    rule, _, _ = path.read_text(encoding="utf-8").partition("\ntests:")
    rule = rule.partition("\nbase:")[0]
    parts = re.findall(r"^(?:when|unless|applies|changes|message):.*?(?=^\w|\Z)", rule, re.MULTILINE | re.DOTALL)
    keys = {key for trainer in TRAINERS.values() for keys in trainer.settings.values() for key in keys if "." in key}
    for part in parts:
        assert not [key for key in keys if re.search(rf"(?<![\w.]){re.escape(key)}(?![\w.])", part)]


@pytest.mark.parametrize("file", ["recipes.yaml", "effective.yaml"])
def test_no_recipe_and_no_row_of_the_table_does(file: str) -> None:
    text = re.sub(r"^\s*#.*$|why: .*$", "", (knowledge_dir() / file).read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert not re.findall(
        r"^\s*(?:- )?(?:settings|values|raised|lowered):.*(?:train|save|sample|model)\.", text, re.MULTILINE
    )


def asked_for(module: ast.AST) -> Iterator[str]:
    """Yield each name that a module asks a config for, with * where it is filled in."""
    for node in ast.walk(module):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKING):
            continue
        owner = ast.unparse(node.func.value).rpartition(".")[2].partition("[")[0]
        if owner not in OF_CONFIG or not node.args:
            continue
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value
        elif isinstance(first, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in first.values)


@pytest.mark.parametrize("path", [*ELSEWHERE, *sorted((ROOMS / "aitoolkit").glob("*.py"))], ids=name)
def test_every_setting_that_is_asked_for_is_declared(path: Path) -> None:
    for asked in asked_for(tree(path)):
        pattern = re.escape(asked).replace(r"\*", r"[a-z_.]*")
        assert any(re.fullmatch(pattern, each) for each in KNOWLEDGE.settings), f"{asked} is not declared"


def test_every_setting_that_is_declared_is_named_somewhere() -> None:
    modules = [tree(path) for path in MODULES]
    plain = {text for module in modules for text in texts(module)}
    filled_in = [
        re.compile("".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"\w+" for p in node.values))
        for module in modules
        for node in ast.walk(module)
        if isinstance(node, ast.JoinedStr)
        and isinstance(node.values[0], ast.Constant)
        and "." in str(node.values[0].value)
    ]
    folders = (rules_dir(), knowledge_dir())
    data = [
        path for folder in folders for path in folder.rglob("*.yaml") if path.parent.name not in {"trainers", "shared"}
    ]
    words = {
        word for path in data if path.name != "settings.yaml" for word in re.findall(r"[\w.]+", path.read_text("utf-8"))
    }
    plain |= words
    for setting in KNOWLEDGE.settings:
        assert setting in plain or any(each.fullmatch(setting) for each in filled_in), f"{setting}: nothing names it"


UNREAD = {"boundary"}
"""Settings that no trainer has a key for that it reads; the table tells of them all the same."""


@pytest.mark.parametrize("trainer", TRAINERS)
def test_a_trainers_map_names_declared_settings_and_keys_that_are_read(trainer: str) -> None:
    model = TRAINERS[trainer]
    room = [each for each in TRAINERS.values() if each.room == model.room]
    assert set(model.settings) <= set(KNOWLEDGE.settings)
    for setting, keys in model.settings.items():
        for key in keys:
            assert ("[]" in key) is (KNOWLEDGE.settings[setting].of is not None), setting
            section, _, last = key.replace("[]", "").rpartition(".")
            read = {each for one in room for each in one.keys.get(section or "process", {last})}
            assert last in read or setting in UNREAD or not section, f"{setting}: {key}"
