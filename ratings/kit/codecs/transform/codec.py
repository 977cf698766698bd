# SPDX-License-Identifier: Apache-2.0
"""A picture to a bitstream and back. `encode` and `decode` beside this file do it for folders.

Format: width - 1 and height - 1 (2 bytes each, big-endian), the index of the quantiser step
(1 byte), then one stream of arithmetic_coder: all coefficients in the order of `context.walk`, and
two centres (4 bits each). Its check byte covers the head too.
"""

import struct
from collections.abc import Mapping

import numpy as np
from arithmetic_coder import TOTAL, CorruptStream, Decoder, Encoder, Table
from context import Integers, predicted, walk
from numpy.typing import NDArray
from wavelet import Floats, Place, Rgb, Subbands, analyse, places, synthesise

HEAD = struct.Struct(">HHB")
MOST_STEPS = 256
# What a bit is worth, in squares of the quantiser step; the best of several on photographs.
SLOPE = 0.1
CENTRES = 16  # a centre is 0 to 15, for -8 / 32 to 7 / 32 of a step


def step_size(step: int) -> float:
    """Return the width of a quantiser's cells by its index, 0 to 255; 16 steps double it."""
    return float(4 * 2 ** (step / 16))


def encode(rgb: Rgb, step: int) -> bytes:
    """Return the bitstream of samples, uint8 of shape (height, width, 3), at most 65,536 a side."""
    height, width = rgb.shape[:2]
    size = np.float32(step_size(step))
    wanted = {place: band / size for place, band in analyse(rgb).items()}
    head = HEAD.pack(width - 1, height - 1, step)
    encoder = Encoder(head)
    bands = walk(places(height, width), _Quantiser(wanted, encoder).code)
    for centre in _centres(wanted, bands):
        encoder.bits(centre, 4)
    return head + encoder.finish()


def decode(bitstream: bytes) -> Rgb:
    """Return the samples of a bitstream, uint8 of shape (height, width, 3).

    Raises CorruptStream for one that `encode` didn't make.
    """
    if len(bitstream) < HEAD.size:
        raise CorruptStream(f"A bitstream has more than {len(bitstream)} bytes.")
    width, height, step = HEAD.unpack_from(bitstream)
    decoder = Decoder(bitstream[HEAD.size :], bitstream[: HEAD.size])

    def code(table: Table, _: Place, indices: NDArray[np.intp]) -> Integers:
        return np.array(decoder.decode_array(len(indices), table), np.int32)

    bands = walk(places(height + 1, width + 1), code)
    centres = (decoder.bits(4), decoder.bits(4))
    decoder.finish()
    size = np.float32(step_size(step))
    values = {place: size * _values(place, band, centres) for place, band in bands.items()}
    return synthesise(values, height + 1, width + 1)


class _Quantiser:
    """Quantises on the way, each coefficient to the value of least error + SLOPE * bits."""

    def __init__(self, wanted: Subbands, encoder: Encoder) -> None:
        self._wanted, self._encoder = wanted, encoder
        self._lowest = {
            place: np.rint(band).astype(np.int32)
            for place, band in wanted.items()
            if place.orientation == 0
        }

    def code(self, table: Table, place: Place, indices: NDArray[np.intp]) -> Integers:
        """Choose the values at some indices of a subband and encode them."""
        if place.orientation == 0:
            band = self._lowest[place]
            row, column = divmod(int(indices[0]), band.shape[1])
            values = np.array([band[row, column] - predicted(band, row, column)])
        else:
            values = _cheapest(self._wanted[place].ravel()[indices], table)
        self._encoder.encode_array(values, table)
        return values


def _cheapest(wanted: Floats, table: Table) -> Integers:
    """Return for each coefficient the nearest integer, one less, or 0."""
    bits = _bits(table)
    size = np.abs(wanted)
    nearest = np.rint(size).astype(np.int32)
    best, least = nearest, np.full(size.shape, np.inf)
    for value in (nearest, np.maximum(nearest - 1, 0), np.zeros_like(nearest)):
        price = (size - value) ** 2 + SLOPE * bits[np.minimum(value, len(bits) - 1)]
        best = np.where(price < least, value, best)
        least = np.minimum(price, least)
    return np.where(wanted < 0, -best, best)


def _bits(table: Table) -> NDArray[np.float64]:
    """Return the code lengths of magnitudes from 0 on, the last for all that escape (about)."""
    widths = [table.intervals[value][1] for value in range(table.highest + 1)]
    escape = table.escape[1] if table.escape else 1
    return np.append(np.log2(TOTAL / np.array(widths)), np.log2(TOTAL / escape) + 4)


def _centres(wanted: Subbands, bands: Mapping[Place, Integers]) -> list[int]:
    """Return where magnitudes of 1, and larger ones, lie on average within their cells."""
    high = [place for place in bands if place.orientation]
    values = np.concatenate([np.zeros(0), *(bands[place].ravel() for place in high)])
    sizes = np.concatenate([np.zeros(0), *(wanted[place].ravel() for place in high)])
    beyond = sizes * np.sign(values) - np.abs(values)
    means = (beyond[group].mean() if group.any() else 0.0 for group in _groups(values))
    return [int(np.clip(round(32 * mean) + CENTRES // 2, 0, CENTRES - 1)) for mean in means]


def _groups(values: NDArray[np.float64] | Integers) -> list[NDArray[np.bool_]]:
    return [np.abs(values) == 1, np.abs(values) > 1]


def _values(place: Place, band: Integers, centres: tuple[int, ...]) -> Floats:
    """Return what integers stand for, in steps."""
    values = band.astype(np.float32)
    if place.orientation:
        for group, centre in zip(_groups(band), centres, strict=True):
            values += np.where(group, np.sign(values) * np.float32((centre - 8) / 32), 0)
    return values
