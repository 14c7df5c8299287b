from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from diagnose.core.cache import Cache
from diagnose.core.errors import DiagnoseError
from diagnose.core.version import __version__
from diagnose.rulebase import base as rulebase
from diagnose.rulebase.base import RuleBase, kept_rulebase, shipped_text
from diagnose.rulebase.reading.load import load_rulebase


def entries(cache: Path) -> list[Path]:
    return sorted(cache.rglob("*.json"))


def keep(base: Path, cache: Path, **overrides: str) -> RuleBase:
    return kept_rulebase([base / "rules"], base / "knowledge", overrides, cache=Cache(cache))


def without_cases(base: RuleBase) -> RuleBase:
    return replace(base, rules=tuple(replace(rule, cases=()) for rule in base.rules))


def test_ours_ships_as_one_file_that_may_lie_anywhere(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = without_cases(load_rulebase([base / "rules"], base / "knowledge"))
    text = shipped_text(base).decode()
    assert str(base) not in text
    (base / "rulebase.json").write_text(text, encoding="utf-8")
    monkeypatch.setattr("diagnose.rulebase.reading.load.load_rulebase", pytest.fail)
    assert keep(base, tmp_path / "cache") == fresh
    moved = base.rename(tmp_path / "moved")
    assert keep(moved, tmp_path / "cache") == fresh
    assert entries(tmp_path / "cache") == []


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"version": "0.0.0", "base": null}', '{"version": VERSION, "base": 1}']
)
def test_what_shipped_with_another_version_is_not_used(base: Path, tmp_path: Path, text: str) -> None:
    fresh = keep(base, tmp_path / "cache")
    (base / "rulebase.json").write_text(text.replace("VERSION", f'"{__version__}"'), encoding="utf-8")
    assert keep(base, tmp_path / "cache") == fresh


def test_with_rules_of_the_user_the_files_are_read(base: Path, tmp_path: Path) -> None:
    (base / "rulebase.json").write_bytes(shipped_text(base))
    own = tmp_path / "own"
    own.mkdir()
    (base / "rules" / "CAU001-experts-out-of-balance.yaml").rename(own / "CAU001-experts-out-of-balance.yaml")
    found = kept_rulebase([base / "rules", own], base / "knowledge", cache=Cache(tmp_path / "cache"))
    assert "CAU001" in {rule.id for rule in found.rules}
    assert len(entries(tmp_path / "cache")) == 1


def test_it_is_read_once(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = without_cases(load_rulebase([base / "rules"], base / "knowledge"))
    assert keep(base, tmp_path / "cache") == fresh
    monkeypatch.setattr("diagnose.rulebase.reading.load.load_rulebase", pytest.fail)
    assert keep(base, tmp_path / "cache") == fresh


def test_every_change_of_a_file_is_seen(base: Path, tmp_path: Path) -> None:
    before = keep(base, tmp_path / "cache")
    for path in sorted(base.rglob("*.yaml")):
        path.write_text(path.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")
        after = keep(base, tmp_path / "cache")
        assert after.digest != before.digest
        before = after


def test_a_faulty_rule_base_is_never_kept(base: Path, tmp_path: Path) -> None:
    (base / "rules" / "bad.yaml").write_text("id: [\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(DiagnoseError, match=r"bad\.yaml"):
            keep(base, tmp_path / "cache")
    assert entries(tmp_path / "cache") == []


def test_of_the_users_values_only_the_last_are_kept(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = keep(base, tmp_path / "cache")
    keep(base, tmp_path / "cache", high_magnitude_min="0.4")
    theirs = keep(base, tmp_path / "cache", high_magnitude_min="0.5")
    assert theirs.knowledge.parameters["high_magnitude_min"].value == 0.5
    assert len(entries(tmp_path / "cache")) == 2
    monkeypatch.setattr("diagnose.rulebase.reading.load.load_rulebase", lambda *_: pytest.fail("read again"))
    assert keep(base, tmp_path / "cache", high_magnitude_min="0.5") == theirs
    assert keep(base, tmp_path / "cache") == ours
    with pytest.raises(pytest.fail.Exception, match="read again"):
        keep(base, tmp_path / "cache", high_magnitude_min="0.4")


def test_a_value_set_in_another_place_is_another_one(base: Path, tmp_path: Path) -> None:
    def origin(place: str) -> str:
        kept = kept_rulebase(
            [base / "rules"],
            base / "knowledge",
            {"high_magnitude_min": "0.5"},
            {"high_magnitude_min": place},
            cache=Cache(tmp_path / "cache"),
        )
        return kept.knowledge.parameters["high_magnitude_min"].origin

    assert [origin(place) for place in ("a.yaml:1", "b.yaml:2", "b.yaml:2")] == ["a.yaml:1", "b.yaml:2", "b.yaml:2"]


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"crc32": "", "value": 1}', b"\xff"])
def test_a_damaged_entry_costs_time_only(base: Path, tmp_path: Path, damage: bytes) -> None:
    fresh = keep(base, tmp_path / "cache")
    (path,) = entries(tmp_path / "cache")
    path.write_bytes(damage)
    assert keep(base, tmp_path / "cache") == fresh
    assert path.read_bytes() != damage


def test_other_code_reads_again(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(base, tmp_path / "cache")
    monkeypatch.setattr(rulebase, "__version__", "another")
    keep(base, tmp_path / "cache")
    assert len(entries(tmp_path / "cache")) == 2
