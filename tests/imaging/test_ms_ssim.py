"""MS-SSIM against a dense implementation in double precision, and values known beforehand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage, signal

from ratings.imaging.ms_ssim import LEAST_SIDE, WEIGHTS, measurable, ms_ssim

C1, C2 = 6.5025, 58.5225


def dense(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Return MS-SSIM by the paper's formulas: two-dimensional windows, float64, no tricks."""
    at = np.arange(-5, 6)
    window = np.exp(-(at[:, None] ** 2 + at[None, :] ** 2) / (2 * 1.5**2))
    window /= window.sum()

    def mean(plane: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(signal.convolve2d(plane, window, mode="valid"))

    channels = []
    for channel in range(3):
        x, y = a[..., channel].astype(float), b[..., channel].astype(float)
        value = 1.0
        for scale, weight in enumerate(WEIGHTS):
            mx, my = mean(x), mean(y)
            vx, vy = mean(x * x) - mx**2, mean(y * y) - my**2
            structure = (2 * (mean(x * y) - mx * my) + C2) / (vx + vy + C2)
            luminance = (2 * mx * my + C1) / (mx**2 + my**2 + C1)
            last = scale == len(WEIGHTS) - 1
            term = (luminance * structure if last else structure).mean()
            value *= max(0.0, float(term)) ** weight
            x, y = (
                ndimage.convolve(plane, np.full((2, 2), 0.25), mode="reflect")[::2, ::2]
                for plane in (x, y)
            )
        channels.append(value)
    return float(np.mean(channels))


def picture(height: int, width: int, seed: int = 1) -> NDArray[np.uint8]:
    """Return smooth random colours with some texture."""
    rng = np.random.default_rng(seed)
    smooth = ndimage.gaussian_filter(rng.normal(0, 1, (height, width, 3)), (6, 6, 0))
    rough = 128 + 900 * smooth + rng.normal(0, 6, smooth.shape)
    return np.clip(rough, 0, 255).astype(np.uint8)


def worse(original: NDArray[np.uint8], noise: float) -> NDArray[np.uint8]:
    rng = np.random.default_rng(7)
    return np.clip(original + rng.normal(0, noise, original.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("size", [(161, 161), (176, 240), (203, 177), (161, 1111)])
@pytest.mark.parametrize("noise", [3.0, 25.0, 90.0])
def test_equals_the_dense_computation(size: tuple[int, int], noise: float) -> None:
    original = picture(*size)
    decoded = worse(original, noise)
    assert ms_ssim(original, decoded) == pytest.approx(dense(original, decoded), abs=1e-7)


@settings(max_examples=20)
@given(
    height=st.integers(LEAST_SIDE, 210),
    width=st.integers(LEAST_SIDE, 210),
    levels=st.tuples(st.integers(0, 255), st.integers(0, 255)),
    spans=st.tuples(st.integers(1, 256), st.integers(1, 256)),
    grain=st.integers(1, 40),
    seed=st.integers(0, 2**32),
)
def test_any_two_pictures_have_six_decimals(
    height: int,
    width: int,
    levels: tuple[int, int],
    spans: tuple[int, int],
    grain: int,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)

    def patches(level: int, span: int) -> NDArray[np.uint8]:
        """Return squares of `grain` pixels, each of any colour from `level` on."""
        few = rng.integers(0, span, (height // grain + 1, width // grain + 1, 3))
        every = np.kron(few, np.ones((grain, grain, 1)))[:height, :width]
        return np.asarray(np.clip(level + every, 0, 255), np.uint8)

    a, b = (patches(*each) for each in zip(levels, spans, strict=True))
    assert ms_ssim(a, b) == pytest.approx(dense(a, b), abs=1e-6)


def test_a_picture_is_wholly_similar_to_itself() -> None:
    original = picture(180, 170)
    assert ms_ssim(original, original) == pytest.approx(1, abs=1e-6)


def test_flat_pictures_differ_in_luminance_alone() -> None:
    a, b = np.full((2, 170, 170, 3), 0, np.uint8)
    a[:], b[:] = 100, 200
    luminance = (2 * 100 * 200 + C1) / (100**2 + 200**2 + C1)
    assert ms_ssim(a, b) == pytest.approx(luminance ** WEIGHTS[-1], abs=1e-6)


def test_channels_count_alike_and_order_does_not_matter() -> None:
    original = picture(165, 165)
    decoded = original.copy()
    decoded[..., 1] = worse(original, 40)[..., 1]
    every = [ms_ssim(original[..., o], decoded[..., o]) for o in ([0, 1, 2], [1, 2, 0])]
    assert every[0] == pytest.approx(every[1], abs=1e-12)
    alone = ms_ssim(original[..., [1, 1, 1]], decoded[..., [1, 1, 1]])
    assert every[0] == pytest.approx((2 + alone) / 3, abs=1e-6)
    assert ms_ssim(decoded, original) == pytest.approx(every[0], abs=1e-7)


def test_more_noise_is_less_similar_and_opposites_are_not_below_zero() -> None:
    original = picture(170, 170)
    values = [ms_ssim(original, worse(original, noise)) for noise in (1, 5, 20, 60)]
    assert values == sorted(values, reverse=True)
    opposite = ms_ssim(original, 255 - original)
    assert 0 <= opposite < 0.2 and math.isfinite(opposite)


def test_five_scales_need_161_pixels() -> None:
    assert LEAST_SIDE == 161
    assert measurable(161, 161) and not measurable(160, 4000) and not measurable(4000, 160)
    small = picture(160, 300)
    with pytest.raises(ValueError, match="needs 161 x 161 pixels"):
        ms_ssim(small, small)


def test_what_can_not_be_compared_is_refused() -> None:
    original = picture(161, 161)
    with pytest.raises(ValueError, match="can't be compared"):
        ms_ssim(original, original[:, :-1])
    with pytest.raises(TypeError, match="uint8"):
        ms_ssim(original, original.astype(np.int16))
