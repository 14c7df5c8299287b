"""How the user's word is told."""

from diagnose.core.values import Place
from diagnose.facts.said import how_said, where_said


def test_on_the_command_line_or_in_a_file() -> None:
    assert how_said(where_said("intent", None)) == "as asked with --intent"
    assert how_said(where_said("intent", Place("diagnose.yaml", 3, "intent"))) == "as declared in diagnose.yaml:3"
