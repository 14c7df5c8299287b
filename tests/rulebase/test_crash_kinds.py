"""A kind of crash: whose run may end so, and what of its advice is for whom."""

from __future__ import annotations

import pytest

from diagnose.core.values import Confidence
from diagnose.rulebase.crash_kinds import CrashKind, KindAdvice, System

FORK, MUSUBI = "ai-toolkit-relaxis", "musubi-tuner"
KIND = CrashKind(
    id="full",
    title="Full",
    means="It was full.",
    signatures=("full",),
    sure=Confidence.HIGH,
    trainers=(FORK, MUSUBI),
    advice=(
        KindAdvice("anybody"),
        KindAdvice("swap", trainers=(MUSUBI,)),
        KindAdvice("while it saves", phases=("save",)),
        KindAdvice("the page file", systems=(System.WINDOWS,)),
        KindAdvice("switch on", sets={"low_vram": True}),
        KindAdvice("switch both", sets={"low_vram": False, "layer_offloading": False}),
    ),
)


def test_an_unknown_trainers_run_may_end_in_any_kind() -> None:
    assert KIND.concerns([])
    assert KIND.concerns([FORK, "diffusion-pipe"])
    assert not KIND.concerns(["diffusion-pipe"])


def test_what_is_known_to_be_for_others_is_left_out() -> None:
    told = KIND.advice_for([FORK], "load", System.LINUX)
    assert told == ("anybody", "switch on", "switch both")
    assert KIND.advice_for() == tuple(each.say for each in KIND.advice)


@pytest.mark.parametrize(
    ("switched", "told"),
    [
        ({}, ("switch on", "switch both")),
        ({"low_vram": True, "layer_offloading": False}, ("switch both",)),
        ({"low_vram": False, "layer_offloading": False}, ("switch on",)),
        ({"low_vram": False, "layer_offloading": True}, ("switch on", "switch both")),
    ],
)
def test_what_is_switched_so_already_is_left_out(switched: dict[str, bool], told: tuple[str, ...]) -> None:
    assert KIND.switches == {"low_vram", "layer_offloading"}
    assert KIND.advice_for([FORK], "load", System.LINUX, switched) == ("anybody", *told)


def test_advice_that_is_for_others_alone_is_told_all_the_same() -> None:
    kind = CrashKind("x", "X", "X.", ("x",), Confidence.LOW, advice=(KindAdvice("swap", trainers=(MUSUBI,)),))
    assert kind.advice_for([FORK]) == ("swap",)
