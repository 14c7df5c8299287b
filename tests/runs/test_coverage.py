"""The whole document is in the product: every claim is used by something a reader sees."""

import pytest

from diagnose.cli.main import main


def test_every_claim_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "coverage"]) == 0
    shown = capsys.readouterr().out
    assert "not used" not in shown
    assert "88 of 88 claims used" in shown


def test_the_rule_base_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "check"]) == 0
    assert main(["rules", "test"]) == 0
    assert " 0 failed" in capsys.readouterr().out
