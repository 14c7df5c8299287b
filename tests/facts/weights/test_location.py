"""Where an expert learned: shares add up, ranges are even, and what stands out is named."""

from __future__ import annotations

import pytest
from builders import facts_of, recorder, value
from hypothesis import given
from hypothesis import strategies as st
from measured import entries, measurement
from msgspec.structs import replace

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.weights.location import OUTSIDE, Direction, Location, locate, record_directions
from diagnose.facts.weights.pairs import Pair
from diagnose.weights.measurement import ExpertMeasurement, Heading
from diagnose.weights.modules import ModuleMeasurement

PLAIN = measurement(Expert.HIGH, 0.005).modules[0]


def module(block: int | None, kind: str, norm: float | None = 1.0, **more: float) -> ModuleMeasurement:
    name = f"blocks.{block}.{kind}" if block is not None else kind
    return replace(PLAIN, name=name, block=block, kind=kind, update_norm=norm, **more)


def located(modules: list[ModuleMeasurement], change: dict[str, float | None] | None = None) -> Location:
    expert = ExpertMeasurement(tuple(modules), Expert.HIGH)
    headings = [Heading(Expert.HIGH, (1, 2, 3), ("a", "b", "c"), (1.0, 1.0), (1.0,), None, change)] if change else []
    (found,) = locate([Pair(300, False, {Expert.HIGH: expert}, ("c_high_noise.safetensors",))], headings, recorder())
    return found


def test_shares_are_of_squared_norms() -> None:
    found = located(
        [module(0, "self_attn.q", 3.0), module(1, "ffn.0", 4.0)],
        {"blocks.0.self_attn.q": 1.0, "blocks.1.ffn.0": 1.0},
    )
    assert [part.name for part in found.kinds] == ["ffn.0", "self_attn.q"]
    assert [part.update for part in found.kinds] == pytest.approx([16 / 25, 9 / 25])
    assert [(part.size, part.change) for part in found.kinds] == [(0.5, 0.5), (0.5, 0.5)]


def test_forty_blocks_are_four_ranges_in_order_and_the_rest_comes_last() -> None:
    found = located([module(None, "head"), *(module(block, "ffn.0") for block in range(40))])
    names = [part.name for part in found.ranges]
    assert names == ["blocks 0 to 9", "blocks 10 to 19", "blocks 20 to 29", "blocks 30 to 39", OUTSIDE]
    assert [part.name for part in found.kinds] == ["ffn.0", OUTSIDE]


def test_a_norm_that_is_not_finite_leaves_every_share_unknown() -> None:
    found = located([module(0, "ffn.0", None), module(1, "ffn.2")])
    assert [part.update for part in found.kinds] == [None, None]
    assert [part.change for part in found.kinds] == [None, None]
    assert [part.update for part in located([module(0, "ffn.0", 0.0)]).kinds] == [None], "nothing was learned"


def test_dead_modules_and_spikes_are_named_and_counted() -> None:
    dead = replace(module(0, "self_attn.k"), up=entries(0.0, zeros=100))
    spike = module(2, "ffn.2", stable_rank=1.05)
    single = replace(module(3, "ffn.0", stable_rank=1.0), rank=1)
    expert = ExpertMeasurement((dead, spike, single, module(1, "ffn.0", stable_rank=1.2)), Expert.LOW)
    record = recorder()
    (found,) = locate([Pair(300, False, {Expert.LOW: expert}, ("c_low_noise.safetensors",))], [], record)
    assert found.dead == ("blocks.0.self_attn.k",)
    assert found.spikes == ("blocks.2.ffn.2",), "a LoRA of rank 1 has no other direction"
    assert value(record, "weights.dead_modules", "low") == 1
    assert facts_of(record)["weights.spikes", "low"].note == "blocks.2.ffn.2"
    assert value(record, "weights.spikes", "high") is None


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["a", "b", "c"]), st.floats(0.01, 10)), min_size=1))
def test_shares_add_up_to_one(drawn: list[tuple[int, str, float]]) -> None:
    found = located([module(block, kind, norm) for block, kind, norm in drawn])
    for parts in (found.kinds, found.ranges):
        assert sum(part.size for part in parts) == pytest.approx(1)
        assert sum(part.update or 0 for part in parts) == pytest.approx(1)
        assert len({part.name for part in parts}) == len(parts)
    assert len(found.ranges) <= 4


def test_the_direction_is_recorded_unless_rounding_hides_it() -> None:
    heading = Heading(Expert.HIGH, (100, 200, 300), ("a", "b", "c"), (1.0, 1.0), (0.8,), 1e-5, {})
    record = recorder()
    lost = replace(heading, expert=Expert.LOW, cosines=(None,))
    found = record_directions([heading, lost], record)
    assert found[0] == Direction(Expert.HIGH, (100, 200, 300), (0.8,), 1e-5)
    fact = facts_of(record)["weights.direction", "high"]
    assert fact.value == 0.8
    assert [place.file for place in fact.places] == ["a", "b", "c"]
    assert fact.note == "steps 200 to 300 against 100 to 200; rounding takes off at most about 1e-05"
    assert value(record, "weights.direction", "low") is None


@pytest.mark.parametrize(("rank", "stable", "spike"), [(2, 1.11, True), (2, 1.112, False), (1, 1.0, False)])
def test_nine_tenths_in_one_direction_are_a_spike(rank: int, stable: float, spike: bool) -> None:
    found = located([replace(module(0, "ffn.0"), rank=rank, stable_rank=stable)])
    assert bool(found.spikes) is spike


def test_three_modules_are_named_and_more_are_hinted_at() -> None:
    for count, more in ((3, ""), (4, ", ...")):
        dead = tuple(replace(module(at, "ffn.0"), up=entries(0.0, zeros=100)) for at in range(count))
        record = recorder()
        locate([Pair(300, False, {Expert.HIGH: ExpertMeasurement(dead, Expert.HIGH)}, ("a",))], (), record)
        assert facts_of(record)["weights.dead_modules", "high"].note == f"{', '.join(m.name for m in dead[:3])}{more}"


def test_a_few_blocks_are_ranges_of_their_own() -> None:
    assert [part.name for part in located([module(at, "ffn.0") for at in range(2)]).ranges] == ["block 0", "block 1"]
    assert [part.name for part in located([module(0, "ffn.0")]).ranges] == ["block 0"]
    assert [part.name for part in located([module(None, "head")]).ranges] == [OUTSIDE]
    five = [part.name for part in located([module(at, "ffn.0") for at in range(5)]).ranges]
    assert five == ["blocks 0 to 1", "blocks 2 to 3", "block 4"]
