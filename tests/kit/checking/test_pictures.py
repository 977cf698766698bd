"""The home check takes and refuses the PNG files that the server does, in the same words."""

import zlib

import numpy as np
import pictures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ratings.imaging import psnr
from ratings.imaging.pixels import PictureRefused, decode_checked, encode_png
from ratings.imaging.pixels import check_png as check_on_the_server
from tests.imaging.hostile import GOOD, HOSTILE, INDICES, OPAQUE, SAMPLES
from tests.imaging.png_builder import chunk, idat, ihdr, picture, png, rows

SIZE = (5, 7)
LARGE = np.random.default_rng(7).integers(0, 256, (400, 300, 3), dtype=np.uint8)
LEVELS = (np.arange(99) % 2).astype(np.uint8).reshape(9, 11, 1)
PLTE = chunk(b"PLTE", bytes(range(12)))
TAKEN = {
    "rgb": GOOD,
    "interlaced": picture(SAMPLES, interlaced=True),
    "opaque alpha": picture(np.dstack([SAMPLES, OPAQUE]), color=6),
    "grey": picture(INDICES, color=0),
    "one bit": picture(LEVELS, color=0, depth=1, interlaced=True),
    "grey with alpha": picture(np.dstack([INDICES, OPAQUE]), color=4),
    "palette": picture(INDICES, color=3, before=[PLTE]),
    "two bits of palette": picture(INDICES, color=3, depth=2, before=[PLTE]),
    "gamma": picture(SAMPLES, before=[chunk(b"gAMA", bytes(4))]),
    "large": encode_png(LARGE),
}


def on_the_server(data: bytes, size: tuple[int, int] | None = None) -> str | bytes:
    """Return the samples that the server reads, or its words."""
    try:
        return decode_checked(data, check_on_the_server(data, expected_size=size)).tobytes()
    except PictureRefused as error:
        return str(error)


def at_home(data: bytes, size: tuple[int, int] | None = None) -> str | bytes:
    try:
        return pictures.read_picture(data, size).tobytes()
    except pictures.PictureRefused as error:
        return str(error)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_refused(name: str) -> None:
    data, _ = HOSTILE[name]
    words = at_home(data)
    assert isinstance(words, str)
    assert words == on_the_server(data)


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_taken(name: str) -> None:
    samples = at_home(TAKEN[name])
    assert isinstance(samples, bytes)
    assert samples == on_the_server(TAKEN[name])


@pytest.mark.parametrize("size", [SIZE, (7, 5), (5, 8)])
def test_the_size_of_the_original(size: tuple[int, int]) -> None:
    assert at_home(GOOD, size) == on_the_server(GOOD, size)
    assert isinstance(at_home(GOOD, size), bytes) == (size == SIZE)


def test_every_cut_and_every_changed_byte_of_a_file() -> None:
    for at in range(len(GOOD)):
        damaged = GOOD[:at] + bytes([GOOD[at] ^ 0x10]) + GOOD[at + 1 :]
        for data in (GOOD[:at], damaged):
            assert at_home(data) == on_the_server(data), at


@given(st.integers(0, 399), st.integers(0, 901), st.integers(0, 255))
def test_streams_that_take_several_slices(row: int, column: int, value: int) -> None:
    """A wrong filter is told before the damage behind it, as on the server."""
    raw = bytearray(rows(LARGE))
    raw[row * 901 + min(column, 900)] = value
    stream = bytearray(zlib.compress(raw, 1))
    for data in (bytes(stream), bytes(stream[:-4]) + bytes(4), bytes(stream[: 900 * row + 9])):
        file = png(ihdr(300, 400), chunk(b"IDAT", data))
        assert at_home(file) == on_the_server(file)


def test_rows_too_many_and_too_few() -> None:
    for height in (6, 7, 8):
        file = png(ihdr(5, height), idat(rows(SAMPLES)))
        assert at_home(file) == on_the_server(file)


@given(
    arrays(np.uint8, (3, 5, 3)),
    arrays(np.uint8, (3, 5, 3)),
)
def test_psnr_is_the_servers(a: pictures.Rgb, b: pictures.Rgb) -> None:
    error = pictures.squared_error(a, b)
    assert error == psnr.squared_error(a, b)
    assert pictures.psnr_db(error, a.size) == psnr.psnr_db(error, a.size)


def test_the_largest_error_is_exact() -> None:
    black, white = np.zeros((300, 5000, 3), np.uint8), np.full((300, 5000, 3), 255, np.uint8)
    assert pictures.squared_error(black, white) == 300 * 5000 * 3 * 255**2
