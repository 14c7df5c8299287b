from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sound_base import Change

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import knowledge_dir, rules_dir
from diagnose.rulebase.reading.load import Reading, load_rulebase
from diagnose.rulebase.rule import Condition


def test_a_file_that_cannot_be_read_is_the_only_fault(base: Path, read: Callable[[], Reading]) -> None:
    path = base / "rules/WGT001-high-noise-too-weak.yaml"
    path.write_text("id: [\n", encoding="utf-8")
    assert {Path(fault.file).name for fault in read().faults} == {path.name}, "what it concludes may be there"


def test_a_rule_that_is_gone_leaves_its_readers_at_fault(base: Path, read: Callable[[], Reading]) -> None:
    (base / "rules/WGT001-high-noise-too-weak.yaml").unlink()
    found = [(Path(fault.file).name[:6], fault.text) for fault in read().faults]
    assert ("CAU001", "when[0].fact: no rule derives symptom.high_noise_too_weak") in found


def test_rules_come_in_the_order_in_which_they_run(base: Path) -> None:
    loaded = load_rulebase([base / "rules"], base / "knowledge")
    assert [rule.id for rule in loaded.rules] == ["WGT001", "CAU001", "REM001"]
    assert loaded.knowledge.claims


def test_our_own_rule_base_is_without_fault() -> None:
    assert load_rulebase([rules_dir()], knowledge_dir()).rules


def test_the_digest_changes_with_every_file(base: Path) -> None:
    before = load_rulebase([base / "rules"], base / "knowledge").digest
    assert before == load_rulebase([base / "rules"], base / "knowledge").digest
    seen = {before}
    for name in ("rules/REM001-end-earlier.yaml", "knowledge/claims.yaml"):
        with (base / name).open("a", encoding="utf-8") as stream:
            stream.write("# more\n")
        seen.add(load_rulebase([base / "rules"], base / "knowledge").digest)
    (base / "knowledge/document.md").write_text("# Document\n", encoding="utf-8")
    seen.add(load_rulebase([base / "rules"], base / "knowledge").digest)
    assert len(seen) == 4


def test_every_fault_of_every_file_is_listed_under_one_summary(base: Path, change: Change) -> None:
    change("symptom", "status: test", "status: tested")
    change("remedy", "value: $lr_ratio_min", "value: $lr_ratio_max")
    (base / "rules/broken.yaml").write_text("a: b: c", encoding="utf-8")
    with pytest.raises(DiagnoseError) as error:
        load_rulebase([base / "rules"], base / "knowledge")
    summary, *lines = str(error.value).splitlines()
    assert summary == "the rule base cannot be used: 3 faults"
    assert [line.removeprefix(f"{base}/rules/").split(": ", 1)[0] for line in lines] == [
        "REM001-end-earlier.yaml:14",
        "WGT001-high-noise-too-weak.yaml:5",
        "broken.yaml:1",
    ]


def test_more_folders_are_judged_like_ours(base: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    (base / "rules/REM001-end-earlier.yaml").rename(more / "REM001-end-earlier.yaml")
    loaded = load_rulebase([base / "rules", more], base / "knowledge")
    assert [rule.id for rule in loaded.rules] == ["WGT001", "CAU001", "REM001"]
    (more / "REM001-end-earlier.yaml").rename(more / "REM001-end-earlier.yml")
    with pytest.raises(DiagnoseError, match=r"REM001-end-earlier\.yml:1: call it \*\.yaml"):
        load_rulebase([base / "rules", more], base / "knowledge")


def test_a_folder_without_rules_is_a_mistake(base: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(DiagnoseError, match=r"none: no rule file \(\*\.yaml\) in this folder"):
        load_rulebase([base / "rules", tmp_path / "none"], base / "knowledge")


def test_an_override_reaches_conditions_changes_and_knowledge(base: Path) -> None:
    overrides = {"lr_ratio_min": "2.5", "high-noise-too-weak.far_too_small": "0.003"}
    loaded = load_rulebase([base / "rules"], base / "knowledge", overrides)
    symptom, _, remedy = loaded.rules
    assert remedy.changes[0].value == 2.5
    assert symptom.grades[0].test.operand == 0.003
    assert {param.name: param.value for param in symptom.params if param.overridden} == {
        "far_too_small": 0.003,
        "lr_ratio_min": 2.5,
    }
    assert loaded.knowledge.parameters["lr_ratio_min"].value == 2.5
    assert loaded.digest == load_rulebase([base / "rules"], base / "knowledge").digest


def test_an_override_does_not_judge_the_cases_again(base: Path) -> None:
    loaded = load_rulebase([base / "rules"], base / "knowledge", {"high_magnitude_min": "0.5"})
    condition = loaded.rules[0].when[0]
    assert isinstance(condition, Condition)
    assert condition.tests[0].operand == 0.5


def test_an_override_of_nothing_is_told(base: Path) -> None:
    with pytest.raises(
        DiagnoseError, match="--set lr_ratio_mim: there is no such parameter; did you mean lr_ratio_min"
    ):
        load_rulebase([base / "rules"], base / "knowledge", {"lr_ratio_mim": "3"})


SOUND: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "data/rules/WGT001-high-noise-too-weak.yaml").read_text(encoding="utf-8")
)
PIECES = [*SOUND.values(), *SOUND["when"], *SOUND["tests"], SOUND["when"][1]["gt"], *SOUND["tests"][0]["given"]]
ANYTHING = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(PIECES)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.text(max_size=6), st.sampled_from([*SOUND, "fact", "of", "is", "any", "ref"])), inner, max_size=3),
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*SOUND, "other"]), ANYTHING, max_size=4))
def test_no_rule_document_fails_otherwise_than_by_faults(base: Path, changes: dict[str, Any]) -> None:
    document = yaml.safe_dump({**SOUND, **changes}, sort_keys=False)
    (base / "rules/WGT001-high-noise-too-weak.yaml").write_text(document, encoding="utf-8")
    with suppress(DiagnoseError):
        load_rulebase([base / "rules"], base / "knowledge")


KIND = """id: {id}
title: Title
means: It means this.
sure: high
trainers: any
signatures: [no room]
advice: [{{say: do so}}]
sources: [mine]
tests: {{match: [no room], not: [room]}}
"""


def test_kinds_of_crashes_may_lie_beside_rules(base: Path, read: Callable[[], Reading]) -> None:
    (base / "rules" / "crashes").mkdir()
    (base / "knowledge" / "crashes").mkdir()
    (base / "rules" / "crashes" / "mine.yaml").write_text(KIND.format(id="mine"))
    (base / "knowledge" / "phases.yaml").write_text("load: {says: while it loaded, markers: {any: [Loading]}}\n")
    found = read()
    assert found.faults == ()
    assert [kind.title for kind in found.knowledge.crashes.values()] == ["Title"]
    (base / "knowledge" / "crashes" / "mine.yaml").write_text(KIND.format(id="mine"))
    assert [fault.text for fault in read().faults] == ["a kind of ours has this name"]
