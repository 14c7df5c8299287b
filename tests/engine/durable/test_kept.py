from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from diagnose.engine.durable import kept
from diagnose.engine.durable.compile import Ruleset, compile_rules
from diagnose.engine.durable.kept import kept_rulesets
from diagnose.engine.plan import Plan, plan_all
from diagnose.rulebase.rule import Condition, Op, Rule, Test

MakeRule = Callable[..., Rule]


def test_rulesets_are_written_once_and_again_when_a_rule_reads_its_facts_otherwise(
    make_rule: MakeRule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIAGNOSE_CACHE_DIR", str(tmp_path))
    written: list[Sequence[Plan]] = []

    def compiled(plans: Sequence[Plan]) -> Iterator[Ruleset]:
        written.append(plans)
        return compile_rules(plans)

    monkeypatch.setattr(kept, "compile_rules", compiled)
    few, many = (
        plan_all([make_rule("a", when=(Condition("rate", "run", (Test(Op.LT, limit),), "rate"),))]) for limit in (1, 2)
    )
    first, again, other = map(kept_rulesets, (few, few, many))
    assert first == again == tuple(compile_rules(few))
    assert other == tuple(compile_rules(many)) != first
    assert written == [few, many]
