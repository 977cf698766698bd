"""PNG files as the server takes them: its checks in its order and words; PSNR as it computes it.

Taken: 8 bits a sample or fewer, grey, palette or RGB, alpha where all is opaque; interlaced too.
Refused: whatever two readers could read in two ways.
"""

import io
import math
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_BYTES = 29  # up to the end of IHDR's fields
MAX_SIDE, MAX_PIXELS = 32_768, 64_000_000
MAX_CHUNKS, MAX_ANCILLARY_BYTES = 32_768, 65_536
GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}
DEPTHS = {GREY: (1, 2, 4, 8, 16), PALETTE: (1, 2, 4, 8)}
CRITICAL = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
ANIMATION = (b"acTL", b"fcTL", b"fdAT")
# Adam7: first column, first row, column step, row step of each pass (PNG specification, 8.1).
ADAM7 = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)
)  # fmt: skip
SLICE_IN, SLICE_OUT = 65_536, 262_144
LAST_FILTER = 4  # Paeth

Rgb = NDArray[np.uint8]  # shape (height, width, 3)


class PictureRefused(ValueError):
    """A picture file that is not taken; the message names the mend."""


class Header(NamedTuple):
    """What IHDR says: size in pixels, bits per sample, colour type as the standard numbers it."""

    width: int
    height: int
    depth: int
    color: int
    interlaced: bool


class Run(NamedTuple):
    """Rows of one length, one after another from `start`; each begins with its filter byte."""

    start: int
    row_bytes: int
    rows: int

    @property
    def end(self) -> int:
        return self.start + self.row_bytes * self.rows


def squared_error(a: Rgb, b: Rgb) -> int:
    """Return the exact sum of (a - b)**2 over all samples of two pictures of one size."""
    rows = (x.astype(np.int64).ravel() - y.ravel() for x, y in zip(a, b, strict=True))
    return sum(int(row @ row) for row in rows)


def psnr_db(squared_error: int, samples: int) -> float:
    """Return 10 log10(255**2 / MSE) in dB; identical data has math.inf."""
    if squared_error == 0:
        return math.inf
    return 10 * math.log10(255**2 * samples / squared_error)


def read_picture(data: bytes, size: tuple[int, int] | None = None) -> Rgb:
    """Check a PNG file, and that it has `size` (width, height); return its samples.

    Raises PictureRefused.
    """
    header = read_header(data)
    if size and (header.width, header.height) != size:
        raise PictureRefused(
            f"The picture is {header.width} x {header.height} pixels, not {size[0]} x {size[1]}; "
            "it must have the size of the original."
        )
    walk = _Walk(header)
    walk.take_all(data)
    _check_rows(header, walk.idat)
    return _samples(header, walk)


def read_header(data: bytes) -> Header:
    """Read IHDR from at least the first 29 bytes of a file. Raises PictureRefused."""
    if not data.startswith(SIGNATURE):
        raise PictureRefused("This is not a PNG file; save the picture as PNG.")
    if len(data) < HEADER_BYTES:
        raise PictureRefused("The file ends inside its header; upload it again.")
    if struct.unpack_from(">I4s", data, 8) != (13, b"IHDR"):
        raise PictureRefused("The first chunk must be an IHDR of 13 bytes; save it anew.")
    width, height, depth, color, *methods, interlace = struct.unpack_from(">IIBBBBB", data, 16)
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise PictureRefused(
            f"A picture of {width} x {height} is not taken; sides go from 1 to {MAX_SIDE} pixels, "
            f"and a picture has at most {MAX_PIXELS} pixels."
        )
    known = color in CHANNELS and depth in DEPTHS.get(color, (8, 16))
    if not known or any(methods) or interlace > 1:
        raise PictureRefused("The header has values no PNG may have; save it anew.")
    if depth == 16:
        raise PictureRefused("Samples have 16 bits; save the picture with 8 bits.")
    return Header(width, height, depth, color, bool(interlace))


