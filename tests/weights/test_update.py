"""The figures of an update from singular values alone."""

from math import exp, inf, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.weights.update import UpdateFigures, update_figures

SPECTRA = st.lists(st.floats(0, 1e6), min_size=1, max_size=64).map(lambda values: sorted(values, reverse=True))


def test_a_flat_spectrum_uses_its_whole_rank() -> None:
    figures = update_figures([2.0] * 4, 0.5)
    assert figures == pytest.approx(UpdateFigures(2.0, 1.0, 4.0, 4.0, 1.0))


def test_a_spike_has_rank_one_and_no_second() -> None:
    figures = update_figures([3.0, 0.0, 0.0], 1.0)
    assert figures == UpdateFigures(3.0, 3.0, 1.0, 1.0, None)


def test_a_second_value_at_the_floor_of_rounding_is_no_second() -> None:
    assert update_figures([1.0, 1e-6], 1.0).spectral_gap is None
    assert update_figures([1.0, 1e-4], 1.0).spectral_gap == pytest.approx(1e4)


def test_effective_rank_is_the_exponential_of_the_entropy() -> None:
    entropy = -(0.75 * log(0.75) + 0.25 * log(0.25))
    figures = update_figures([3.0, 1.0], 1.0)
    assert figures.effective_rank == pytest.approx(exp(entropy))
    assert figures.norm == pytest.approx(sqrt(10))


@pytest.mark.parametrize(("values", "scale"), [(None, 1.0), ([1.0], None), ([1e308], 1e10), ([inf], 1.0)])
def test_what_is_not_finite_is_unknown(values: list[float] | None, scale: float | None) -> None:
    assert update_figures(values, scale) == UpdateFigures(None, None)


@pytest.mark.parametrize(("values", "scale"), [([0.0, 0.0], 1.0), ([2.0, 1.0], 0.0)])
def test_a_zero_update_has_norms_and_no_ranks(values: list[float], scale: float) -> None:
    assert update_figures(values, scale) == UpdateFigures(0.0, 0.0)


def test_the_sign_of_the_scale_does_not_matter() -> None:
    assert update_figures([2.0, 1.0], -3.0) == update_figures([2.0, 1.0], 3.0)


@given(SPECTRA, st.floats(1e-3, 1e3))
def test_ranks_lie_between_one_and_the_rank(values: list[float], scale: float) -> None:
    figures = update_figures(values, scale)
    assert figures.norm is not None
    assert figures.spectral_norm is not None
    assert figures.norm >= figures.spectral_norm * (1 - 1e-12)
    for rank in (figures.stable_rank, figures.effective_rank):
        assert rank is None or 1 - 1e-9 <= rank <= len(values) * (1 + 1e-9)
