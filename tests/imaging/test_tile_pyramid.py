"""Tiles: put together again they are the picture, and each level is the mean of the one before."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from ratings.imaging.tile_pyramid import LAST_SIDE, TILE_SIDE, encode_tiles, levels, tile_number
from tests.builders import build_rgb

SIDES = st.sampled_from([1, 2, 3, 255, 256, 257, 511, 512, 513, 700, 769, 1025])


def decoded(tile: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(tile)))


def together(tiles: list[NDArray[np.uint8]], columns: int) -> NDArray[np.uint8]:
    rows = [tiles[at : at + columns] for at in range(0, len(tiles), columns)]
    return np.vstack([np.hstack(row) for row in rows])


def a_third_of(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return means of 3 x 3, at the edges of what there is of them: the oracle."""
    height, width, _ = rgb.shape
    padded = np.full((height + -height % 3, width + -width % 3, 3), np.nan)
    padded[:height, :width] = rgb
    blocks = padded.reshape(padded.shape[0] // 3, 3, padded.shape[1] // 3, 3, 3)
    means: NDArray[np.float64] = np.nanmean(blocks, axis=(1, 3))
    return means


@given(SIDES, SIDES)
@settings(max_examples=12)
def test_the_tiles_of_each_level_make_it_whole(width: int, height: int) -> None:
    rgb = build_rgb(width=width, height=height)
    tiles = [decoded(tile) for tile in encode_tiles(rgb)]
    found = levels(width, height)
    number = 0
    samples = rgb
    for level in found:
        count = level.columns * level.rows
        whole = together(tiles[number : number + count], level.columns)
        number += count
        assert whole.shape == (level.height, level.width, 3)
        if level.shrink == 1:
            assert np.array_equal(whole, rgb)
        else:
            # Pillow takes one of the whole numbers on both sides of a mean, mostly the nearer.
            assert np.abs(whole - a_third_of(samples)).max() < 1
        samples = whole
    assert number == len(tiles)
    assert max(found[-1].width, found[-1].height) <= LAST_SIDE
    assert all(max(tile.shape[:2]) <= TILE_SIDE for tile in tiles)


@given(SIDES, SIDES)
def test_every_tile_has_a_number_of_its_own(width: int, height: int) -> None:
    places = [
        (number, column, row)
        for number, level in enumerate(levels(width, height))
        for row in range(level.rows)
        for column in range(level.columns)
    ]
    numbers = [tile_number((width, height), *place) for place in places]
    assert numbers == list(range(len(places)))


@pytest.mark.parametrize("place", [(-1, 0, 0), (2, 0, 0), (0, 2, 0), (0, 0, 1), (1, 1, 0)])
def test_there_are_no_others(place: tuple[int, int, int]) -> None:
    assert len(levels(513, 200)) == 2
    with pytest.raises(ValueError, match=r"There is no|has no tile"):
        tile_number((513, 200), *place)
    with pytest.raises(ValueError, match="0 x 5"):
        levels(0, 5)
