from __future__ import annotations

from diagnose.demo.chance import derived_seed, single, stream


def test_a_stream_repeats_itself() -> None:
    assert stream(3, "a", "b").random() == stream(3, "a", "b").random()


def test_streams_differ_by_seed_and_purpose() -> None:
    draws = {stream(*key).random() for key in ((0, "a"), (1, "a"), (0, "b"), (0, "a", "b"))}
    assert len(draws) == 4


def test_derived_seeds_fit_a_signed_word() -> None:
    assert all(0 <= derived_seed(seed, "weights") < 2**63 for seed in range(50))


def test_single_is_what_single_precision_keeps() -> None:
    assert single(0.1) == 0.10000000149011612
    assert single(0.5) == 0.5
