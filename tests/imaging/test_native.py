"""Without native libraries the room gives the same samples, sums and refusals, word for word.

So does the participants' kit, which has Python's library, numpy and Pillow alone.
"""

import importlib
import sys
import zlib
from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ratings.imaging import distortion, native, pixels
from ratings.imaging.pixels import encode_png
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
LIBRARIES = ("isal", "kornia_rs", "simsimd")
PORTABLE = ("native", "picture_errors", "chunks", "scanlines", "pixels", "distortion")


@pytest.fixture(scope="module")
def portable() -> Iterator[dict[str, ModuleType]]:
    """Import the room's files once more where no native library can be found."""
    ours = [f"ratings.imaging.{name}" for name in PORTABLE]
    before = {name: module for name, module in sys.modules.items() if name in ours}
    with pytest.MonkeyPatch.context() as patch:
        for library in LIBRARIES:
            for name in [name for name in sys.modules if name.partition(".")[0] == library]:
                patch.delitem(sys.modules, name)
            patch.setitem(sys.modules, library, None)
        for name in ours:
            del sys.modules[name]
        modules = {name: importlib.import_module(f"ratings.imaging.{name}") for name in PORTABLE}
        sys.modules.update(before)
    yield modules


def answer(modules: dict[str, ModuleType], data: bytes, size: tuple[int, int] | None) -> object:
    """Return the samples, or the refusal's code and words."""
    read = modules["pixels"]
    try:
        return read.decode_checked(data, read.check_png(data, expected_size=size)).tobytes()
    except read.PictureRefused as error:
        return error.code, str(error)


def alike(
    portable: dict[str, ModuleType], data: bytes, size: tuple[int, int] | None = None
) -> object:
    """Require one answer with and without native libraries, and return it."""
    with_them = answer({"pixels": pixels}, data, size)
    assert answer(portable, data, size) == with_them
    return with_them


def test_a_site_has_them_and_the_others_do_without(portable: dict[str, ModuleType]) -> None:
    assert native.NATIVE and not portable["native"].NATIVE
    assert portable["native"].zlib is zlib
    assert portable["pixels"].PictureRefused is not pixels.PictureRefused
    assert sys.modules["ratings.imaging.pixels"] is pixels


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_refused(name: str, portable: dict[str, ModuleType]) -> None:
    assert isinstance(alike(portable, HOSTILE[name][0]), tuple)


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_taken(name: str, portable: dict[str, ModuleType]) -> None:
    assert isinstance(alike(portable, TAKEN[name]), bytes)


@pytest.mark.parametrize("size", [SIZE, (7, 5), (5, 8)])
def test_the_size_of_the_original(size: tuple[int, int], portable: dict[str, ModuleType]) -> None:
    assert isinstance(alike(portable, GOOD, size), bytes) == (size == SIZE)


def test_every_cut_and_every_changed_byte_of_a_file(portable: dict[str, ModuleType]) -> None:
    for at in range(len(GOOD)):
        alike(portable, GOOD[:at])
        alike(portable, GOOD[:at] + bytes([GOOD[at] ^ 0x10]) + GOOD[at + 1 :])


@given(st.integers(0, 399), st.integers(0, 901), st.integers(0, 255))
def test_streams_that_take_several_slices(
    portable: dict[str, ModuleType], row: int, column: int, value: int
) -> None:
    """A wrong filter is told before the damage behind it."""
    raw = bytearray(rows(LARGE))
    raw[row * 901 + min(column, 900)] = value
    stream = bytearray(zlib.compress(raw, 1))
    for data in (bytes(stream), bytes(stream[:-4]) + bytes(4), bytes(stream[: 900 * row + 9])):
        alike(portable, png(ihdr(300, 400), chunk(b"IDAT", data)))


def test_rows_too_many_and_too_few(portable: dict[str, ModuleType]) -> None:
    for height in (6, 7, 8):
        alike(portable, png(ihdr(5, height), idat(rows(SAMPLES))))


@given(arrays(np.uint8, (40, 50, 3)), arrays(np.uint8, (40, 50, 3)))
def test_squared_errors(portable: dict[str, ModuleType], a: pixels.Rgb, b: pixels.Rgb) -> None:
    """More samples than a row of `distortion.ROW`, and some that are left."""
    exact = int(((a.astype(np.int64) - b) ** 2).sum())
    assert distortion.squared_error(a, b) == portable["distortion"].squared_error(a, b) == exact
