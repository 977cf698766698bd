"""Degraded versions: worse with each level whatever the picture, plain to see, and repeatable."""

import hashlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ratings.imaging.degrading import LEVELS, degrade
from ratings.imaging.pixels import Rgb

ROWS, COLUMNS = np.mgrid[0:96, 0:128]
PICTURES = {
    "black": np.zeros((96, 128, 3), np.uint8),
    "white": np.full((96, 128, 3), 255, np.uint8),
    "grey": np.full((96, 128, 3), 128, np.uint8),
    "a gradient": np.repeat((ROWS + COLUMNS)[:, :, None].astype(np.uint8), 3, axis=2),
    "fine stripes": np.repeat((200 * (COLUMNS % 2))[:, :, None].astype(np.uint8), 3, axis=2),
    "noise": np.random.default_rng(5).integers(0, 256, (96, 128, 3), dtype=np.uint8),
}


def psnr(a: Rgb, b: Rgb) -> float:
    mse = float(np.mean((a.astype(float) - b.astype(float)) ** 2))
    return 10 * np.log10(255**2 / mse) if mse else np.inf


@pytest.mark.parametrize("level", [-1, 0, 4])
def test_other_levels_are_refused(level: int) -> None:
    with pytest.raises(ValueError, match=f"Level {level} is none of 1 to 3"):
        degrade(PICTURES["noise"], level)


@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))))
def test_no_sample_gets_better_at_a_higher_level(samples: Rgb) -> None:
    errors = [np.abs(degrade(samples, level).astype(int) - samples) for level in LEVELS]
    for lower, higher in pairwise(errors):
        assert (lower <= higher).all()


@pytest.mark.parametrize("name", PICTURES)
def test_every_level_is_plainly_worse_than_the_one_below(name: str) -> None:
    picture = PICTURES[name]
    levels = [psnr(picture, degrade(picture, level)) for level in LEVELS]
    assert levels[0] > levels[1] + 4 and levels[1] > levels[2] + 3
    # Blocks of a flat picture differ by several levels; a detailed one loses its detail.
    assert levels[1] < 38 and levels[2] < 34


@pytest.mark.parametrize("name", PICTURES)
def test_blocks_show_in_any_picture(name: str) -> None:
    means = degrade(PICTURES[name], 2).reshape(12, 8, 16, 8, 3).mean(axis=(1, 3, 4))
    before = PICTURES[name].reshape(12, 8, 16, 8, 3).mean(axis=(1, 3, 4))
    assert np.std(means - before) > 2


def test_size_type_and_content_are_kept_and_repeat() -> None:
    picture = PICTURES["noise"][:, ::2]  # not contiguous, as crops are
    before = hashlib.sha256(picture.tobytes()).digest()
    first, again = degrade(picture, 3), degrade(picture, 3)
    assert np.array_equal(first, again)
    assert first.shape == picture.shape and first.dtype == np.uint8
    assert hashlib.sha256(picture.tobytes()).digest() == before
    assert degrade(picture[:1, :1], 3).shape == (1, 1, 3)
