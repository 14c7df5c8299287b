"""The layers: no import runs backwards, and each outside library has one home."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from floors import DRAWING, MODULES, RANK, drawing, imported, layer, name, tree

BLIND = {"core", "sources", "rulebase", "engine", "crashes", "motion", "report"}
"""They name no domain and no trainer. The verdict names no domain, and of trainers only what all of them share."""
SHARED = {path.stem for path in MODULES if name(path).count("/") == 1 and layer(path) == "trainers"}
"""What every trainer shares; a folder beside these modules is the room of one family, and only `rooms` finds it."""
SHARED_ROOMS = {f"diagnose.trainers.{module}" for module in SHARED - {"rooms", "other_programs"}}
HOMES = {
    "dataclasses": (),  # values are msgspec structs: ten times quicker to declare, and that is start-up time
    "av": ("sources/video/decoding.py", "sources/video/webp.py", "sources/video/strip.py"),
    "cv2": ("motion/flow.py", "motion/clip.py", "motion/child.py"),
    "durable": (),
    "durable_rules_engine": ("engine/durable/c_module.py",),
    "safetensors": ("demo/checkpoints.py",),
    "torch": ("demo/checkpoints.py",),
    "markdown_it": ("rulebase/document.py",),
    "sqlite3": ("trainers/aitoolkit/loss_database.py",),
}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_import_runs_backwards(path: Path) -> None:
    own = layer(path)
    if own is None:
        return
    for module, _ in imported(path):
        parts = module.split(".")
        if parts[0] == "diagnose":
            target = parts[1]
            assert RANK[target] < RANK[own] or target == own, f"{name(path)} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_what_knows_no_trainer_and_no_domain_learns_of_none(path: Path) -> None:
    own = layer(path)
    if own in BLIND | {"verdict"}:
        rooms = {".".join(module.split(".")[:3]) for module, _ in imported(path)}
        named = {room for room in rooms if room.startswith(("diagnose.domains", "diagnose.trainers"))}
        assert named <= (SHARED_ROOMS if own == "verdict" else set())


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_room_of_a_trainer_is_known_outside_it(path: Path) -> None:
    named = {module.split(".")[2] for module, _ in imported(path) if module.startswith("diagnose.trainers.")}
    rooms = named - SHARED
    assert all(name(path).startswith(f"trainers/{room}/") for room in rooms), f"{name(path)} imports {rooms}"


def test_the_drawing_of_the_floors_is_as_the_imports_are() -> None:
    assert DRAWING.read_text(encoding="utf-8") == drawing()
    assert "Arrows upward or sideways: 0." in drawing()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_outside_libraries_have_one_home(path: Path) -> None:
    for module, _ in imported(path):
        homes = HOMES.get(module.split(".")[0])
        assert homes is None or name(path) in homes, f"{name(path)} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_only_the_command_line_prints_or_exits(path: Path) -> None:
    if layer(path) == "cli":
        return
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in {"print", "sys.exit", "exit", "quit", "eval", "exec"}, f"{name(path)}: {called}()"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_modules_are_rooms_not_halls(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 50, f"{name(path)}: {node.name} has {length} lines"


def test_every_layer_is_placed() -> None:
    assert {layer(path) for path in MODULES} - {None} == set(RANK)
