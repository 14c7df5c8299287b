from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import knowledge_dir, rules_dir
from diagnose.rulebase.knowledge import Trap
from diagnose.rulebase.reading.claim_files import COUNT, lint_traps, read_traps
from diagnose.rulebase.reading.load import load_rulebase
from diagnose.rulebase.yaml_places import parse

BASE = load_rulebase([rules_dir()], knowledge_dir())


def faults(text: str) -> list[str]:
    document = parse("traps.yaml", text)
    read_traps(document)
    return [str(fault) for fault in document.faults]


def listed(count: int = COUNT, rest: str = "unseen: why") -> str:
    return "traps:\n" + "".join(f"  - {{number: {n}, says: s, {rest}}}\n" for n in range(1, count + 1))


def test_ours_has_every_trap_seen_or_excused() -> None:
    traps = BASE.knowledge.traps
    assert list(traps) == list(range(1, 41))
    assert all(trap.rules or trap.unseen for trap in traps.values())
    assert [trap.number for trap in traps.values() if not trap.rules] == [39]


def test_every_rule_that_ticks_off_the_checklist_exists() -> None:
    named = {name for entry in BASE.knowledge.checklist.values() for name in entry.rules}
    assert named
    assert named <= {rule.name for rule in BASE.rules}


def test_every_trap_rule_is_about_a_trap() -> None:
    named = {name for trap in BASE.knowledge.traps.values() for name in trap.rules}
    traps = {rule.name for rule in BASE.rules if rule.id.startswith("TRP")}
    # found in runs of the trainers and in use, beyond the list
    beyond = {
        "quantisation-differs",
        "tensorboard-log-crashes",
        "metrics-file-stays-empty",
        "losses-not-logged",
        "first-save-one-sided",
        "optimizer-parameter-refused",
        "number-written-as-text",
        "job-line-missing",
        "switch-written-as-text",
        "value-of-the-wrong-kind",
        "null-stops-the-trainer",
        "negative-prompt-missing",
        "value-means-something-else",
        "stills-beside-clips",
        "no-network-section",
        "rate-floor-above-ceiling",
        "validation-sees-one-expert",
    }
    assert traps - named == beyond


def test_a_whole_list_is_sound() -> None:
    assert faults(listed()) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (listed(COUNT - 1), "traps.yaml:1: traps: give the 40 traps in order, each once"),
        (listed().replace("number: 7,", "number: 8,"), "traps.yaml:1: traps: give the 40 traps in order, each once"),
        (
            listed().replace("number: 3, says: s, unseen: why", "number: 3, says: s"),
            "traps.yaml:4: traps[2]: trap 3: name the rules",
        ),
        (listed(rest="rule: x"), "unknown key"),
    ],
)
def test_faults_of_the_index(text: str, complaint: str) -> None:
    assert any(complaint in fault for fault in faults(text))


def test_a_rule_that_does_not_exist_is_a_fault() -> None:
    document = parse("traps.yaml", "traps:\n  - rules:\n      - lr-not-adaptin\n      - lr-not-adapting\n")
    trap = Trap(4, "s", ("lr-not-adaptin", "lr-not-adapting"), None)
    assert [str(fault) for fault in lint_traps([trap], document, BASE.rules)] == [
        "traps.yaml:3: traps[0].rules[0]: no rule is called lr-not-adaptin; did you mean lr-not-adapting?"
    ]


def test_the_index_is_checked_with_the_rules(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(knowledge_dir(), tmp_path / "knowledge"))
    path = folder / "traps.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("[lr-not-adapting]", "[no-such-rule]"), encoding="utf-8")
    with pytest.raises(DiagnoseError, match=r"traps\.yaml:\d+: traps\[3\]\.rules\[0\]: no rule is called no-such-rule"):
        load_rulebase([rules_dir()], folder)
