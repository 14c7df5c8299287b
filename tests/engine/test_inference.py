"""What a firing hands on: the facts that texts may name."""

from __future__ import annotations

from diagnose.core.values import Fact, Stage
from diagnose.engine.inference import Firing


def test_texts_may_name_what_held_and_what_is_shown_under_a_name() -> None:
    held, named, evidence = (Fact(name, "run", 1) for name in ("held", "named", "evidence"))
    firing = Firing("R", "run", (("a", held),), (), Stage.SYMPTOM, (("b", named), (None, evidence)))
    assert firing.values == {"a": held, "b": named}
