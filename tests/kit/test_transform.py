"""The parts of the wavelet codec: transform, walk, bitstream; floats come after the last symbol."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

CODEC = Path(__file__).resolve().parents[2] / "ratings" / "kit" / "codecs" / "transform"
sys.path.insert(0, str(CODEC))

import codec  # noqa: E402
import context  # noqa: E402
import wavelet  # noqa: E402
from arithmetic_coder import CorruptStream, Table  # noqa: E402

Rgb = NDArray[np.uint8]
sizes = st.integers(1, 70)


def noise(height: int, width: int, seed: int = 0) -> Rgb:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def ramps(height: int, width: int) -> Rgb:
    """Return something smooth with an edge."""
    rows, columns = np.mgrid[:height, :width]
    planes = [rows + columns, 2 * rows + 60, np.where(columns > width // 2, 200, 40)]
    rgb: NDArray[np.uint8] = np.clip(np.stack(planes, axis=2), 0, 255).astype(np.uint8)
    return rgb


@given(sizes, sizes)
def test_the_transform_loses_nothing_and_places_say_its_shapes(height: int, width: int) -> None:
    rgb = noise(height, width)
    bands = wavelet.analyse(rgb)
    assert {place: band.shape for place, band in bands.items()} == wavelet.places(height, width)
    assert (wavelet.synthesise(bands, height, width) == rgb).all()


def test_an_error_of_a_coefficient_is_an_error_of_the_picture() -> None:
    """Nearly orthonormal: each coefficient alone brings its own energy, within a fifth."""
    shapes = wavelet.places(96, 96)
    for place in shapes:
        bands = {p: np.zeros(shape, np.float32) for p, shape in shapes.items()}
        rows, columns = shapes[place]
        bands[place][rows // 2, columns // 2] = 200
        changed = wavelet.synthesise(bands, 96, 96).astype(np.float64) - 128
        # Rounding to whole samples adds a twelfth a sample at most.
        assert (changed**2).sum() == pytest.approx(200**2, rel=0.2), place


def test_a_grey_picture_has_no_colour() -> None:
    grey = np.repeat(noise(40, 56)[:, :, :1], 3, axis=2)
    for place, band in wavelet.analyse(grey).items():
        assert place.component == 0 or np.abs(band).max() < 1e-3


@given(sizes, sizes, st.integers(0, 100))
def test_a_picture_comes_back_in_its_size(height: int, width: int, step: int) -> None:
    rgb = ramps(height, width)
    decoded = codec.decode(codec.encode(rgb, step))
    assert decoded.shape == rgb.shape and decoded.dtype == np.uint8
    if step < 4:
        assert np.abs(decoded.astype(int) - rgb).mean() < 2


def test_finer_steps_cost_more_and_err_less() -> None:
    rgb = (ramps(96, 120) // 2 + noise(96, 120) // 8).astype(np.uint8)
    costs = []
    for step in (0, 30, 60, 90):
        stream = codec.encode(rgb, step)
        error = ((codec.decode(stream).astype(int) - rgb) ** 2).sum()
        costs.append((-len(stream), error))
    assert costs == sorted(costs)


@pytest.mark.parametrize("step", [0, 255])
def test_the_wildest_picture_at_both_ends(step: int) -> None:
    checks = np.indices((64, 64)).sum(axis=0) % 2 * 255
    rgb = np.repeat(checks[:, :, None], 3, axis=2).astype(np.uint8)
    assert codec.decode(codec.encode(rgb, step)).shape == rgb.shape


def test_both_walks_choose_the_same_tables() -> None:
    shapes = wavelet.places(70, 90)
    chance = np.random.default_rng(1)
    bands = {p: chance.integers(-3, 4, shape, dtype=np.int32) for p, shape in shapes.items()}
    seen: list[list[bytes]] = []
    for _ in range(2):
        digests: list[bytes] = []

        def code(
            table: Table,
            place: wavelet.Place,
            indices: NDArray[np.intp],
            digests: list[bytes] = digests,
        ) -> NDArray[np.int32]:
            digests.append(table.digest)
            return bands[place].ravel()[indices]

        walked = context.walk(shapes, code)
        assert all((walked[p] == band).all() for p, band in bands.items() if p.orientation)
        seen.append(digests)
    assert seen[0] == seen[1] and len(set(seen[0])) > 20


def test_every_coefficient_is_visited_once() -> None:
    shapes = wavelet.places(37, 61)
    visited = {place: np.zeros(rows * columns, int) for place, (rows, columns) in shapes.items()}

    def code(_: Table, place: wavelet.Place, indices: NDArray[np.intp]) -> NDArray[np.int32]:
        visited[place][indices] += 1
        return np.zeros(len(indices), np.int32)

    context.walk(shapes, code)
    assert all((count == 1).all() for count in visited.values())


def test_what_steers_the_decoder_is_integer() -> None:
    """The context model's numbers are whole, and nothing in the file makes them otherwise."""
    for numbers in (context.LUMA, context.CHROMA, context.EDGES):
        assert numbers.dtype.kind == "i"
    source = (CODEC / "context.py").read_text()
    assert "float" not in source and " / " not in source


@pytest.mark.parametrize("position", range(5))
def test_a_damaged_head_is_seen(position: int) -> None:
    stream = bytearray(codec.encode(ramps(20, 30), 60))
    stream[position] ^= 0x40
    with pytest.raises(CorruptStream):
        codec.decode(bytes(stream))