class _Walk:
    """A strict walk over all chunks, and what it has seen."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.idat: list[memoryview] = []
        self.palette: bytes | None = None
        self.critical = SIGNATURE  # the same picture, without what is beside it
        self._previous = b""
        self._chunks = self._ancillary_bytes = 0

    def take_all(self, data: bytes) -> None:
        """Check length, checksum and order of every chunk. Raises PictureRefused."""
        view, start, kept = memoryview(data), len(SIGNATURE), [SIGNATURE]
        while self._previous != b"IEND":
            if start + 12 > len(data):
                raise PictureRefused("The file ends before its IEND; upload it again.")
            length, kind = struct.unpack_from(">I4s", data, start)
            end = start + 12 + length
            if end > len(data):
                raise PictureRefused(f"The file ends inside {kind!r}; upload it again.")
            self._take(kind, view[start + 8 : end - 4], int.from_bytes(view[end - 4 : end], "big"))
            kept += [data[start:end]] if kind in CRITICAL else []
            start = end
        if start != len(data):
            raise PictureRefused("Bytes follow the end of the picture; save it anew.")
        self.critical = b"".join(kept)

    def _take(self, kind: bytes, payload: memoryview, crc: int) -> None:
        self._chunks += 1
        if self._chunks > MAX_CHUNKS:
            raise PictureRefused(f"More than {MAX_CHUNKS} chunks; save it anew.")
        if zlib.crc32(payload, zlib.crc32(kind)) != crc:
            raise PictureRefused(f"Checksum of {kind!r} is wrong; upload it again.")
        if kind in CRITICAL:
            self._take_critical(kind, payload)
        else:
            self._take_ancillary(kind, len(payload))
        self._previous = kind

    def _take_critical(self, kind: bytes, payload: memoryview) -> None:
        if (kind == b"IHDR") != (self._chunks == 1):
            raise PictureRefused("IHDR must come once, as the first chunk; save it anew.")
        if kind == b"PLTE":
            self._take_palette(bytes(payload))
        elif kind == b"IDAT":
            if self.idat and self._previous != b"IDAT":
                raise PictureRefused("IDAT chunks must follow one another; save it anew.")
            if self.header.color == PALETTE and self.palette is None:
                raise PictureRefused("The palette (PLTE) is missing; save it anew as RGB.")
            self.idat.append(payload)
        elif kind == b"IEND" and not self.idat:
            raise PictureRefused("The file holds no samples (IDAT); save it anew.")
        elif kind == b"IEND" and payload:
            raise PictureRefused("IEND must be empty; save it anew.")

    def _take_palette(self, palette: bytes) -> None:
        if self.palette is not None or self.idat:
            raise PictureRefused("PLTE must come once and before IDAT; save it anew.")
        most = 2**self.header.depth if self.header.color == PALETTE else 256
        entries, rest = divmod(len(palette), 3)
        if rest or not 0 < entries <= most or self.header.color in (GREY, GREY_ALPHA):
            raise PictureRefused("The palette does not fit the header; save it anew.")
        self.palette = palette

    def _take_ancillary(self, kind: bytes, size_bytes: int) -> None:
        if self._chunks == 1:
            raise PictureRefused("IHDR must be the first chunk; save it anew.")
        if not (kind.isalpha() and kind.isascii()):
            raise PictureRefused(f"{kind!r} is no chunk type; save it anew.")
        if kind[:1].isupper():
            raise PictureRefused(f"Unknown {kind!r}; save it anew.")
        if kind == b"tRNS":
            raise PictureRefused("The picture is transparent; save it without.")
        if kind in ANIMATION:
            raise PictureRefused("The picture is animated; save a still one.")
        self._ancillary_bytes += size_bytes
        if self._ancillary_bytes > MAX_ANCILLARY_BYTES:
            raise PictureRefused(
                f"More than {MAX_ANCILLARY_BYTES} bytes beside the picture; save it without "
                "metadata."
            )


def _check_rows(header: Header, idat: Sequence[memoryview]) -> None:
    """Inflate the samples and require exactly the rows that the header promises."""
    layout = _layout(header)
    expected, done = layout[-1].end, 0
    for piece in _inflate(idat):
        if done + len(piece) > expected:
            raise PictureRefused("The file holds more than its rows; save it anew.")
        _check_filters(layout, piece, done)
        done += len(piece)
    if done < expected:
        raise PictureRefused("Rows of the picture are missing; save it anew.")


def _layout(header: Header) -> list[Run]:
    """Return where rows lie in the inflated stream: one run, or up to seven when interlaced."""
    bits = header.depth * CHANNELS[header.color]
    layout: list[Run] = []
    for x, y, dx, dy in ADAM7 if header.interlaced else ((0, 0, 1, 1),):
        width, height = -((x - header.width) // dx), -((y - header.height) // dy)
        if width > 0 and height > 0:
            start = layout[-1].end if layout else 0
            layout.append(Run(start, 1 + (width * bits + 7) // 8, height))
    return layout


def _inflate(idat: Sequence[memoryview]) -> Iterator[bytes]:
    """Inflate one zlib stream spread over IDAT payloads, in slices of at most SLICE_OUT bytes."""
    stream = zlib.decompressobj()
    try:
        for payload in idat:
            for first in range(0, len(payload), SLICE_IN):
                rest: bytes | memoryview = payload[first : first + SLICE_IN]
                while len(rest):
                    if stream.eof:
                        raise PictureRefused("IDAT goes on after its stream ends.")
                    yield stream.decompress(rest, SLICE_OUT)
                    rest = stream.unconsumed_tail or stream.unused_data
        while not stream.eof and (piece := stream.decompress(b"", SLICE_OUT)):
            yield piece
    except zlib.error as error:
        raise PictureRefused(
            "The compressed samples are damaged; upload the file again."
        ) from error
    if not stream.eof:
        raise PictureRefused("The compressed samples end early; upload again.")


def _check_filters(layout: Sequence[Run], piece: bytes, offset: int) -> None:
    """Require filter types 0 to 4 for the rows that begin in this piece of the stream."""
    stream = np.frombuffer(piece, np.uint8)
    for run in layout:
        begun = max(0, -((run.start - offset) // run.row_bytes))  # rows that began before
        first = run.start + begun * run.row_bytes - offset
        filters = stream[first : max(0, run.end - offset) : run.row_bytes]
        if filters.size and int(filters.max()) > LAST_FILTER:
            raise PictureRefused("A row has a filter no PNG may have; save it anew.")


def _samples(header: Header, walk: _Walk) -> Rgb:
    try:
        with Image.open(io.BytesIO(walk.critical), formats=["PNG"]) as picture:
            if header.color == PALETTE:
                return _look_up(np.asarray(picture), walk.palette or b"")
            if "A" in picture.getbands() and int(np.asarray(picture.getchannel("A")).min()) < 255:
                raise PictureRefused("The picture is transparent in places; save it without alpha.")
            return np.asarray(picture.convert("RGB"))
    except (OSError, SyntaxError) as error:
        raise PictureRefused(f"The decoder refused it ({error}); save it anew as PNG.") from error


def _look_up(indices: NDArray[np.uint8], palette: bytes) -> Rgb:
    colors = np.frombuffer(palette, np.uint8).reshape(-1, 3)
    if int(indices.max()) >= len(colors):
        raise PictureRefused("A pixel's index is beyond the palette; save it as RGB.")
    return colors[indices]
