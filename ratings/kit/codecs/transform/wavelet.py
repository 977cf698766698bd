# SPDX-License-Identifier: Apache-2.0
"""Pixels to wavelet coefficients and back: an orthonormal colour transform, then CDF 9/7.

Both are (nearly) orthonormal, so an error of a coefficient is as large an error in the picture, and
one quantiser step suits all of them. All this comes after entropy decoding, where floats are safe:
another machine may round a sample the other way, but can't lose its place in the stream.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Rgb = NDArray[np.uint8]

# Rows: luma, and two differences of colour.
COLOUR = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]])
# Lifting steps and scale of the 9/7 filters (Daubechies and Sweldens, 1998).
LIFTS = (-1.586134342, -0.05298011854, 0.8829110762, 0.4435068522)
SCALE = 1.149604398


class Place(NamedTuple):
    """Where a subband belongs: component 0 to 2, level (1 is the finest), orientation.

    Orientations are 0 (low both ways), 1 (high across), 2 (high down) and 3 (high both ways).
    """

    component: int
    level: int
    orientation: int


Subbands = dict[Place, Floats]


def levels(height: int, width: int) -> int:
    """Return how many times a picture is halved: until a side is below 16, at most 6 times."""
    return max(0, min(6, min(height, width).bit_length() - 4))


def places(height: int, width: int) -> dict[Place, tuple[int, int]]:
    """Return all subbands' shapes in coding order: coarse to fine, and in a level luma first."""
    depth = levels(height, width)
    sizes = [(height, width)]
    for _ in range(depth):
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    all_shapes = {Place(component, depth, 0): sizes[depth] for component in range(3)}
    for level in range(depth, 0, -1):
        (rows, columns), (low_rows, low_columns) = sizes[level - 1], sizes[level]
        shapes = {
            1: (low_rows, columns - low_columns),
            2: (rows - low_rows, low_columns),
            3: (rows - low_rows, columns - low_columns),
        }
        for component in range(3):
            all_shapes |= {Place(component, level, o): shape for o, shape in shapes.items()}
    return all_shapes


def analyse(rgb: Rgb) -> Subbands:
    """Return the subbands, float32, of samples of shape (height, width, 3), uint8."""
    height, width = rgb.shape[:2]
    planes = np.tensordot(COLOUR, rgb.astype(np.float64) - 128, (1, 2)).astype(np.float32)
    bands: Subbands = {}
    for component, low in enumerate(planes):
        for level in range(1, levels(height, width) + 1):
            upper, lower = _split(low)
            low, bands[Place(component, level, 1)] = (part.T for part in _split(upper.T))
            bands[Place(component, level, 2)], bands[Place(component, level, 3)] = (
                part.T for part in _split(lower.T)
            )
        bands[Place(component, levels(height, width), 0)] = low
    return bands


def synthesise(bands: Subbands, height: int, width: int) -> Rgb:
    """Return the samples of subbands, rounded and clipped: uint8 of shape (height, width, 3)."""
    planes = np.empty((3, height, width), np.float32)
    depth = levels(height, width)
    for component in range(3):
        low = bands[Place(component, depth, 0)]
        for level in range(depth, 0, -1):
            across, down, both = (bands[Place(component, level, o)] for o in (1, 2, 3))
            low = _merge(_merge(low.T, across.T).T, _merge(down.T, both.T).T)
        planes[component] = low
    # Products of matrices add in an order that depends on the machine; sums of arrays don't.
    shares = COLOUR.astype(np.float32)[:, :, None, None] * planes[:, None]
    samples = shares[0] + shares[1] + shares[2] + np.float32(128)
    rgb: Rgb = np.clip(np.rint(samples), 0, 255).astype(np.uint8).transpose(1, 2, 0)
    return rgb


def _split(signal: Floats) -> tuple[Floats, Floats]:
    """Return low and high halves along the first axis, mirrored at the ends."""
    even, odd = signal[0::2].copy(), signal[1::2].copy()
    for step, lift in enumerate(LIFTS):
        if step % 2:
            even += np.float32(lift) * _beside_even(odd, len(even))
        else:
            odd += np.float32(lift) * _beside_odd(even, len(odd))
    return even * np.float32(SCALE), odd / np.float32(SCALE)


def _merge(low: Floats, high: Floats) -> Floats:
    """Undo _split."""
    even, odd = low / np.float32(SCALE), high * np.float32(SCALE)
    for step, lift in reversed(list(enumerate(LIFTS))):
        if step % 2:
            even -= np.float32(lift) * _beside_even(odd, len(even))
        else:
            odd -= np.float32(lift) * _beside_odd(even, len(odd))
    signal = np.empty((len(even) + len(odd), *even.shape[1:]), np.float32)
    signal[0::2], signal[1::2] = even, odd
    return signal


def _beside_odd(even: Floats, count: int) -> Floats:
    """Return the sum of both even neighbours of each odd sample."""
    after = np.concatenate([even[1:], even[-1:]])[:count]
    return np.asarray(even[:count] + after)


def _beside_even(odd: Floats, count: int) -> Floats:
    """Return the sum of both odd neighbours of each even sample."""
    mirrored = np.concatenate([odd[:1], odd, odd[-1:]])
    return np.asarray(mirrored[:count] + mirrored[1 : count + 1])
