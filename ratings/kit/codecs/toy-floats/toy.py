# SPDX-License-Identifier: Apache-2.0
"""A toy: a coarse picture, row by row, coded with tables that a model makes of the row above.

Format: width - 1 and height - 1 (2 bytes each, big-endian), the side of the squares that one value
stands for (1 byte), then one stream of arithmetic_coder: how much brighter each value is than the
one above it, in 32 levels.
"""

import struct
from collections.abc import Callable

import numpy as np
from arithmetic_coder import Decoder, Encoder, Table
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
Tables = Callable[[NDArray[np.int64]], list[Table]]  # of a row, from the row above it

HEAD = struct.Struct(">HHB")
SHIFT = 3  # 256 samples to 32 levels


def encode(rgb: Rgb, side: int, tables: Tables) -> bytes:
    """Return the bitstream of samples, uint8 of shape (height, width, 3); sides are 1 to 255."""
    height, width = rgb.shape[:2]
    head = HEAD.pack(width - 1, height - 1, side)
    encoder = Encoder(head)
    levels = rgb[::side, ::side].astype(np.int64) >> SHIFT
    above = np.zeros_like(levels[0].ravel())
    for row in levels.reshape(len(levels), -1):
        encoder.encode_array(row - above, tables(above))
        above = row
    return head + encoder.finish()


def decode(bitstream: bytes, tables: Tables) -> Rgb:
    """Return the samples of a bitstream; raises CorruptStream for one that `encode` didn't make."""
    width, height, side = HEAD.unpack_from(bitstream)
    decoder = Decoder(bitstream[HEAD.size :], bitstream[: HEAD.size])
    above = np.zeros(3 * (width // side + 1), np.int64)
    rows = []
    for _ in range(height // side + 1):
        above = above + decoder.decode_array(len(above), tables(above))
        rows.append(above)
    decoder.finish()
    levels = np.array(rows).reshape(len(rows), -1, 3).repeat(side, axis=0).repeat(side, axis=1)
    middle = (levels << SHIFT) + (1 << SHIFT - 1)
    return np.clip(middle, 0, 255).astype(np.uint8)[: height + 1, : width + 1]
