"""The trainers' descriptions as data: found by their files, each laid over what its room shares."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trainer_names import BOTH

from diagnose.core.paths import knowledge_dir
from diagnose.rulebase.descriptions import overlaid, read_descriptions, trainer_names

TREES = st.recursive(st.integers() | st.text(max_size=3), lambda inner: st.dictionaries(st.text(max_size=2), inner))
TABLES = st.dictionaries(st.text(max_size=2), TREES)


def test_a_trainer_is_found_by_its_file(tmp_path: Path) -> None:
    assert trainer_names(tmp_path) == ()
    (tmp_path / "trainers" / "shared").mkdir(parents=True)
    (tmp_path / "trainers" / "shared" / "kiln.yaml").write_text("keys: {process: [a]}\n")
    (tmp_path / "trainers" / "kiln-one.yaml").write_text("room: kiln\nkeys: {process: [b], train: [c]}\n")
    (tmp_path / "trainers" / "other.yaml").write_text("room: other\n")
    assert trainer_names(tmp_path) == ("kiln-one", "other")
    assert read_descriptions(tmp_path) == {
        "kiln-one": {"name": "kiln-one", "room": "kiln", "keys": {"process": ["a", "b"], "train": ["c"]}},
        "other": {"name": "other", "room": "other"},
    }


def test_ours_are_described() -> None:
    assert set(trainer_names(knowledge_dir())) == set(BOTH)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TABLES, TABLES)
def test_what_lies_above_wins_and_nothing_is_lost(below: dict[str, object], above: dict[str, object]) -> None:
    merged = overlaid(below, above)
    assert merged.keys() == below.keys() | above.keys()
    for key, value in above.items():
        if not isinstance(value, dict):
            assert merged[key] == value
    for key in below.keys() - above.keys():
        assert merged[key] == below[key]
    assert overlaid(merged, above) == merged


def test_lists_are_joined_and_the_parts_stay_as_they_were() -> None:
    below, above = {"a": [1]}, {"a": [2]}
    assert overlaid(below, above) == {"a": [1, 2]}
    assert (below, above) == ({"a": [1]}, {"a": [2]})
