"""Which finding explains which, and which holds others back: every name leads to a rule, none in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagnose.rulebase.faults import Fault
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.reading.validation import nearest
from diagnose.rulebase.walk import reached


def lint_stories(files: Sequence[RuleFile]) -> Iterator[Fault]:
    """Yield a fault for each name under `explains` and `holds_back` that leads nowhere or back to its own rule.

    All files must be there.
    """
    explains = {file.rule.name: file.rule.explains for file in files}
    topics = {file.rule.topic for file in files if file.rule.topic is not None}
    for file in files:
        for index, name in enumerate(file.rule.explains):
            place = ("explains", index)
            if name not in explains:
                yield file.fault(place, f"no rule is called {name}{nearest(name, explains)}")
            elif file.rule.name in reached(name, explains):
                yield file.fault(place, f"{name} explains {file.rule.name} as well; only one of the two is the cause")
        for index, topic in enumerate(file.rule.holds_back):
            if topic not in topics:
                yield file.fault(("holds_back", index), f"no rule has the topic {topic}{nearest(topic, topics)}")
        if file.rule.topic in file.rule.holds_back:
            yield file.fault(("topic",), "the rule would hold itself back")
