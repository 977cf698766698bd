"""PNG files built chunk by chunk, right or wrong in exactly one way."""

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
ADAM7 = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)


def chunk(kind: bytes, payload: bytes = b"", *, crc: int | None = None) -> bytes:
    """One chunk; `crc` replaces the right checksum."""
    right = zlib.crc32(kind + payload)
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", crc or right)


def ihdr(
    width: int, height: int, depth: int = 8, color: int = 2, *, tail: bytes = b"\0\0\0"
) -> bytes:
    """IHDR; `tail` is compression, filter and interlace method."""
    return chunk(b"IHDR", struct.pack(">IIBB", width, height, depth, color) + tail)


def png(*chunks: bytes) -> bytes:
    """A file of the given chunks and IEND."""
    return SIGNATURE + b"".join(chunks) + chunk(b"IEND")


def idat(raw: bytes) -> bytes:
    """One IDAT chunk with a whole zlib stream."""
    return chunk(b"IDAT", zlib.compress(raw))


def pack(samples: NDArray[np.uint8], depth: int) -> bytes:
    """A row of samples (width, channels) in so many bits each."""
    if depth == 8:
        return samples.tobytes()
    bits = np.unpackbits(samples.reshape(-1, 1), axis=1)[:, 8 - depth :]
    return np.packbits(bits.reshape(-1)).tobytes()


def rows(samples: NDArray[np.uint8], depth: int = 8, *, filter_type: int = 0) -> bytes:
    """The stream to compress: each row of (height, width, channels) behind a filter byte."""
    return b"".join(bytes([filter_type]) + pack(row, depth) for row in samples)


def interlaced_rows(samples: NDArray[np.uint8], depth: int = 8) -> bytes:
    """The same in seven passes."""
    passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7]
    return b"".join(rows(part, depth) for part in passes if part.size)


def picture(
    samples: NDArray[np.uint8],
    *,
    color: int = 2,
    depth: int = 8,
    before: Sequence[bytes] = (),
    interlaced: bool = False,
) -> bytes:
    """A whole file of samples (height, width, channels), with more chunks before IDAT."""
    header = ihdr(samples.shape[1], samples.shape[0], depth, color, tail=bytes([0, 0, interlaced]))
    raw = interlaced_rows(samples, depth) if interlaced else rows(samples, depth)
    return png(header, *before, idat(raw))
