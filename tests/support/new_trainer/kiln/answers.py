"""What Kiln makes of a config, as far as it tells: the rates and the steps of its one expert. The rest is unknown."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.domains.wan22.experts import Expert
from diagnose.trainers.answers import EffectiveRates, PerExpert
from diagnose.trainers.declared import Config
from diagnose.trainers.trainer_model import TrainerModel


class Kiln(TrainerModel, frozen=True, kw_only=True):
    """Kiln and its answers."""

    def rates(self, config: Config, *, decided: bool = True) -> EffectiveRates | None:  # noqa: ARG002 - it is alone
        """Return the one rate, which is that of its one expert."""
        return EffectiveRates(PerExpert.NONE, "one expert", (), None, None, {}, (config.place("rate"),), ("rate",))

    def starting_rate(self, rate: float, optimizer: str) -> tuple[float, str]:  # noqa: ARG002 - all start alike
        """Return the rate as it is written."""
        return rate, ""

    def updates(self, config: Config) -> Mapping[Expert, int]:
        """Return the steps of the expert that is trained: all of them."""
        steps = config.number("steps")
        return {each: int(steps.value) for each in Expert if config.trains(each).value} if steps is not None else {}

    def weighs_losses(self, config: Config) -> bool:  # noqa: ARG002 - it has no such setting
        """Return that it never does."""
        return False


MODEL = Kiln
