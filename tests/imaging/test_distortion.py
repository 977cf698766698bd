"""Squared errors and PSNR against arithmetic without rounding."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ratings.imaging.distortion import ROW, mse, psnr_db, squared_error
from ratings.imaging.pixels import Rgb

SIDES = st.integers(1, 80)  # up to four rows and a rest


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Rgb, Rgb]:
    """Two pictures of one size, of noise (fast to draw) or of drawn samples."""
    shape = (draw(SIDES), draw(SIDES), 3)
    if draw(st.booleans()):
        noise = np.random.default_rng(draw(st.integers(0, 2**32)))
        return tuple(noise.integers(0, 256, (2, *shape), dtype=np.uint8))
    return draw(arrays(np.uint8, shape)), draw(arrays(np.uint8, shape))


def oracle(a: Rgb, b: Rgb) -> int:
    """The sum in Python's own integers."""
    return sum((x - y) ** 2 for x, y in zip(a.ravel().tolist(), b.ravel().tolist(), strict=True))


def decimal_psnr_db(error: int, samples: int) -> Decimal:
    with localcontext() as context:
        context.prec = 50
        return 10 * (Decimal(255**2) * samples / error).log10()


def test_different_shapes_are_refused_by_name() -> None:
    a, b = np.zeros((2, 3, 3), np.uint8), np.zeros((3, 2, 3), np.uint8)
    with pytest.raises(ValueError, match=r"\(2, 3, 3\) and \(3, 2, 3\)"):
        squared_error(a, b)


def test_samples_other_than_uint8_are_refused() -> None:
    a = np.zeros((2, 3, 3), np.uint8)
    with pytest.raises(TypeError, match="int16"):
        squared_error(a, a.astype(np.int16))


@pytest.mark.parametrize(("error", "samples"), [(-1, 3), (0, 0), (1, -3)])
def test_no_mean_of_nothing(error: int, samples: int) -> None:
    with pytest.raises(ValueError, match="No mean"):
        psnr_db(error, samples)


@given(pairs())
def test_squared_error_is_exact(pictures: tuple[Rgb, Rgb]) -> None:
    a, b = pictures
    assert squared_error(a, b) == squared_error(b, a) == oracle(a, b)
    assert squared_error(a, a) == 0


@given(pairs(), st.integers(0, 40))
def test_squared_errors_add_up_over_parts(pictures: tuple[Rgb, Rgb], cut: int) -> None:
    a, b = pictures
    for axis in (0, 1):
        (a1, a2), (b1, b2) = np.split(a, [cut], axis=axis), np.split(b, [cut], axis=axis)
        assert squared_error(a1, b1) + squared_error(a2, b2) == squared_error(a, b)


@pytest.mark.parametrize("samples", [0, 1, ROW - 1, ROW, ROW + 1, 64 * ROW, 1000 * ROW + 1])
def test_the_largest_error_is_exact_at_row_borders(samples: int) -> None:
    black, white = np.zeros(samples, np.uint8), np.full(samples, 255, np.uint8)
    assert squared_error(black, white) == 255**2 * samples


def test_large_noise_is_exact() -> None:
    noise = np.random.default_rng(7)
    a, b = noise.integers(0, 256, (2, 700, 1100, 3), dtype=np.uint8)
    assert squared_error(a, b) == int(((a.astype(np.int64) - b) ** 2).sum())


@settings(max_examples=300)
@given(st.integers(1, 10**15), st.integers(1, 10**13))
def test_psnr_agrees_with_fifty_digits(error: int, samples: int) -> None:
    assert psnr_db(error, samples) == pytest.approx(
        float(decimal_psnr_db(error, samples)), abs=1e-12, rel=1e-14
    )
    assert mse(error, samples) == error / samples


def test_identical_data_has_infinite_psnr() -> None:
    assert psnr_db(0, 3) == math.inf


def test_worst_data_has_zero_psnr() -> None:
    assert psnr_db(255**2 * 12, 12) == 0


def test_pooled_psnr_is_not_the_mean_of_psnrs() -> None:
    small, large = (100, 30), (100, 3_000_000)
    pooled = psnr_db(small[0] + large[0], small[1] + large[1])
    assert pooled == pytest.approx(float(decimal_psnr_db(200, 3_000_030)))
    assert pooled != pytest.approx((psnr_db(*small) + psnr_db(*large)) / 2, abs=1)
