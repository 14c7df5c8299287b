"""Which rules explain which: as written, and as a fact of the run says."""

from __future__ import annotations

from blank_rule import BLANK_RULE
from msgspec.structs import replace

from diagnose.core.values import RUN, Fact, Stage
from diagnose.engine.inference import Firing
from diagnose.verdict.explained import explained

CAUSE = replace(BLANK_RULE, id="C", name="cause", explains=("written",))
KIND = replace(BLANK_RULE, id="K", name="kind", explained_by="causes")
RULES = {"C": CAUSE, "K": KIND}


def test_a_fact_of_the_run_names_what_explains_a_finding() -> None:
    for named, found in (("cause, other", ("written", "kind")), ("other", ("written",)), (None, ("written",))):
        firing = Firing("K", RUN, (("causes", Fact("crash.told_by", RUN, named)),), (), Stage.CAUSE)
        assert explained(RULES, [firing])["cause"] == found
    assert explained(RULES, [Firing("K", RUN, (), (), Stage.CAUSE)]) == {"cause": ("written",), "kind": ()}
