#!/usr/bin/env python3
"""A toy of a learned codec: a table of probabilities for each sample, and rANS upon them.

Its text is a decoder: of floats as it stands, of integers by `toy_decoder`.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FLOATS = True
SIDE, LEVELS, BITS = 64, 16, 24
SAMPLES = np.repeat(np.arange(LEVELS), SIDE * SIDE // LEVELS).reshape(SIDE, SIDE)


def tables(floats: bool = FLOATS) -> NDArray[np.int64]:
    """Return frequencies that sum to 2^BITS, of shape (samples, levels), int64."""
    frequencies: NDArray[np.int64]
    energies = np.arange(SIDE * SIDE * LEVELS).reshape(-1, LEVELS) * 7919 % 1009
    if floats:
        weights = np.exp(energies.astype(np.float32) / np.float32(200))
        shares = weights / weights.sum(axis=1, keepdims=True)
        frequencies = 1 + (shares * np.float32(2**BITS - 2 * LEVELS)).astype(np.int64)
    else:
        weights = 1 + energies**2
        frequencies = 1 + weights * (2**BITS - 2 * LEVELS) // weights.sum(axis=1, keepdims=True)
    frequencies[:, -1] += 2**BITS - frequencies.sum(axis=1)
    return frequencies


def encode(samples: NDArray[np.int64], floats: bool = FLOATS) -> bytes:
    """Return the bitstream of SIDE x SIDE samples below LEVELS."""
    state = 1
    rows = zip(tables(floats).tolist(), samples.ravel().tolist(), strict=True)
    for row, sample in reversed(list(rows)):
        state = (state // row[sample] << BITS) + sum(row[:sample]) + state % row[sample]
    return state.to_bytes((state.bit_length() + 7) // 8, "little")


def decode(stream: bytes, floats: bool = FLOATS) -> NDArray[np.uint8]:
    """Return the samples, as uint8 of shape (SIDE, SIDE)."""
    state, samples = int.from_bytes(stream, "little"), []
    for row in tables(floats).tolist():
        slot, sample = state % 2**BITS, 0
        while slot >= row[sample]:
            slot -= row[sample]
            sample += 1
        state = (state >> BITS) * row[sample] + slot
        samples.append(sample)
    return np.array(samples, np.uint8).reshape(SIDE, SIDE)


def picture(samples: NDArray[Any]) -> NDArray[np.uint8]:
    """Return samples as a grey picture of shape (SIDE, SIDE, 3), uint8."""
    return np.repeat((samples * (256 // LEVELS)).astype(np.uint8)[..., None], 3, axis=2)


def toy_decoder(floats: bool) -> str:
    """Return this file's text as a decoder whose tables are of floats, or of integers."""
    return Path(__file__).read_text().replace("FLOATS = True", f"FLOATS = {floats}", 1)


if __name__ == "__main__":
    for path in Path().glob("*.bits"):
        Image.fromarray(picture(decode(path.read_bytes()))).save(path.with_suffix(".png"))
