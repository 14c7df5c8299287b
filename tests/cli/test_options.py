"""Arguments become settings, or one clear line."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from diagnose.cli.options import add_dataset, add_judging, add_output, settings_of
from diagnose.core.errors import DiagnoseError
from diagnose.core.values import NEVER
from diagnose.report.formats import formats


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_judging(parser)
    add_dataset(parser, "default: none")
    add_output(parser, fail_on=NEVER)
    return parser.parse_args(arguments)


def test_what_is_said_is_in_the_settings() -> None:
    found = settings_of(
        parsed("--intent", "motion", "--set", "steps_max=900", "--motion-word", " spin ", "--dataset", "d")
    )
    assert (found.intent, dict(found.parameters), found.motion_words) == ("motion", {"steps_max": "900"}, ("spin",))
    assert str(found.dataset) == "d"
    assert settings_of(parsed()).trainer is None
    assert settings_of(parsed()).motion
    assert not settings_of(parsed("--no-motion")).motion


@pytest.mark.parametrize("arguments", [("--set", "steps_max"), ("--set", "=3"), ("--motion-word", " ")])
def test_what_cannot_be_meant_is_refused(arguments: tuple[str, str]) -> None:
    with pytest.raises(DiagnoseError, match=arguments[0]):
        settings_of(parsed(*arguments))


def test_every_format_can_be_asked_for() -> None:
    assert [parsed("--format", name).format for name in formats()] == list(formats())


def test_a_hyphen_is_standard_output() -> None:
    assert parsed("-o", "-").output is None
    assert parsed("-o", "x.md").output == Path("x.md")
