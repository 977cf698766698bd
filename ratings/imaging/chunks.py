# SPDX-License-Identifier: Apache-2.0
"""PNG as a sequence of chunks: header, order and checksums, read before any decoder sees a byte.

Follows the PNG specification, third edition (W3C, 2025), sections 5 and 11, and refuses whatever
could make two decoders disagree about the samples.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ratings.imaging.native import zlib
from ratings.imaging.picture_errors import PictureRefused

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_BYTES = 29  # signature, length and type of IHDR, its 13 bytes: all that `read_header` needs
MAX_SIDE = 32_768
MAX_PIXELS = 64_000_000  # below the size at which Pillow starts to warn of bombs
MAX_CHUNKS = 32_768
MAX_ANCILLARY_BYTES = 65_536

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}
DEPTHS = {
    GREY: (1, 2, 4, 8, 16),
    RGB: (8, 16),
    PALETTE: (1, 2, 4, 8),
    GREY_ALPHA: (8, 16),
    RGB_ALPHA: (8, 16),
}
CRITICAL_KINDS = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
ANIMATION = (b"acTL", b"fcTL", b"fdAT")


@dataclass(frozen=True)
class PngHeader:
    """What IHDR says: size in pixels, bits per sample, colour type as the standard numbers it."""

    width: int
    height: int
    bit_depth: int
    color_type: int
    interlaced: bool

    @property
    def is_plain(self) -> bool:
        """Whether the file stores rows of 8-bit RGB, one after another."""
        return (self.color_type, self.bit_depth, self.interlaced) == (RGB, 8, False)


class Chunk(NamedTuple):
    """One chunk: its type, its payload, the checksum it claims, and where it lies in the file."""

    kind: bytes
    payload: memoryview
    crc: int
    start: int
    end: int


def read_header(data: bytes) -> PngHeader:
    """Read IHDR from at least the first 29 bytes of a file; raises PictureRefused.

    Refuses what is no PNG, sizes out of bounds, and kinds of picture that are not taken (16 bits).
    """
    if not data.startswith(SIGNATURE):
        raise PictureRefused("signature", "This is not a PNG file; save the picture as PNG.")
    if len(data) < HEADER_BYTES:
        raise PictureRefused("truncated", "The file ends inside its header; upload it again.")
    length, kind = struct.unpack_from(">I4s", data, 8)
    if (length, kind) != (13, b"IHDR"):
        raise PictureRefused("header", "The first chunk must be an IHDR of 13 bytes; save it anew.")
    width, height, depth, color, compression, filtering, interlace = struct.unpack_from(
        ">IIBBBBB", data, 16
    )
    _require_size(width, height)
    if depth not in DEPTHS.get(color, ()) or compression or filtering or interlace > 1:
        raise PictureRefused("header", "The header has values no PNG may have; save it anew.")
    if depth == 16:
        raise PictureRefused("bit_depth", "Samples have 16 bits; save the picture with 8 bits.")
    return PngHeader(width, height, depth, color, bool(interlace))


def _require_size(width: int, height: int) -> None:
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise PictureRefused(
            "size",
            f"A picture of {width} x {height} is not taken; sides go from 1 to {MAX_SIDE} pixels, "
            f"and a picture has at most {MAX_PIXELS} pixels.",
        )


def _shown(kind: bytes) -> str:
    return repr(kind.decode("latin-1"))


def iter_chunks(data: bytes) -> Iterator[Chunk]:
    """Yield the chunks of a file up to IEND without looking into them; raises PictureRefused."""
    view, start, kind = memoryview(data), len(SIGNATURE), b""
    while kind != b"IEND":
        if start + 12 > len(data):
            raise PictureRefused("truncated", "The file ends before its IEND; upload it again.")
        length, kind = struct.unpack_from(">I4s", data, start)
        end = start + 12 + length
        if end > len(data):
            raise PictureRefused(
                "truncated", f"The file ends inside its {_shown(kind)}; upload it again."
            )
        crc = int.from_bytes(view[end - 4 : end], "big")
        yield Chunk(kind, view[start + 8 : end - 4], crc, start, end)
        start = end


def check_chunks(data: bytes, header: PngHeader) -> list[memoryview]:
    """Walk all chunks of a file strictly and return the payloads of its IDAT chunks.

    Raises PictureRefused for wrong checksums, order, repetition, unknown critical chunks,
    transparency, animation, too many chunks or bytes beside the picture, and bytes after IEND.
    """
    walk = _Walk(header)
    for chunk in iter_chunks(data):
        walk.take(chunk)
    if chunk.end != len(data):
        raise PictureRefused("trailing", "Bytes follow the end of the picture; save it anew.")
    return walk.idat


class _Walk:
    """The state of one strict walk: what has been seen, so that order can be judged."""

    def __init__(self, header: PngHeader) -> None:
        self.header = header
        self.idat: list[memoryview] = []
        self.previous = b""
        self.chunks = self.ancillary_bytes = 0
        self.has_palette = False

    def take(self, chunk: Chunk) -> None:
        self.chunks += 1
        if self.chunks > MAX_CHUNKS:
            raise PictureRefused("chunk_count", f"More than {MAX_CHUNKS} chunks; save it anew.")
        if zlib.crc32(chunk.payload, zlib.crc32(chunk.kind)) != chunk.crc:
            raise PictureRefused(
                "crc", f"Checksum of {_shown(chunk.kind)} is wrong; upload it again."
            )
        if chunk.kind in CRITICAL_KINDS:
            self._take_critical(chunk)
        else:
            self._take_ancillary(chunk)
        self.previous = chunk.kind

    def _take_critical(self, chunk: Chunk) -> None:
        if (chunk.kind == b"IHDR") != (self.chunks == 1):
            raise PictureRefused("order", "IHDR must come once, as the first chunk; save it anew.")
        if chunk.kind == b"PLTE":
            self._take_palette(len(chunk.payload))
        elif chunk.kind == b"IDAT":
            self._take_idat(chunk.payload)
        elif chunk.kind == b"IEND":
            self._take_end(len(chunk.payload))

    def _take_palette(self, size_bytes: int) -> None:
        if self.has_palette or self.idat:
            raise PictureRefused("order", "PLTE must come once and before IDAT; save it anew.")
        most = 2**self.header.bit_depth if self.header.color_type == PALETTE else 256
        entries, rest = divmod(size_bytes, 3)
        if rest or not 0 < entries <= most or self.header.color_type in (GREY, GREY_ALPHA):
            raise PictureRefused("palette", "The palette does not fit the header; save it anew.")
        self.has_palette = True

    def _take_idat(self, payload: memoryview) -> None:
        if self.idat and self.previous != b"IDAT":
            raise PictureRefused("order", "IDAT chunks must follow one another; save it anew.")
        if self.header.color_type == PALETTE and not self.has_palette:
            raise PictureRefused("palette", "The palette (PLTE) is missing; save it anew as RGB.")
        self.idat.append(payload)

    def _take_end(self, size_bytes: int) -> None:
        if not self.idat:
            raise PictureRefused("order", "The file holds no samples (IDAT); save it anew.")
        if size_bytes:
            raise PictureRefused("end", "IEND must be empty; save it anew.")

    def _take_ancillary(self, chunk: Chunk) -> None:
        if self.chunks == 1:
            raise PictureRefused("order", "IHDR must be the first chunk; save it anew.")
        if not (chunk.kind.isalpha() and chunk.kind.isascii()):
            raise PictureRefused(
                "chunk_type", f"{_shown(chunk.kind)} is no chunk type; save it anew."
            )
        if chunk.kind[:1].isupper():
            raise PictureRefused("unknown_critical", f"Unknown {_shown(chunk.kind)}; save it anew.")
        if chunk.kind == b"tRNS":
            raise PictureRefused("transparency", "The picture is transparent; save it without.")
        if chunk.kind in ANIMATION:
            raise PictureRefused("animation", "The picture is animated; save a still one.")
        self.ancillary_bytes += len(chunk.payload)
        if self.ancillary_bytes > MAX_ANCILLARY_BYTES:
            raise PictureRefused(
                "ancillary",
                f"More than {MAX_ANCILLARY_BYTES} bytes beside the picture; save it without "
                "metadata.",
            )
