from __future__ import annotations

from collections.abc import Callable

from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.walk import Role, bound_conditions, conditions


def test_conditions_come_with_place_and_role_in_the_order_of_reference(file_of: Callable[..., RuleFile]) -> None:
    walked = [(placed.path, placed.role, placed.condition.alias) for placed in conditions(file_of("symptom").rule)]
    assert walked == [
        (("applies", 0), Role.APPLIES, "kind"),
        (("when", 0), Role.WHEN, "magnitude_high"),
        (("when", 1), Role.WHEN, "magnitude_low"),
        (("when", 2, "any", 0), Role.ALTERNATIVE, "ratio"),
        (("when", 2, "any", 1), Role.ALTERNATIVE, "steps"),
        (("unless", 0), Role.UNLESS, "paused"),
    ]


def test_only_what_every_firing_binds_may_be_named(file_of: Callable[..., RuleFile]) -> None:
    assert list(bound_conditions(file_of("symptom").rule)) == ["kind", "magnitude_high", "magnitude_low"]
