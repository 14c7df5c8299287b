"""A config of the fork with rates of its own for each expert."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from expert_config import configuring

from diagnose.trainers.declared import Config

Configure: TypeAlias = "Callable[..., Config]"


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """Build the config with some keys of its sections replaced; None leaves a key out."""
    return configuring(tmp_path)


@pytest.fixture(scope="module")
def configure_once(tmp_path_factory: pytest.TempPathFactory) -> Configure:
    """The same for tests that run many times."""
    return configuring(tmp_path_factory.mktemp("config"))
