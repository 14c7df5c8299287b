"""Packs of rules (`--rules`): our own rules and the knowledge they rest on are sound, a stranger's rule is anything.

Our 200 rules are read once, not for every input: a pack is read and checked beside our knowledge, and a rule that passes
joins ours to judge a config.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml
from fuzz.formats import DATA, Files, Format, Link
from fuzz.noise import noisy
from fuzz.trees import ODD_NUMBERS, as_yaml, grown_wild, spots, with_yaml_bits
from msgspec.structs import replace

from diagnose.api import _report
from diagnose.core.paths import knowledge_dir, rules_dir
from diagnose.engine.cases import run_cases
from diagnose.engine.infer import infer
from diagnose.inputs import config_inputs
from diagnose.rulebase.base_files import read_folder
from diagnose.rulebase.faults import error_of
from diagnose.rulebase.reading.build import RuleFile, build
from diagnose.rulebase.reading.knowledge_files import read_knowledge
from diagnose.rulebase.reading.load import _sources, check
from diagnose.rulebase.reading.schema import RuleShape
from diagnose.rulebase.reading.shapes import validate
from diagnose.verdict.build_findings import graded_severity

TEXTS = [path.read_bytes() for path in sorted(rules_dir().rglob("*.yaml"))]
TREES = [yaml.safe_load(text) for text in TEXTS]
CONFIG = min(DATA.glob("*/config.yaml"))


def damaged(chance: Random) -> tuple[str, bytes]:
    """Return the name of a rule's file, and the rule."""
    kind, name = chance.random(), "USR001-a-rule-of-mine.yaml"
    if kind < 0.1:
        return name, noisy(chance.choice(TEXTS), chance)
    if kind < 0.2:
        return name, with_yaml_bits(chance.choice(TEXTS).decode(), chance).encode("utf-8", "surrogatepass")
    tree = dict(chance.choice(TREES))
    if kind >= 0.6 and chance.random() < 0.5:  # its cases are the larger part of a rule
        tree["tests"] = tree.get("tests", [])[:2]
    tree |= {"id": "USR001", "name": "a-rule-of-mine"}
    tree = _grafted(tree, chance) if kind < 0.6 else grown_wild(tree, chance)
    content = as_yaml(tree, chance) if kind > 0.6 else yaml.safe_dump(tree, sort_keys=False).encode("utf-8", "replace")
    return name, noisy(content, chance) if chance.random() < 0.05 else content


def _grafted(tree: dict[str, Any], chance: Random) -> dict[str, Any]:
    """Put parts of another rule into a rule, and other numbers: most such rules are sound, and say odd things."""
    other = chance.choice(TREES)
    tree = deepcopy(tree)
    for _ in range(chance.choice((0, 1, 1, 2))):
        key = chance.choice(sorted(set(other) - {"id", "name", "when", "tests", "params", "base"}))
        tree[key] = deepcopy(other[key])
    tree["params"] = {**other.get("params", {}), **tree.get("params", {})} or None
    tree = {key: value for key, value in tree.items() if value is not None}
    places = [spot for key in ("params", "severity", "changes") for spot in spots(tree.get(key))]
    numbers = [(node, key) for node, key in places if type(node[key]) in {int, float}]
    for node, key in chance.sample(numbers, min(len(numbers), chance.choice((0, 1, 2)))):
        node[key] = chance.choice((*ODD_NUMBERS, 0.1, 3, 1000))
    return tree


def make(chance: Random) -> Files:
    name, content = damaged(chance)
    files: dict[str, bytes | Link] = {f"pack/{name}" if chance.random() < 0.97 else "pack/a/b.yaml": content}
    if chance.random() < 0.05:
        files[chance.choice(("pack/USR002.yaml", "pack/x.yml", "pack/.y.yaml", "pack/\udcff.yaml"))] = content
    if chance.random() < 0.02:
        files["pack/loop.yaml"] = Link(chance.choice(("loop.yaml", "..", "/dev/zero", "USR001-a-rule-of-mine.yaml")))
    return {**files, "config.yaml": CONFIG.read_bytes()}


@cache
def _knowledge() -> tuple[object, ...]:
    shelf, _ = read_folder(knowledge_dir())
    return read_knowledge(knowledge_dir(), shelf)


def read_pack(folder: Path) -> tuple[RuleFile, ...]:
    """Read and check the rules of a pack, as `read_rulebase` does those of all folders."""
    knowledge, documents, _ = _knowledge()
    sources, faults = _sources([folder / "pack"])
    rules = [source.document() for source in sources]
    shapes = [(each, validate(RuleShape.model_validate, each)) for each in rules if each.data is not None]
    files = tuple(build(shape, each, knowledge.parameters, {}) for each, shape in shapes if shape is not None)  # type: ignore[attr-defined]
    found = {*faults, *(fault for each in rules for fault in each.faults)}
    found.update(check(files, knowledge, documents, complete=False))  # type: ignore[arg-type]
    if found:
        raise error_of(found)
    return files


def judged_beside_ours(folder: Path) -> object:
    """Run the cases of a pack that is sound, and judge a config by its rules and ours."""
    files = read_pack(folder)
    run_cases(files, lambda rules, facts: infer(rules, facts, engine="matcher"), graded_severity)
    inputs = config_inputs(folder / "config.yaml", None)
    taken = {file.rule.id for file in files}
    rules = (*(rule for rule in inputs.base.rules if rule.id not in taken), *(file.rule for file in files))
    return _report(replace(inputs, base=replace(inputs.base, rules=rules)))


FORMAT = Format(
    make=make,
    read=read_pack,
    facts=judged_beside_ours,
    command=lambda folder: [
        "preflight",
        str(folder / "config.yaml"),
        "--rules",
        str(folder / "pack"),
        "--format",
        "json",
    ],
    facts_every=50,
    judged_every=2000,
)
